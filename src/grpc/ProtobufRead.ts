/**
 * Protobuf's encoding, the reading side: what generated code calls. Reading beyond the end of the message, and bytes that no
 * encoder writes, are a `CodecError`. While a message within a message is read, `reader.end` is its end.
 *
 * Source: protobuf.dev, "Encoding".
 */
import { CodecError } from "../Codec.ts"
import type { Limits, Reader } from "../wire/Reader.ts"
import * as Text from "../wire/Text.ts"
import * as Scalar from "./ProtobufScalar.ts"
import * as Varint from "../wire/Varint.ts"

// The compiler of the engine knows a constant of the module; what a namespace holds it loads and checks at every call.
const { toSafe } = Scalar
const { copy, read: readLoosely, readStrict } = Text
const {
  readBool: readAnyBit,
  readLow,
  readSigned,
  readSignedNumber,
  readU32,
  readUnsigned,
  readUnsignedNumber,
  readZigZagBig,
  readZigZagNumber
} = Varint

/** The limits of a reader of protobuf: 100 levels of messages, as other implementations have it. */
export const limits: Limits = { depth: 100 }

/** A tag: the number of a field times 8, plus its wire type. */
export const readTag = (reader: Reader): number => readU32(reader)

/** Reads an int32. */
export const readInt32 = (reader: Reader): number => readLow(reader)
/** Reads a uint32. */
export const readUint32 = (reader: Reader): number => readLow(reader) >>> 0

/** Reads a sint32. */
export const readSint32 = (reader: Reader): number => {
  const value = readLow(reader)
  return (value >>> 1) ^ -(value & 1)
}

/** Reads an int64. */
export const readInt64 = (reader: Reader): bigint => readSigned(reader)
/** Reads a uint64. */
export const readUint64 = (reader: Reader): bigint => readUnsigned(reader)
/** Reads a sint64. */
export const readSint64 = (reader: Reader): bigint => readZigZagBig(reader)
/** Reads an int64 that is a number in TypeScript; what is not exact as one is refused. */
export const readInt64Number = (reader: Reader): number => toSafe(readSignedNumber(reader))
/** Reads a uint64 that is a number in TypeScript; what is not exact as one is refused. */
export const readUint64Number = (reader: Reader): number => toSafe(readUnsignedNumber(reader))
/** Reads a sint64 that is a number in TypeScript; what is not exact as one is refused. */
export const readSint64Number = (reader: Reader): number => toSafe(readZigZagNumber(reader))
/** Reads a bool: any bit set is true. */
export const readBool = (reader: Reader): boolean => readAnyBit(reader)

/** Passes `size` bytes and returns where they start. */
const take = (reader: Reader, size: number): number => {
  reader.need(size)
  const position = reader.position
  reader.position = position + size
  return position
}

/** Reads a fixed32. */
export const readFixed32 = (reader: Reader): number => reader.view.getUint32(take(reader, 4), true)
/** Reads an sfixed32. */
export const readSfixed32 = (reader: Reader): number => reader.view.getInt32(take(reader, 4), true)
/** Reads a fixed64. */
export const readFixed64 = (reader: Reader): bigint => reader.view.getBigUint64(take(reader, 8), true)
/** Reads an sfixed64. */
export const readSfixed64 = (reader: Reader): bigint => reader.view.getBigInt64(take(reader, 8), true)
/** Reads a float. */
export const readFloat = (reader: Reader): number => reader.view.getFloat32(take(reader, 4), true)
/** Reads a double. */
export const readDouble = (reader: Reader): number => reader.view.getFloat64(take(reader, 8), true)

/** Reads a fixed64 that is a number in TypeScript; what is not exact as one is refused. */
export const readFixed64Number = (reader: Reader): number => {
  const position = take(reader, 8)
  const { view } = reader
  return toSafe(view.getUint32(position + 4, true) * 4294967296 + view.getUint32(position, true))
}

/** Reads an sfixed64 that is a number in TypeScript; what is not exact as one is refused. */
export const readSfixed64Number = (reader: Reader): number => {
  const position = take(reader, 8)
  const { view } = reader
  return toSafe(view.getInt32(position + 4, true) * 4294967296 + view.getUint32(position, true))
}

/** Text that must be UTF-8. */
export const readString = (reader: Reader): string => {
  const size = readU32(reader)
  const start = take(reader, size)
  return readStrict(reader, start, size) ?? notUtf8(start)
}

const notUtf8 = (start: number): never => {
  throw new CodecError("Malformed", `a string that is not UTF-8 at byte ${start}`)
}

/** Text of which proto2 demands nothing: what is not UTF-8 becomes U+FFFD. */
export const readAnyString = (reader: Reader): string => {
  const size = readU32(reader)
  return readLoosely(reader.bytes, take(reader, size), size)
}

/** What absent bytes are. Nobody can write to it, so all share it. */
export const noBytes: Uint8Array = new Uint8Array(0)

/** A copy: the value outlives the buffer it was received in. */
export const readBinary = (reader: Reader): Uint8Array => {
  const size = readU32(reader)
  return size === 0 ? noBytes : copy(reader.bytes, take(reader, size), size)
}

