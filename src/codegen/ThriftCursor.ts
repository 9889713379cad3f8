/**
 * A place in a file's tokens: what the parser asks of it, the errors it makes, and how it finds its way after one.
 */
import * as Diagnostic from "./Diagnostic.ts"
import type { Source, Span } from "./Source.ts"
import * as ThriftDoc from "./ThriftDoc.ts"
import type { Token } from "./ThriftLexer.ts"

/** Leaves the item being parsed; caught by the loop over the items, never outside of the parser. */
export class Unexpected extends Error {
  readonly span: Span

  constructor(message: string, span: Span) {
    super(message)
    this.span = span
  }
}

const typeKeywords = new Set(["struct", "union", "exception", "enum", "senum", "service"])
const lineKeywords = new Set(["const", "typedef", "namespace", "include", "cpp_include"])

/** How a token is called in a message. */
export const describe = (token: Token): string => {
  if (token.kind === "end") return "the end of the file"
  if (token.kind === "string") return "a string"
  const code = token.text.codePointAt(0)!
  if (code < 32 || (code >= 127 && code < 160))
    return `the character U+${code.toString(16).toUpperCase().padStart(4, "0")}`
  return `\`${token.text.length > 60 ? `${token.text.slice(0, 60)}...` : token.text}\``
}

/** The tokens of a file, the one that is next, and the findings so far. */
export class Cursor {
  readonly source: Source
  readonly tokens: ReadonlyArray<Token>
  readonly diagnostics: Array<Diagnostic.Diagnostic> = []
  readonly damaged = new Set<string>()
  index = 0
  private reportedAt = -1

  constructor(source: Source, tokens: ReadonlyArray<Token>) {
    this.source = source
    this.tokens = tokens
  }

  /** The token `ahead` places on; past the end it is the end token. */
  peek(ahead = 0): Token {
    return this.tokens[this.index + ahead] ?? this.tokens[this.tokens.length - 1]!
  }

  /** The token that was taken last. */
  get previous(): Token | undefined {
    return this.tokens[this.index - 1]
  }

  take(): Token {
    const token = this.peek()
    if (token.kind !== "end") this.index++
    return token
  }

  isSymbol(text: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === "symbol" && token.text === text
  }

  isWord(text: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === "word" && token.text === text
  }

  tryTake(kind: "symbol" | "word", text: string): boolean {
    const token = this.peek()
    if (token.kind !== kind || token.text !== text) return false
    this.index++
    return true
  }

  fail(expected: string): never {
    const token = this.peek()
    const hint = this.isSymbol("@") ? "; `@` annotations belong to Meta's fbthrift, which is another language" : ""
    throw new Unexpected(`expected ${expected}, found ${describe(token)}${hint}`, token)
  }

  expectSymbol(text: string, after: string): void {
    if (!this.tryTake("symbol", text)) this.fail(`\`${text}\` ${after}`)
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
    return this.tryTake("symbol", ",") || this.tryTake("symbol", ";")
  }

  /** One finding a place: what is wrong there is told by the first. */
  report(span: Span, message: string): void {
    if (span.start === this.reportedAt) return
    this.reportedAt = span.start
    this.diagnostics.push(Diagnostic.make(this.source, span, "error", message))
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

  doc(): string {
    return ThriftDoc.leading(this.source, this.previous, this.peek())
  }

  /** The documentation of an item that has just been taken with its separator. */
  docWithTrailing(before: string): string {
    const last = this.previous
    const after = last === undefined ? "" : ThriftDoc.trailing(this.source, last, this.peek())
    return before === "" || after === "" ? before + after : `${before}\n${after}`
  }

  private skipToken(): Token {
    const token = this.take()
    if (token.kind === "word") this.damaged.add(token.text)
    return token
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
      if (!(error instanceof Unexpected)) throw error
      this.report(error.span, error.message)
      recover()
      return undefined
    }
  }

  /** Items up to `close`, which is taken; a syntax error costs the item that it stands in. */
  items<A>(close: string, of: string, parse: () => A): ReadonlyArray<A> {
    const items: Array<A> = []
    while (!this.tryTake("symbol", close)) {
      if (this.peek().kind === "end" || this.isDeclarationHead() || (close === ")" && this.isSymbol("}"))) {
        this.report(this.peek(), `expected \`${close}\` to close ${of}, found ${describe(this.peek())}`)
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
