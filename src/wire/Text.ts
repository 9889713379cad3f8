/**
 * Strings to UTF-8 and back. Calls into the engine's native encoders cost about 40 to 75 ns whatever the length, so
 * short ASCII strings, which most strings on the wire are, go through plain loops.
 */
import { isUtf8 } from "node:buffer"
import type { Reader } from "./Reader.ts"
import type { Writer } from "./Writer.ts"

// On Node's Buffer.prototype since its first versions, undocumented: what `write` and `toString` call after looking at
// their arguments.
interface NativeText {
  readonly utf8Write: (text: string, at: number) => number
  readonly utf8Slice: (start: number, end: number) => string
  readonly latin1Slice: (start: number, end: number) => string
}

/** From this length on, in UTF-16 units, the native encoder is faster than the loop. */
const longestLoop = 24

/** From this length on, in bytes, the native decoder is faster. */
const longestTable = 16

/** From this length on it is worth a pass over the text to know how many bytes it takes. */
const longestGuess = 4096

/** As many bytes as `text` takes at most: three for each of its UTF-16 units, or for long text what it takes. */
export const room = (text: string): number => (text.length > longestGuess ? Buffer.byteLength(text) : text.length * 3)

/** Writes `text` at `at`, where `room` must be reserved, and returns the number of bytes. Lone surrogates become U+FFFD. */
export const write = (writer: Writer, text: string, at: number): number => {
  const size = text.length
  const bytes = writer.bytes as Buffer & NativeText
  if (size > longestLoop) return bytes.utf8Write(text, at)
  for (let i = 0; i < size; i++) {
    const code = text.charCodeAt(i)
    if (code > 127) return bytes.utf8Write(text, at)
    bytes[at + i] = code
  }
  return size
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

/** The engine copies a substring of so many characters; a longer one would keep its whole stretch alive. */
const longestCut = 12

/** Bytes of a stretch: they are made into text at once. */
const stretchSize = 1024

/** A message of fewer short strings is read faster without stretches. */
const fewest = 4

const outside = (reader: Reader, start: number, size: number): string => {
  if (++reader.strays < fewest) return ascii(reader.bytes, start, size)
  reader.strays = 0
  reader.stretchStart = start
  const { bytes } = reader
  reader.stretch = (bytes as Buffer & NativeText).latin1Slice(start, Math.min(start + stretchSize, bytes.length))
  return reader.stretch.substring(0, size)
}

const isAscii = (bytes: Buffer, start: number, end: number): boolean => {
  for (let position = start; position < end; position++) if (bytes[position]! > 127) return false
  return true
}

/** The text of `size` bytes from `start`, which must be there; undefined when they are not UTF-8. */
export const readStrict = (reader: Reader, start: number, size: number): string | undefined => {
  const { bytes } = reader
  const end = start + size
  if (size <= longestTable && isAscii(bytes, start, end)) {
    if (size > longestCut) return ascii(bytes, start, size)
    const at = start - reader.stretchStart
    const { stretch } = reader
    return at >= 0 && at + size <= stretch.length ? stretch.substring(at, at + size) : outside(reader, start, size)
  }
  const text = (bytes as Buffer & NativeText).utf8Slice(start, end)
  // The character may also have been sent.
  return text.includes(replacement) && !isUtf8(bytes.subarray(start, end)) ? undefined : text
}

const fromCharCode = String.fromCharCode

// One call with all characters makes the string at once; a loop of concatenations makes one for each character.
const ascii = (bytes: Buffer, p: number, size: number): string => {
  switch (size) {
    case 1:
      return fromCharCode(bytes[p]!)
    case 2:
      return fromCharCode(bytes[p]!, bytes[p + 1]!)
    case 3:
      return fromCharCode(bytes[p]!, bytes[p + 1]!, bytes[p + 2]!)
    case 4:
      return fromCharCode(bytes[p]!, bytes[p + 1]!, bytes[p + 2]!, bytes[p + 3]!)
    case 5:
      return fromCharCode(bytes[p]!, bytes[p + 1]!, bytes[p + 2]!, bytes[p + 3]!, bytes[p + 4]!)
    case 6:
      return fromCharCode(bytes[p]!, bytes[p + 1]!, bytes[p + 2]!, bytes[p + 3]!, bytes[p + 4]!, bytes[p + 5]!)
    case 7:
      return fromCharCode(
        bytes[p]!,
        bytes[p + 1]!,
        bytes[p + 2]!,
        bytes[p + 3]!,
        bytes[p + 4]!,
        bytes[p + 5]!,
        bytes[p + 6]!
      )
    case 8:
      return fromCharCode(
        bytes[p]!,
        bytes[p + 1]!,
        bytes[p + 2]!,
        bytes[p + 3]!,
        bytes[p + 4]!,
        bytes[p + 5]!,
        bytes[p + 6]!,
        bytes[p + 7]!
      )
    case 9:
      return fromCharCode(
        bytes[p]!,
        bytes[p + 1]!,
        bytes[p + 2]!,
        bytes[p + 3]!,
        bytes[p + 4]!,
        bytes[p + 5]!,
        bytes[p + 6]!,
        bytes[p + 7]!,
        bytes[p + 8]!
      )
    case 10:
      return fromCharCode(
        bytes[p]!,
        bytes[p + 1]!,
        bytes[p + 2]!,
        bytes[p + 3]!,
        bytes[p + 4]!,
        bytes[p + 5]!,
        bytes[p + 6]!,
        bytes[p + 7]!,
        bytes[p + 8]!,
        bytes[p + 9]!
      )
    case 11:
      return fromCharCode(
        bytes[p]!,
        bytes[p + 1]!,
        bytes[p + 2]!,
        bytes[p + 3]!,
        bytes[p + 4]!,
        bytes[p + 5]!,
        bytes[p + 6]!,
        bytes[p + 7]!,
        bytes[p + 8]!,
        bytes[p + 9]!,
        bytes[p + 10]!
      )
    case 12:
      return fromCharCode(
        bytes[p]!,
        bytes[p + 1]!,
        bytes[p + 2]!,
        bytes[p + 3]!,
        bytes[p + 4]!,
        bytes[p + 5]!,
        bytes[p + 6]!,
        bytes[p + 7]!,
        bytes[p + 8]!,
        bytes[p + 9]!,
        bytes[p + 10]!,
        bytes[p + 11]!
      )
    case 13:
      return fromCharCode(
        bytes[p]!,
        bytes[p + 1]!,
        bytes[p + 2]!,
        bytes[p + 3]!,
        bytes[p + 4]!,
        bytes[p + 5]!,
        bytes[p + 6]!,
        bytes[p + 7]!,
        bytes[p + 8]!,
        bytes[p + 9]!,
        bytes[p + 10]!,
        bytes[p + 11]!,
        bytes[p + 12]!
      )
    case 14:
      return fromCharCode(
        bytes[p]!,
        bytes[p + 1]!,
        bytes[p + 2]!,
        bytes[p + 3]!,
        bytes[p + 4]!,
        bytes[p + 5]!,
        bytes[p + 6]!,
        bytes[p + 7]!,
        bytes[p + 8]!,
        bytes[p + 9]!,
        bytes[p + 10]!,
        bytes[p + 11]!,
        bytes[p + 12]!,
        bytes[p + 13]!
      )
    case 15:
      return fromCharCode(
        bytes[p]!,
        bytes[p + 1]!,
        bytes[p + 2]!,
        bytes[p + 3]!,
        bytes[p + 4]!,
        bytes[p + 5]!,
        bytes[p + 6]!,
        bytes[p + 7]!,
        bytes[p + 8]!,
        bytes[p + 9]!,
        bytes[p + 10]!,
        bytes[p + 11]!,
        bytes[p + 12]!,
        bytes[p + 13]!,
        bytes[p + 14]!
      )
    case 16:
      return fromCharCode(
        bytes[p]!,
        bytes[p + 1]!,
        bytes[p + 2]!,
        bytes[p + 3]!,
        bytes[p + 4]!,
        bytes[p + 5]!,
        bytes[p + 6]!,
        bytes[p + 7]!,
        bytes[p + 8]!,
        bytes[p + 9]!,
        bytes[p + 10]!,
        bytes[p + 11]!,
        bytes[p + 12]!,
        bytes[p + 13]!,
        bytes[p + 14]!,
        bytes[p + 15]!
      )
    default:
      return ""
  }
}

/** A copy of `size` bytes from `start`, which must be there. */
export const copy = (bytes: Buffer, start: number, size: number): Uint8Array => {
  const target = new Uint8Array(size)
  if (size > 64) target.set(bytes.subarray(start, start + size))
  else for (let i = 0; i < size; i++) target[i] = bytes[start + i]!
  return target
}
