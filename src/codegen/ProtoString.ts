/**
 * String literals of protobuf: bytes, written with C's escapes.
 */

const simpleEscapes: Record<string, number> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  "\\": 92,
  "'": 39,
  '"': 34,
  "?": 63
}

const escape = /\\(?:([0-7]{1,3})|[xX]([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|U(00[01][0-9A-Fa-f]{5})|([^]?))/g

/** What is wrong with a literal, and where in it. */
export interface Fault {
  readonly message: string
  /** Offsets in the literal. */
  readonly start: number
  readonly end: number
}

/** What is wrong with a closed literal, or undefined. */
export const fault = (literal: string): Fault | undefined => {
  if (literal.includes("\0")) {
    const start = literal.indexOf("\0")
    return { message: "a string cannot hold U+0000 as it is; write `\\0`", start, end: start + 1 }
  }
  if (!literal.includes("\\")) return undefined
  for (const match of literal.slice(1, -1).matchAll(escape)) {
    const [all, , , , point, other] = match
    const start = match.index + 1
    if (point !== undefined && Number.parseInt(point, 16) > 0x10ffff) {
      return { message: `\`${all}\` is beyond U+10FFFF`, start, end: start + all.length }
    }
    if (other === undefined || simpleEscapes[other] !== undefined) continue
    const message = `\`${all}\` is no escape; expected \\n, \\t, \\x4A, \\112, \\u00E9, \\U0001F600 or the like`
    return { message, start, end: start + all.length }
  }
  return undefined
}

const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Halves of a surrogate pair that were escaped one by one are one character. */
const joinSurrogates = (content: string): string =>
  content.replace(/\\u([dD][89abAB][0-9A-Fa-f]{2})\\u([dD][c-fC-F][0-9A-Fa-f]{2})/g, (_, high: string, low: string) =>
    String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16))
  )

/** The bytes of one literal, quotes included in what is given. */
export const toBytes = (literal: string): Uint8Array => {
  const content = literal.slice(1, -1)
  if (!content.includes("\\")) return encoder.encode(content)
  const bytes: Array<number> = []
  const joined = joinSurrogates(content)
  let from = 0
  for (const match of joined.matchAll(escape)) {
    bytes.push(...encoder.encode(joined.slice(from, match.index)))
    from = match.index + match[0].length
    const [, octal, hex, unit, point, other] = match
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 255)
    else if (hex !== undefined) bytes.push(Number.parseInt(hex, 16))
    else if (other !== undefined) bytes.push(simpleEscapes[other] ?? 0)
    else {
      const code = Number.parseInt((unit ?? point)!, 16)
      bytes.push(...encoder.encode(code > 0x10ffff ? "\ufffd" : String.fromCodePoint(code)))
    }
  }
  bytes.push(...encoder.encode(joined.slice(from)))
  return Uint8Array.from(bytes)
}

/** The text of bytes, or undefined when they are not UTF-8. */
export const toText = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
