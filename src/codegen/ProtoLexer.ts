/**
 * Protobuf text to tokens. Never fails: what is no token becomes a symbol that the grammar has no place for.
 */
import { endOfLine, isLineEnd, Lexer, matchAt, type Tokens } from "./Lexer.ts"
import * as ProtoString from "./ProtoString.ts"
import type * as Source from "./Source.ts"

const word = /[A-Za-z_][A-Za-z0-9_]*/y
const number = /0[xX][0-9A-Fa-f]*|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]*)?/y
const space = /[ \t\n\r\v\f]+/y
/** A run of what no token begins with: most likely the file is no text at all, so it is one finding. */
const foreign = /[^\t\n\r\v\f -~]+/y
const symbols = "{}()[]<>,;:=-+./"

/** Why a number is none, or undefined. */
const numberFault = (text: string): string | undefined => {
  if (/^0[xX]$/.test(text)) return "expected hexadecimal digits after `0x`"
  if (/[eE][+-]?$/.test(text) && !/^0[xX]/.test(text)) return "expected digits after the exponent's `e`"
  if (/^0[0-9]+$/.test(text) && /[89]/.test(text)) return "a number that begins with 0 is octal; expected digits 0 to 7"
  return undefined
}

class ProtoLexer extends Lexer {
  /** As C has them: they do not nest, and a second `/*` is most likely a mistake. */
  override blockComment(): void {
    const start = this.offset
    const findings = this.diagnostics.length
    super.blockComment()
    const nested = this.text.slice(start + 2, this.offset - 2).indexOf("/*")
    if (nested < 0 || this.diagnostics.length > findings) return
    const at = start + 2 + nested
    this.fail("`/*` inside of a comment; comments do not nest, expected `*/` first", at, at + 2)
  }

  string(quote: number): void {
    let end = this.offset + 1
    while (end < this.text.length) {
      const code = this.text.charCodeAt(end)
      if (code === quote || isLineEnd(code)) break
      end += code === 92 && !isLineEnd(this.text.charCodeAt(end + 1)) ? 2 : 1
    }
    end = Math.min(end, this.text.length)
    if (this.text.charCodeAt(end) !== quote) {
      const sign = String.fromCharCode(quote)
      this.fail(`this string is not closed on its line; expected \`${sign}\``, this.offset, end)
      return this.push("string", `${this.text.slice(this.offset, end)}${sign}`, end)
    }
    const text = this.text.slice(this.offset, end + 1)
    const fault = ProtoString.fault(text)
    if (fault !== undefined) {
      this.fail(fault.message, this.offset + fault.start, this.offset + fault.end)
    }
    this.push("string", text, end + 1)
  }

  number(text: string): void {
    const end = this.offset + text.length
    const fault = numberFault(text)
    if (fault !== undefined) this.fail(fault, this.offset, end)
    const glued = matchAt(word, this.text, end)
    if (glued !== undefined && fault === undefined) {
      this.fail(`expected a space between the number and \`${glued}\``, end, end + glued.length)
    } else if (this.text.charAt(end) === "." && fault === undefined) {
      this.fail("a second decimal point; expected a space or the end of the number", end, end + 1)
    }
    this.push(/^(?:0[xX][0-9A-Fa-f]*|[0-9]+)$/.test(text) ? "int" : "double", text, end)
  }

  unknown(): void {
    const run = matchAt(foreign, this.text, this.offset) ?? this.text.charAt(this.offset)
    const point = String.fromCodePoint(this.text.codePointAt(this.offset)!)
    const code = point.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")
    const shown = /[!-~]/.test(point) ? `\`${point}\`` : `the character U+${code}`
    const hint = /[!-~]/.test(point) ? "" : " (a .proto file is UTF-8; other than ASCII only in strings and comments)"
    this.fail(`${shown} begins nothing in a .proto file${hint}`, this.offset, this.offset + run.length)
    this.offset += run.length
  }

  override step(): void {
    const blank = matchAt(space, this.text, this.offset)
    if (blank !== undefined) {
      this.offset += blank.length
      return
    }
    const code = this.text.charCodeAt(this.offset)
    const next = this.text.charCodeAt(this.offset + 1)
    if (code === 47 && next === 47) return this.comment("line", endOfLine(this.text, this.offset))
    if (code === 47 && next === 42) return this.blockComment()
    if (code === 34 || code === 39) return this.string(code)
    const name = matchAt(word, this.text, this.offset)
    if (name !== undefined) return this.push("word", name, this.offset + name.length)
    const digits = matchAt(number, this.text, this.offset)
    if (digits !== undefined) return this.number(digits)
    const sign = this.text.charAt(this.offset)
    if (symbols.includes(sign)) return this.push("symbol", sign, this.offset + 1)
    this.unknown()
  }
}

/** All tokens of a source, a string's text being as written, with its quotes. Linear in the length. */
export const tokenize = (source: Source.Source): Tokens => new ProtoLexer(source).run()

/** The value of an `int` token's text; absurdly long ones become some number that fits no integer type. */
export const toBigInt = (text: string): bigint => {
  if (text.length > 64) return 1n << 128n
  if (/^0[0-7]+$/.test(text)) return BigInt(`0o${text.slice(1)}`)
  if (/^0[0-9]+$/.test(text)) return BigInt(text.replace(/^0+/, "") || "0")
  return /^0[xX]$/.test(text) ? 0n : BigInt(text)
}
