/**
 * Thrift text to tokens. Never fails: what is no token becomes a symbol that the grammar has no place for.
 */
import { endOfLine, Lexer, matchAt, type Tokens } from "./Lexer.ts"
import type * as Source from "./Source.ts"

const word = /[A-Za-z_](?:\.?[A-Za-z0-9_])*/y
const int = /[+-]?(?:0[xX][0-9A-Fa-f]+|[0-9]+)/y
const double = /[+-]?(?:[0-9]+\.[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)/y
const symbols = "{}()[]<>,;:=*&"

const simpleEscapes: Record<string, string> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  v: "\v",
  "0": "\0",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "/": "/"
}

/** What follows a backslash; an escape that nobody defines stays as written, as Go's and Rust's tools read it. */
const escape = /\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|(\r\n|[^]))/g

const unescape = (raw: string): string =>
  raw.includes("\\")
    ? raw.replace(escape, (all: string, byte?: string, unit?: string, point?: string, other?: string) => {
        const code = Number.parseInt(byte ?? unit ?? point ?? "", 16)
        if (Number.isNaN(code)) return simpleEscapes[other ?? ""] ?? all
        return code > 0x10ffff ? all : String.fromCodePoint(code)
      })
    : raw

/** The offset of the closing quote before `limit`, or -1. */
const closingQuote = (text: string, start: number, limit: number, quote: number): number => {
  for (let offset = start; offset < limit; offset++) {
    const code = text.charCodeAt(offset)
    if (code === quote) return offset
    if (code === 92) offset++
  }
  return -1
}

const isSpace = (code: number): boolean =>
  code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || code === 0xfeff || code === 0x3000

class ThriftLexer extends Lexer {
  /** Set by a string that never closes: the ones after it must close on their line, which keeps the work linear. */
  oneLineStrings = false

  string(quote: number): void {
    const limit = this.oneLineStrings ? endOfLine(this.text, this.offset) : this.text.length
    const close = closingQuote(this.text, this.offset + 1, limit, quote)
    const end = close < 0 ? endOfLine(this.text, this.offset) : close
    if (close < 0) {
      this.oneLineStrings = true
      const sign = String.fromCharCode(quote)
      this.fail(`this string is never closed; expected \`${sign}\``, this.offset, end)
    }
    this.push("string", unescape(this.text.slice(this.offset + 1, end)), close < 0 ? end : end + 1)
  }

  /** What is no token is one all the same: the parser says where it stands in the way. */
  unknown(): void {
    const point = String.fromCodePoint(this.text.codePointAt(this.offset)!)
    let end = this.offset + point.length
    while (this.text.startsWith(point, end)) end += point.length
    this.push("symbol", point, end)
  }

  number(): boolean {
    const decimal = matchAt(double, this.text, this.offset)
    const whole = matchAt(int, this.text, this.offset)
    if (decimal === undefined && whole === undefined) return false
    if (decimal !== undefined && decimal.length > (whole?.length ?? 0)) {
      this.push("double", decimal, this.offset + decimal.length)
    } else {
      this.push("int", whole!, this.offset + whole!.length)
    }
    return true
  }

  override step(): void {
    const code = this.text.charCodeAt(this.offset)
    if (isSpace(code)) {
      this.offset++
      return
    }
    const next = this.text.charCodeAt(this.offset + 1)
    if (code === 35 || (code === 47 && next === 47)) return this.comment("line", endOfLine(this.text, this.offset))
    if (code === 47 && next === 42) return this.blockComment()
    if (code === 34 || code === 39) return this.string(code)
    const name = matchAt(word, this.text, this.offset)
    if (name !== undefined) return this.push("word", name, this.offset + name.length)
    if (this.number()) return
    const sign = this.text.charAt(this.offset)
    if (symbols.includes(sign)) return this.push("symbol", sign, this.offset + 1)
    this.unknown()
  }
}

/** All tokens of a source, a string's text being its content with escapes resolved. Linear in the length. */
export const tokenize = (source: Source.Source): Tokens => new ThriftLexer(source).run()

/** The value of an `int` token's text; absurdly long ones become some number that fits no integer type. */
export const toBigInt = (text: string): bigint => {
  const digits = text.replace(/^[+-]/, "").replace(/^0+(?=[0-9])/, "")
  const value = digits.length > 40 ? 1n << 128n : BigInt(digits)
  return text.startsWith("-") ? -value : value
}
