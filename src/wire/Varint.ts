/**
 * Variable-length integers: seven bits a byte, the lowest first, the top bit set on all but the last, ten bytes at most. ZigZag
 * puts the sign into the lowest bit. 64-bit ones are worked on as two halves: arithmetic on bigints costs several times as much.
 *
 * Sources: protobuf.dev, "Encoding", Base 128 Varints; Apache Thrift, doc/specs/thrift-compact-protocol.md.
 */
import { CodecError } from "../Codec.ts"
import type { Reader } from "./Reader.ts"
import type { Writer } from "./Writer.ts"

// Where a bigint's halves are taken apart and put together. Nothing outlives a call in it.
const scratch = new DataView(new ArrayBuffer(8))

/** The bytes that `writeU32` takes. */
export const sizeOf = (value: number): number =>
  value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5

/** Writes an unsigned 32-bit integer, one to five bytes, which must be reserved. */
export const writeU32 = (writer: Writer, value: number): void => {
  const bytes = writer.bytes
  let position = writer.position
  let rest = value >>> 0
  while (rest > 127) {
    bytes[position++] = (rest & 127) | 128
    rest >>>= 7
  }
  bytes[position++] = rest
  writer.position = position
}

/** Makes room for an unsigned 32-bit integer and `size` bytes behind it, and writes the integer: a tag before its value. */
export const writeHead = (writer: Writer, tag: number, size: number): void => {
  writer.reserve(size + 5)
  if (tag < 128) writer.bytes[writer.position++] = tag
  else writeU32(writer, tag)
}

/** Writes a signed 32-bit integer through ZigZag, one to five bytes, which must be reserved. */
export const writeZigZag32 = (writer: Writer, value: number): void => writeU32(writer, (value << 1) ^ (value >> 31))

/** Writes 64 bits, one to ten bytes, which must be reserved. */
export const writeHalves = (writer: Writer, highHalf: number, lowHalf: number): void => {
  const bytes = writer.bytes
  let position = writer.position
  let low = lowHalf >>> 0
  let high = highHalf >>> 0
  while (high !== 0) {
    bytes[position++] = (low & 127) | 128
    low = ((low >>> 7) | (high << 25)) >>> 0
    high >>>= 7
  }
  while (low > 127) {
    bytes[position++] = (low & 127) | 128
    low >>>= 7
  }
  bytes[position++] = low
  writer.position = position
}

/** Writes the low 64 bits of a bigint, one to ten bytes, which must be reserved. */
export const writeBig = (writer: Writer, value: bigint): void => {
  scratch.setBigInt64(0, value)
  writeHalves(writer, scratch.getInt32(0), scratch.getInt32(4))
}

/** Like `writeBig`, through ZigZag. */
export const writeZigZagBig = (writer: Writer, value: bigint): void => {
  scratch.setBigInt64(0, value)
  writeZigZag(writer, scratch.getInt32(0), scratch.getInt32(4))
}

const writeZigZag = (writer: Writer, high: number, low: number): void => {
  const sign = high >> 31
  writeHalves(writer, ((high << 1) | (low >>> 31)) ^ sign, (low << 1) ^ sign)
}

/** Like `writeBig`, of a safe integer. */
export const writeSafe = (writer: Writer, value: number): void => {
  const low = value >>> 0
  writeHalves(writer, (value - low) / 4294967296, low)
}

/** Like `writeZigZagBig`, of a safe integer. */
export const writeZigZagSafe = (writer: Writer, value: number): void => {
  const low = value >>> 0
  writeZigZag(writer, (value - low) / 4294967296, low | 0)
}

const tooLong = (reader: Reader, bytes: number): never => {
  throw new CodecError("Malformed", `a varint of more than ${bytes} bytes at byte ${reader.position}`)
}

const readByte = (reader: Reader): number => {
  if (reader.position >= reader.end) reader.truncated()
  return reader.bytes[reader.position++]!
}

/** Reads an unsigned 32-bit integer, of tags and lengths. More than five bytes, or bits beyond the 32nd, are refused. */
export const readU32 = (reader: Reader): number => {
  const { position } = reader
  if (position < reader.end) {
    const byte = reader.bytes[position]!
    if (byte < 128) {
      reader.position = position + 1
      return byte
    }
  }
  return readLongU32(reader)
}

