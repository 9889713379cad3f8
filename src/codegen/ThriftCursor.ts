/**
 * A place in a Thrift file's tokens: what the parser asks of it, and how it finds its way after an error.
 */
import * as Tokens from "./Cursor.ts"
import type { Token } from "./Lexer.ts"
import * as DocComment from "./DocComment.ts"

const typeKeywords = new Set(["struct", "union", "exception", "enum", "senum", "service"])
const lineKeywords = new Set(["const", "typedef", "namespace", "include", "cpp_include"])

/** One pass over the tokens; syntax errors leave the item at hand by `Unexpected`. */
export class Cursor extends Tokens.Cursor {
  override fail(expected: string): never {
    return super.fail(
      expected,
      this.isSymbol("@") ? "; `@` annotations belong to Meta's fbthrift, which is another language" : ""
    )
  }

  /** Any word is a name: Thrift's keywords are ones only where the grammar has them. */
  expectWord(what: string): Token {
    if (this.peek().kind !== "word") this.fail(what)
    return this.take()
  }

  expectString(what: string): string {
    if (this.peek().kind !== "string") this.fail(what)
    return this.take().text
  }

  /** One `,` or `;`. */
  separator(): boolean {
    return this.trySymbol(",") || this.trySymbol(";")
  }

  /** Whether the token is the first of its line. */
  isFirstOnLine(ahead = 0): boolean {
    const token = this.peek(ahead)
    const before = this.tokens[this.index + ahead - 1]
    return before === undefined || /[\r\n]/.test(this.source.text.slice(before.end, token.start))
  }

  /** Whether a declaration or header surely begins here, whatever was being parsed. */
  isDeclarationHead(): boolean {
    const token = this.peek()
    if (token.kind !== "word" || !this.isFirstOnLine()) return false
    if (typeKeywords.has(token.text)) {
      return this.peek(1).kind === "word" && (this.isSymbol("{", 2) || this.isWord("extends", 2))
    }
    const atMargin = token.start === 0 || /[\r\n]/.test(this.source.text.charAt(token.start - 1))
    return lineKeywords.has(token.text) && atMargin
  }

  /** The documentation of an item that has just been taken with its separator. */
  docWithTrailing(before: string): string {
    const last = this.previous
    const after = last === undefined ? "" : DocComment.trailing(this.source, last, this.peek())
    return before === "" || after === "" ? before + after : `${before}\n${after}`
  }

  /** Skips to where the next item may begin: past a separator, before `close`, or before a declaration. */
  private skipItem(close: string): void {
    let depth = 0
    while (this.peek().kind !== "end" && !this.isDeclarationHead()) {
      const token = this.peek()
      if (token.kind === "symbol") {
        if (depth === 0 && (token.text === close || token.text === "}")) return
        if (depth === 0 && (token.text === "," || token.text === ";")) return void this.take()
        if (token.text === "{" || token.text === "(" || token.text === "[") depth++
        if (token.text === "}" || token.text === ")" || token.text === "]") depth = Math.max(0, depth - 1)
      }
      if (depth === 0 && token.kind === "int" && this.isSymbol(":", 1)) return
      this.skipToken()
    }
  }

  /** Runs `parse`; after a syntax error reports it and returns undefined. */
  attempt<A>(parse: () => A, recover: () => void): A | undefined {
    try {
      return parse()
    } catch (error) {
      if (!(error instanceof Tokens.Unexpected)) throw error
      this.report(error.span, error.message)
      recover()
      return undefined
    }
  }

  /** Items up to `close`, which is taken; a syntax error costs the item that it stands in. */
  items<A>(close: string, of: string, parse: () => A): ReadonlyArray<A> {
    const items: Array<A> = []
    while (!this.trySymbol(close)) {
      if (this.peek().kind === "end" || this.isDeclarationHead() || (close === ")" && this.isSymbol("}"))) {
        this.report(this.peek(), `expected \`${close}\` to close ${of}, found ${Tokens.describe(this.peek())}`)
        return items
      }
      const start = this.index
      const item = this.attempt(parse, () => {
        if (this.index === start && !this.isSymbol(close)) this.skipToken()
        this.skipItem(close)
      })
      if (item !== undefined) items.push(item)
    }
    return items
  }

  /** Skips to the next declaration or header; closing braces that nothing opened are told once, not each. */
  skipDeclaration(): void {
    let depth = 0
    while (this.peek().kind !== "end" && !this.isDeclarationHead()) {
      const token = this.skipToken()
      if (token.kind !== "symbol") continue
      if (token.text === "{") depth++
      if (token.text === "}") {
        depth--
        if (depth <= 0) break
      }
    }
    while (this.isSymbol("}")) this.skipToken()
  }
}
