/**
 * Short strings that were read a moment ago. Names, codes, keys of maps and states come again and again, from message to
 * message: such a string is not made once more but handed out, which takes half the time, and its hash is known. The engine's
 * JSON.parse does the same.
 *
 * One table for the process: what it hands out is equal to what was asked for, whoever asks. It holds at most `slots` strings
 * of at most `ShortText.longest` bytes each.
 */
import type { Reader } from "./Reader.ts"
import * as ShortText from "./ShortText.ts"

const { ascii, cut, longest } = ShortText

const slots = 512

/** The bytes of the string that each slot saw last, as four numbers, with zeros behind the last byte. */
const words = new Int32Array(slots * 4)

/** That string, once it came twice; "" before. */
const texts: Array<string> = Array.from({ length: slots }, () => "")

/** For each size the bits that belong to it, of four numbers. */
const masks = Int32Array.from({ length: (longest + 1) * 4 }, (_, index) => {
  const left = (index >> 2) - (index & 3) * 4
  return left <= 0 ? 0 : left >= 4 ? -1 : -1 >>> (32 - left * 8)
})

const highBits = 0x80808080 | 0

const isAscii = (bytes: Uint8Array, start: number, end: number): boolean => {
  for (let position = start; position < end; position++) if (bytes[position]! > 127) return false
  return true
}

/** The text of up to `ShortText.longest` bytes from `start`, which must be there; undefined when one of them is not ASCII. */
export const find = (reader: Reader, start: number, size: number): string | undefined => {
  const { bytes, view } = reader
  // Behind the last bytes of a buffer are none that could be masked.
  if (start + longest > bytes.length) return isAscii(bytes, start, start + size) ? ascii(bytes, start, size) : undefined
  const mask = size << 2
  const a = view.getInt32(start, true) & masks[mask]!
  const b = view.getInt32(start + 4, true) & masks[mask + 1]!
  const c = view.getInt32(start + 8, true) & masks[mask + 2]!
  const d = view.getInt32(start + 12, true) & masks[mask + 3]!
  if (((a | b | c | d) & highBits) !== 0) return undefined
  const mixed =
    Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35) ^ Math.imul(d, 0x27d4eb2f)
  const slot = (mixed ^ size) >>> 23
  const word = slot << 2
  if (words[word] === a && words[word + 1] === b && words[word + 2] === c && words[word + 3] === d) {
    const text = texts[slot]!
    // Of another length are strings that end in NUL.
    return text.length === size ? text : (texts[slot] = cut(reader, start, size))
  }
  words[word] = a
  words[word + 1] = b
  words[word + 2] = c
  words[word + 3] = d
  texts[slot] = ""
  return cut(reader, start, size)
}
