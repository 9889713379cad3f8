/** A place in a file's tokens, whatever the IDL: what a parser asks of it, and the errors that it makes. */
import * as Diagnostic from "./Diagnostic.ts"
import type { Token } from "./Lexer.ts"
import type { Source, Span } from "./Source.ts"
import * as DocComment from "./DocComment.ts"

/** Leaves the item being parsed; caught by the loop over the items, never outside of the parser. */
export class Unexpected extends Error {
  readonly span: Span

  constructor(message: string, span: Span) {
    super(message)
    this.span = span
  }
}

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
  /** Words in what was skipped: nothing is said about names that may be declared there. */
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

  trySymbol(text: string): boolean {
    if (!this.isSymbol(text)) return false
    this.index++
    return true
  }

  tryWord(text: string): boolean {
    if (!this.isWord(text)) return false
    this.index++
    return true
  }

  fail(expected: string, hint = ""): never {
    throw new Unexpected(`expected ${expected}, found ${describe(this.peek())}${hint}`, this.peek())
  }

  expectSymbol(text: string, after: string): Token {
    if (!this.isSymbol(text)) this.fail(`\`${text}\` ${after}`)
    return this.take()
  }

  /** One finding a place: what is wrong there is told by the first. */
  report(span: Span, message: string): void {
    if (span.start === this.reportedAt) return
    this.reportedAt = span.start
    this.diagnostics.push(Diagnostic.make(this.source, span, "error", message))
  }

  /** The documentation before the next token. */
  doc(): string {
    return DocComment.leading(this.source, this.previous, this.peek())
  }

  protected skipToken(): Token {
    const token = this.take()
    if (token.kind === "word") this.damaged.add(token.text)
    return token
  }
}
