/** Frames of RFC 9113 sections 4.1 and 6: types, flags, and how the small ones are written. */
import type { Writer } from "../../wire/Writer.ts"
import type { ErrorCode } from "./Http2Error.ts"

/** DATA (section 6.1). */
export const data = 0x0
/** HEADERS (6.2). */
export const headers = 0x1
/** PRIORITY (6.3), which is checked and not kept to. */
export const priority = 0x2
/** RST_STREAM (6.4). */
export const rstStream = 0x3
/** SETTINGS (6.5). */
export const settings = 0x4
/** PUSH_PROMISE (6.6), which is never allowed. */
export const pushPromise = 0x5
/** PING (6.7). */
export const ping = 0x6
/** GOAWAY (6.8). */
export const goAway = 0x7
/** WINDOW_UPDATE (6.9). */
export const windowUpdate = 0x8
/** CONTINUATION (6.10). */
export const continuation = 0x9

// Flags; the same bit means different things for different types.
/** No flag. */
export const none = 0x0
/** Of SETTINGS and PING: an answer. */
export const ack = 0x1
/** Of DATA and HEADERS: the last of the stream. */
export const endStream = 0x1
/** Of HEADERS and CONTINUATION: the last of the header block. */
export const endHeaders = 0x4
/** Of DATA and HEADERS: begins with the length of the padding behind it. */
export const padded = 0x8
/** Of HEADERS: five octets of priority come first. */
export const prioritized = 0x20

/** What a client sends before anything else (RFC 9113 section 3.4). */
export const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1")

/** Octets before each frame's payload. */
export const headSize = 9

/** The largest payload that everybody takes, and the largest that anybody may be asked to take. */
export const minMaxSize = 16_384
/** See `minMaxSize`. */
export const maxMaxSize = 16_777_215

/** Stream identifiers, window sizes and increments are below this. */
export const limit31 = 0x8000_0000

/** Writes the head of a frame at `at`, where there is room for it. */
export const writeHead = (
  bytes: Uint8Array,
  at: number,
  length: number,
  type: number,
  flags: number,
  id: number
): void => {
  bytes[at] = length >>> 16
  bytes[at + 1] = length >>> 8
  bytes[at + 2] = length
  bytes[at + 3] = type
  bytes[at + 4] = flags
  writeUint32(bytes, at + 5, id)
}

/** A number of 32 bits, the most significant octet first. */
export const readUint32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0

/** A number of 31 bits; the bit before it is reserved, and ignored. */
export const readUint31 = (bytes: Uint8Array, at: number): number => readUint32(bytes, at) & 0x7fff_ffff

/** See `readUint32`. */
export const writeUint32 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** Makes room for a frame, writes its head, and answers where its payload begins. */
export const begin = (writer: Writer, length: number, type: number, flags: number, id: number): number => {
  writer.reserve(headSize + length)
  const at = writer.position
  writeHead(writer.bytes, at, length, type, flags, id)
  writer.position = at + headSize + length
  return at + headSize
}

/** Ends a stream at once (6.4). */
export const writeRstStream = (writer: Writer, id: number, code: ErrorCode): void => {
  const at = begin(writer, 4, rstStream, none, id)
  writeUint32(writer.bytes, at, code)
}

/** Lets the peer send so many octets more (6.9); on stream 0 over all of the connection. */
export const writeWindowUpdate = (writer: Writer, id: number, increment: number): void => {
  const at = begin(writer, 4, windowUpdate, none, id)
  writeUint32(writer.bytes, at, increment)
}