/** Narrows the reader to a packed list or a map's entry, and returns the end to set back to `reader.end` behind it. */
export const narrow = (reader: Reader): number => {
  const size = readU32(reader)
  reader.need(size)
  const outer = reader.end
  reader.end = reader.position + size
  return outer
}

// The tag that ended a group before whoever started the group has seen it; 0 for none. Between the two nothing fails.
let closed = 0

const unexpected = (reader: Reader, tag: number): CodecError =>
  new CodecError("Malformed", `an end of group ${tag >>> 3} that no start goes with, before byte ${reader.position}`)

/** Starts to read a message; `finish` ends it. */
export const start = (): void => {
  closed = 0
}

/** Asserts that a message did not end as a group does. */
export const finish = (reader: Reader): void => {
  // A reader of a connection would keep it until the next message.
  reader.stretch = ""
  if (closed === 0) return
  const tag = closed
  closed = 0
  throw unexpected(reader, tag)
}

/** Goes into a message that has a length, and returns the end that `leave` sets back. */
export const enter = (reader: Reader): number => {
  reader.enter()
  return narrow(reader)
}

/** Comes out of a message that has a length. */
export const leave = (reader: Reader, outer: number): void => {
  if (closed !== 0) finish(reader)
  reader.end = outer
  reader.depth++
}

/** Goes into a group, and returns the end that `leaveGroup` sets back. */
export const enterGroup = (reader: Reader): number => {
  reader.enter()
  return reader.end
}

/** Comes out of a group, which must have ended with the tag `last`. */
export const leaveGroup = (reader: Reader, outer: number, last: number): void => {
  if (closed !== last) {
    if (closed !== 0) finish(reader)
    throw new CodecError("Truncated", `the input ends at byte ${outer}, inside the group ${last >>> 3}`)
  }
  closed = 0
  reader.end = outer
  reader.depth++
}

/** Passes over the value that follows a tag which nobody knows. */
export const skip = (reader: Reader, tag: number): void => {
  if (tag < 8) throw new CodecError("Malformed", `field number 0 before byte ${reader.position}`)
  switch (tag & 7) {
    case 0:
      return Varint.skip(reader)
    case 1:
      take(reader, 8)
      return
    case 2:
      take(reader, readU32(reader))
      return
    case 3:
      return skipGroup(reader, tag + 1)
    case 4:
      throw unexpected(reader, tag)
    case 5:
      take(reader, 4)
      return
    default:
      throw new CodecError("Malformed", `wire type ${tag & 7} before byte ${reader.position}`)
  }
}

const skipGroup = (reader: Reader, last: number): void => {
  reader.enter()
  for (;;) {
    const tag = readTag(reader)
    if (tag === last) break
    skip(reader, tag)
  }
  reader.depth++
}

/** A number above 0x1fffffff cannot come in: a tag has 32 bits. Ends the message when `tag` is the end of a group. */
const isEnd = (reader: Reader, tag: number): boolean => {
  if ((tag & 7) !== 4 || tag < 8) return false
  closed = tag
  reader.end = reader.position
  return true
}

// Unknown fields of one message share a buffer that doubles; what is behind the ones so far is free to be written.
const append = (before: Uint8Array | undefined, size: number): Uint8Array => {
  if (before === undefined) return new Uint8Array(size)
  const length = before.byteLength + size
  const { buffer, byteOffset } = before
  if (byteOffset + length <= buffer.byteLength) return new Uint8Array(buffer, byteOffset, length)
  const larger = new Uint8Array(Math.max(length, 2 * before.byteLength, 64))
  larger.set(before)
  return larger.subarray(0, length)
}

const putTag = (bytes: Uint8Array, at: number, tag: number): number => {
  let rest = tag
  let position = at
  while (rest > 127) {
    bytes[position++] = (rest & 127) | 128
    rest >>>= 7
  }
  bytes[position++] = rest
  return position
}

const keepBytes = (before: Uint8Array | undefined, reader: Reader, tag: number, from: number): Uint8Array => {
  const kept = append(before, Varint.sizeOf(tag) + reader.position - from)
  kept.set(reader.bytes.subarray(from, reader.position), putTag(kept, before?.byteLength ?? 0, tag))
  return kept
}

/** Passes over a field that nobody knows and keeps it, tag and value, behind those `before`. */
export const keep = (before: Uint8Array | undefined, reader: Reader, tag: number): Uint8Array | undefined => {
  if (isEnd(reader, tag)) return before
  const from = reader.position
  skip(reader, tag)
  return keepBytes(before, reader, tag, from)
}

/** Passes over a field that nobody knows; ends the message where a group ends. */
export const pass = (reader: Reader, tag: number): void => {
  if (!isEnd(reader, tag)) skip(reader, tag)
}

/** Keeps a field that was read from byte `from` on, behind its tag, and turned out to be unknown. */
export const keepRead = keepBytes

/** Keeps a number that a closed enum does not name. */
export const keepEnum = (before: Uint8Array | undefined, tag: number, value: number): Uint8Array => {
  const bytes: Array<number> = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  bytes.push(Number(rest))
  const kept = append(before, Varint.sizeOf(tag) + bytes.length)
  kept.set(bytes, putTag(kept, before?.byteLength ?? 0, tag))
  return kept
}
