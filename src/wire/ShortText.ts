/**
 * Text of a few ASCII bytes without a call into the engine's native decoders: characters become a string through a call with
 * all of them, or are cut from a stretch of the message that was made into text at once.
 */
import type { Reader } from "./Reader.ts"

// On Node's Buffer.prototype since its first versions, undocumented.
interface NativeText {
  readonly latin1Slice: (start: number, end: number) => string
}

/** From this length on, in bytes, the native decoder is faster than `ascii`. */
export const longest = 16

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

/** The text of up to `longest` bytes from `start`, which must be there and ASCII. */
export const cut = (reader: Reader, start: number, size: number): string => {
  if (size > longestCut) return ascii(reader.bytes, start, size)
  const at = start - reader.stretchStart
  const { stretch } = reader
  return at >= 0 && at + size <= stretch.length ? stretch.substring(at, at + size) : outside(reader, start, size)
}

const fromCharCode = String.fromCharCode

/**
 * The text of up to `longest` bytes from `p`, which must be there and ASCII. One call with all characters makes the string at
 * once; a loop of concatenations makes one for each character.
 */
export const ascii = (bytes: Buffer, p: number, size: number): string => {
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
