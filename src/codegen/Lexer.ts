/** What the lexers of both IDLs share: tokens with the comments before them, and how a text becomes a list of them. */
import * as Diagnostic from "./Diagnostic.ts"
import type * as Source from "./Source.ts"

/** A comment by its range, its signs included; `doc` is one that begins with two stars. */
export interface Comment {
  readonly style: "line" | "block" | "doc"
  readonly start: number
  readonly end: number
}

/** One token, and the comments before it. */
export interface Token {
  readonly kind: "word" | "int" | "double" | "string" | "symbol" | "end"
  /** As written; a string's as the IDL's own lexer has it. */
  readonly text: string
  readonly start: number
  readonly end: number
  /** The comments between the token before and this one. */
  readonly comments: ReadonlyArray<Comment>
}

/** The tokens of a source, and what is wrong with them. */
export interface Tokens {
  /** Ends with exactly one token of kind `end`. */
  readonly tokens: ReadonlyArray<Token>
  readonly diagnostics: ReadonlyArray<Diagnostic.Diagnostic>
}

const none: ReadonlyArray<Comment> = []

/** What a sticky pattern matches at an offset. */
export const matchAt = (pattern: RegExp, text: string, offset: number): string | undefined => {
  pattern.lastIndex = offset
  return pattern.exec(text)?.[0]
}

/** Whether a character's code ends a line. */
export const isLineEnd = (code: number): boolean => code === 10 || code === 13

/** The offset of the next line end, or that of the text's end. */
export const endOfLine = (text: string, start: number): number => {
  let offset = start
  while (offset < text.length && !isLineEnd(text.charCodeAt(offset))) offset++
  return offset
}

/** A way through a text. An IDL's own lexer adds what its words, numbers and strings are. */
export abstract class Lexer {
  readonly tokens: Array<Token> = []
  readonly diagnostics: Array<Diagnostic.Diagnostic> = []
  readonly source: Source.Source
  readonly text: string
  offset = 0
  private comments: Array<Comment> = []

  constructor(source: Source.Source) {
    this.source = source
    this.text = source.text
  }

  /** Takes at least one character: a token, a comment or white space. */
  abstract step(): void

  push(kind: Token["kind"], text: string, end: number): void {
    const comments = this.comments.length === 0 ? none : this.comments
    this.tokens.push({ kind, text, start: this.offset, end, comments })
    if (comments !== none) this.comments = []
    this.offset = end
  }

  fail(message: string, start: number, end: number): void {
    this.diagnostics.push(Diagnostic.make(this.source, { start, end }, "error", message))
  }

  comment(style: Comment["style"], end: number): void {
    this.comments.push({ style, start: this.offset, end })
    this.offset = end
  }

  blockComment(): void {
    const start = this.offset
    const close = this.text.indexOf("*/", start + 2)
    if (close < 0) {
      this.fail("this comment is never closed; expected `*/`", start, start + 2)
      this.offset = this.text.length
      return
    }
    const isDoc = this.text.charCodeAt(start + 2) === 42 && close > start + 2
    this.comment(isDoc ? "doc" : "block", close + 2)
  }

  /** All tokens. Linear in the length of the text. */
  run(): Tokens {
    while (this.offset < this.text.length) this.step()
    this.push("end", "", this.offset)
    return { tokens: this.tokens, diagnostics: this.diagnostics }
  }
}