const readLongU32 = (reader: Reader): number => {
  let byte = readByte(reader)
  let value = byte & 127
  for (let shift = 7; shift < 28; shift += 7) {
    byte = readByte(reader)
    value |= (byte & 127) << shift
    if (byte < 128) return value
  }
  byte = readByte(reader)
  if (byte > 15) tooLong(reader, 5)
  return (value | (byte << 28)) >>> 0
}

/** Reads a signed 32-bit integer through ZigZag. More than five bytes, or bits beyond the 32nd, are refused. */
export const readZigZag32 = (reader: Reader): number => {
  const value = readU32(reader)
  return (value >>> 1) ^ -(value & 1)
}

/** Reads up to ten bytes and returns the low 32 bits, with sign. */
export const readLow = (reader: Reader): number => {
  const { position } = reader
  if (position < reader.end) {
    const byte = reader.bytes[position]!
    if (byte < 128) {
      reader.position = position + 1
      return byte
    }
  }
  return readLongLow(reader)
}

const readLongLow = (reader: Reader): number => {
  let byte = readByte(reader)
  let value = byte & 127
  for (let shift = 7; shift < 35; shift += 7) {
    byte = readByte(reader)
    value |= (byte & 127) << shift
    if (byte < 128) return value
  }
  for (let size = 5; byte > 127; size++) {
    if (size === 10) tooLong(reader, 10)
    byte = readByte(reader)
  }
  return value
}

let high = 0

/** Reads 64 bits, leaves the high half in `high` and returns the low one. */
const readHalves = (reader: Reader): number => {
  let low = 0
  high = 0
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = readByte(reader)
    low |= (byte & 127) << shift
    if (byte < 128) return low
  }
  let byte = readByte(reader)
  low |= (byte & 127) << 28
  high = (byte & 127) >> 4
  for (let shift = 3; byte > 127; shift += 7) {
    if (shift > 31) tooLong(reader, 10)
    byte = readByte(reader)
    high |= (byte & 127) << shift
  }
  return low
}

/** Undoes ZigZag on both halves; the low one is returned. */
const readZigZag = (reader: Reader): number => {
  const low = readHalves(reader)
  const sign = -(low & 1)
  const lowHalf = ((low >>> 1) | (high << 31)) ^ sign
  high = (high >>> 1) ^ sign
  return lowHalf
}

const toSigned = (low: number): bigint => {
  scratch.setInt32(0, high)
  scratch.setInt32(4, low)
  return scratch.getBigInt64(0)
}

/** Reads 64 bits with sign. */
export const readSigned = (reader: Reader): bigint => toSigned(readHalves(reader))

/** Reads 64 bits without sign. */
export const readUnsigned = (reader: Reader): bigint => {
  const low = readHalves(reader)
  scratch.setInt32(0, high)
  scratch.setInt32(4, low)
  return scratch.getBigUint64(0)
}

/** Reads 64 bits with sign, through ZigZag. */
export const readZigZagBig = (reader: Reader): bigint => toSigned(readZigZag(reader))

/** Like `readSigned`, as a number that may be inexact. */
export const readSignedNumber = (reader: Reader): number => {
  const low = readHalves(reader)
  return high * 4294967296 + (low >>> 0)
}

/** Like `readUnsigned`, as a number that may be inexact. */
export const readUnsignedNumber = (reader: Reader): number => {
  const low = readHalves(reader)
  return (high >>> 0) * 4294967296 + (low >>> 0)
}

/** Like `readZigZagBig`, as a number that may be inexact. */
export const readZigZagNumber = (reader: Reader): number => {
  const low = readZigZag(reader)
  return high * 4294967296 + (low >>> 0)
}

/** Whether any of the 64 bits is set. */
export const readBool = (reader: Reader): boolean => (readHalves(reader) | high) !== 0

/** Passes over a varint of ten bytes at most. */
export const skip = (reader: Reader): void => {
  for (let size = 1; readByte(reader) > 127; size++) if (size === 10) tooLong(reader, 10)
}
