/**
 * Strings to UTF-8 and back. Calls into the engine's native encoders cost about 40 to 75 ns whatever the length, so
 * short ASCII strings, which most strings on the wire are, go through plain loops.
 */
import { isUtf8 } from "node:buffer"
import type { Reader } from "./Reader.ts"
import * as RecentText from "./RecentText.ts"
import * as ShortText from "./ShortText.ts"
import type { Writer } from "./Writer.ts"

// The compiler of the engine knows a constant of the module; what a namespace holds it loads and checks at every call.
const { find } = RecentText
const { ascii } = ShortText

// On Node's Buffer.prototype since its first versions, undocumented: what `write` and `toString` call after looking at
// their arguments.
interface NativeText {
  readonly utf8Write: (text: string, at: number) => number
  readonly utf8Slice: (start: number, end: number) => string
}

/** From this length on, in UTF-16 units, the native encoder is faster than the loop. */
const longestLoop = 24

/** From this length on, in bytes, the native decoder is faster. */
const longestTable = ShortText.longest

/** From this length on it is worth a pass over the text to know how many bytes it takes. */
const longestGuess = 4096

/** As many bytes as `text` takes at most: three for each of its UTF-16 units, or for long text what it takes. */
export const room = (text: string): number => (text.length > longestGuess ? Buffer.byteLength(text) : text.length * 3)

/** Writes `text` at `at`, where `room` must be reserved, and returns the number of bytes. Lone surrogates become U+FFFD. */
export const write = (writer: Writer, text: string, at: number): number => {
  const size = text.length
  const bytes = writer.bytes as Buffer & NativeText
  if (size > longestLoop) return bytes.utf8Write(text, at)
  const { view } = writer
  let all = 0
  let i = 0
  for (; i + 3 < size; i += 4) {
    const a = text.charCodeAt(i)
    const b = text.charCodeAt(i + 1)
    const c = text.charCodeAt(i + 2)
    const d = text.charCodeAt(i + 3)
    all |= a | b | c | d
    view.setInt32(at + i, a | (b << 8) | (c << 16) | (d << 24), true)
  }
  for (; i < size; i++) {
    const code = text.charCodeAt(i)
    all |= code
    bytes[at + i] = code
  }
  // What is not ASCII is written once more.
  return all < 128 ? size : bytes.utf8Write(text, at)
}

/** The text of `size` bytes from `start`, which must be there. Bytes that are not UTF-8 become U+FFFD. */
export const read = (buffer: Buffer, start: number, size: number): string => {
  const bytes = buffer as Buffer & NativeText
  if (size > longestTable) return bytes.utf8Slice(start, start + size)
  const end = start + size
  for (let i = start; i < end; i++) if (bytes[i]! > 127) return bytes.utf8Slice(start, end)
  return ascii(bytes, start, size)
}

const replacement = "\ufffd"

/** The text of `size` bytes from `start`, which must be there; undefined when they are not UTF-8. */
export const readStrict = (reader: Reader, start: number, size: number): string | undefined => {
  if (size <= longestTable) {
    const text = find(reader, start, size)
    if (text !== undefined) return text
  }
  const { bytes } = reader
  const end = start + size
  const text = (bytes as Buffer & NativeText).utf8Slice(start, end)
  // The character may also have been sent.
  return text.includes(replacement) && !isUtf8(bytes.subarray(start, end)) ? undefined : text
}

/** A copy of `size` bytes from `start`, which must be there. */
export const copy = (bytes: Buffer, start: number, size: number): Uint8Array => {
  const target = new Uint8Array(size)
  if (size > 64) target.set(bytes.subarray(start, start + size))
  else for (let i = 0; i < size; i++) target[i] = bytes[start + i]!
  return target
}
