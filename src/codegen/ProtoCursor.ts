/**
 * A place in a .proto file's tokens: what the parser asks of it, and how it finds its way after an error.
 */
import * as Tokens from "./Cursor.ts"
import type { Token } from "./Lexer.ts"
import type * as Ast from "./ProtoAst.ts"
import * as ProtoLexer from "./ProtoLexer.ts"
import * as ProtoString from "./ProtoString.ts"
import type { Span } from "./Source.ts"
import * as DocComment from "./DocComment.ts"

const heads = new Set(["message", "enum", "service", "extend", "import", "package", "option", "syntax", "edition"])

/** One pass over the tokens; syntax errors leave the item at hand by `Unexpected`. */
export class Cursor extends Tokens.Cursor {
  /** Any word is a name: keywords are ones only where the grammar has them. */
  expectName(what: string): Ast.Name {
    if (this.peek().kind !== "word") this.fail(what)
    const token = this.take()
    return { text: token.text, span: { start: token.start, end: token.end } }
  }

  /** `a.b.c`, with a dot before it where `absolute` allows. */
  expectDotted(what: string, absolute: boolean): Ast.Name {
    const start = this.peek().start
    let text = absolute && this.trySymbol(".") ? "." : ""
    text += this.expectName(what).text
    while (this.trySymbol(".")) text += `.${this.expectName("a name after `.`").text}`
    return { text, span: this.spanFrom(start) }
  }

  /** One string or several that stand side by side. */
  expectBytes(what: string): { readonly bytes: Uint8Array; readonly span: Span } {
    if (this.peek().kind !== "string") this.fail(what)
    const start = this.peek().start
    const parts: Array<Uint8Array> = []
    while (this.peek().kind === "string") parts.push(ProtoString.toBytes(this.take().text))
    const bytes = parts.length === 1 ? parts[0]! : Uint8Array.from(parts.flatMap((part) => [...part]))
    return { bytes, span: this.spanFrom(start) }
  }

  expectText(what: string): Ast.Name {
    const { bytes, span } = this.expectBytes(what)
    return { text: ProtoString.toText(bytes) ?? "", span }
  }

  /** An integer; with a `-` before it where `signed` allows. */
  expectInt(what: string, signed: boolean): Ast.Int {
    const start = this.peek().start
    const isNegative = signed && this.trySymbol("-")
    if (this.peek().kind !== "int") this.fail(what)
    const value = ProtoLexer.toBigInt(this.take().text)
    return { value: isNegative ? -value : value, span: this.spanFrom(start) }
  }

  spanFrom(start: number): Span {
    return { start, end: this.previous?.end ?? start }
  }

  /** The comment behind what has just been taken, on the same line; only for what has none before it. */
  docOr(before: string): string {
    const last = this.previous
    if (before !== "" || last === undefined) return before
    return DocComment.trailing(this.source, last, this.peek())
  }

  /** Whether a declaration of the file's top level surely begins here: a keyword at the margin. */
  isHead(): boolean {
    const token = this.peek()
    if (token.kind !== "word" || !heads.has(token.text)) return false
    const next = this.peek(1).kind
    if (next !== "word" && next !== "string") return false
    return token.start === 0 || /[\r\n]/.test(this.source.text.charAt(token.start - 1))
  }

  /** How many braces stand open of those that were taken from a token on. */
  private openSince(start: number): number {
    let depth = 0
    for (let index = start; index < this.index; index++) {
      const { kind, text } = this.tokens[index]!
      if (kind !== "symbol") continue
      if (text === "{") depth++
      if (text === "}") depth = Math.max(0, depth - 1)
    }
    return depth
  }

  /** Skips to where the next item may begin: past a `;` or a block, before the `}` that ends the items. */
  private skipItem(open: number): void {
    let depth = open
    while (this.peek().kind !== "end" && !this.isHead()) {
      const isOpen = this.isSymbol("{")
      const isClose = this.isSymbol("}")
      if (depth === 0 && isClose) return
      const isEnd = depth === 0 && this.isSymbol(";")
      this.skipToken()
      if (isOpen) depth++
      if (isClose) depth--
      if (isEnd || (isClose && depth === 0)) return
    }
  }

  /** Runs `parse`; after a syntax error reports it, skips to the next item and returns undefined. */
  attempt<A>(parse: () => A): A | undefined {
    const start = this.index
    try {
      return parse()
    } catch (error) {
      if (!(error instanceof Tokens.Unexpected)) throw error
      this.report(error.span, error.message)
      for (let index = start; index < this.index; index++) {
        const token = this.tokens[index]!
        if (token.kind === "word") this.damaged.add(token.text)
      }
      if (this.index === start && !this.isSymbol("}")) this.skipToken()
      this.skipItem(this.openSince(start))
      return undefined
    }
  }

  /**
   * What stands between `{` and `}`, both taken; a syntax error costs the item that it stands in. A `;` alone is nothing,
   * unless `mayBeEmpty` is false.
   */
  block<A>(of: string, parse: () => A | undefined, mayBeEmpty = true): ReadonlyArray<A> {
    const open = this.expectSymbol("{", `to open ${of}`)
    const items: Array<A> = []
    while (!this.trySymbol("}")) {
      if (this.peek().kind === "end" || this.isStrayHead(open)) {
        this.report(this.peek(), `expected \`}\` to close ${of}, found ${Tokens.describe(this.peek())}`)
        return items
      }
      if (mayBeEmpty && this.trySymbol(";")) continue
      const item = this.attempt(parse)
      if (item !== undefined) items.push(item)
    }
    return items
  }

  /** A top-level head inside of a block that is indented like one: the block's `}` is missing. */
  private isStrayHead(open: Token): boolean {
    if (!this.isHead()) return false
    const lineStart = Math.max(
      this.source.text.lastIndexOf("\n", open.start - 1),
      this.source.text.lastIndexOf("\r", open.start - 1)
    )
    const isAtMargin = !/\s/.test(this.source.text.charAt(lineStart + 1))
    const word = this.peek().text
    return isAtMargin && (word === "service" || word === "import" || word === "package" || word === "syntax")
  }
}
