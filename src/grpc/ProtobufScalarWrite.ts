/**
 * Protobuf's encoding, numbers and bools, the writing side: what generated code calls. A tag is the field's number times 8 plus its wire type;
 * `writeXField` writes the tag and the value, `writeX` the value alone, of packed lists. Values are checked first: what is not
 * of the IDL's type is a `CodecError`.
 *
 * Source: protobuf.dev, "Encoding".
 */
import type { Writer } from "../wire/Writer.ts"
import * as Scalar from "./ProtobufScalar.ts"
import * as Varint from "../wire/Varint.ts"

// The compiler of the engine knows a constant of the module; what a namespace holds it loads and checks at every call.
const { checkBool, checkInt32, checkInt64, checkNumber, checkSafe, checkSafeUnsigned, checkUint32, checkUint64 } =
  Scalar
const { writeBig, writeHalves, writeHead, writeSafe, writeU32, writeZigZagBig, writeZigZagSafe } = Varint

const putInt32 = (writer: Writer, value: number): void => {
  if (value < 0) writeHalves(writer, -1, value)
  else writeU32(writer, value)
}

/** A negative one takes ten bytes, as if it had 64 bits. */
export const writeInt32 = (writer: Writer, value: number): void => {
  checkInt32(value)
  writer.reserve(10)
  putInt32(writer, value)
}

/** Writes an int32 with its tag. */
export const writeInt32Field = (writer: Writer, tag: number, value: number): void => {
  checkInt32(value)
  writeHead(writer, tag, 10)
  putInt32(writer, value)
}

const putUint32 = (writer: Writer, value: number): void => {
  writeU32(writer, value)
}

/** Writes a uint32, without a tag. */
export const writeUint32 = (writer: Writer, value: number): void => {
  checkUint32(value)
  writer.reserve(5)
  putUint32(writer, value)
}

/** Writes a uint32 with its tag. */
export const writeUint32Field = (writer: Writer, tag: number, value: number): void => {
  checkUint32(value)
  writeHead(writer, tag, 5)
  putUint32(writer, value)
}

const putSint32 = (writer: Writer, value: number): void => {
  writeU32(writer, (value << 1) ^ (value >> 31))
}

/** Writes a sint32, without a tag. */
export const writeSint32 = (writer: Writer, value: number): void => {
  checkInt32(value)
  writer.reserve(5)
  putSint32(writer, value)
}

/** Writes a sint32 with its tag. */
export const writeSint32Field = (writer: Writer, tag: number, value: number): void => {
  checkInt32(value)
  writeHead(writer, tag, 5)
  putSint32(writer, value)
}

const putInt64 = (writer: Writer, value: bigint): void => {
  writeBig(writer, value)
}

/** Writes an int64, without a tag. */
export const writeInt64 = (writer: Writer, value: bigint): void => {
  checkInt64(value)
  writer.reserve(10)
  putInt64(writer, value)
}

/** Writes an int64 with its tag. */
export const writeInt64Field = (writer: Writer, tag: number, value: bigint): void => {
  checkInt64(value)
  writeHead(writer, tag, 10)
  putInt64(writer, value)
}

const putUint64 = (writer: Writer, value: bigint): void => {
  writeBig(writer, value)
}

/** Writes a uint64, without a tag. */
export const writeUint64 = (writer: Writer, value: bigint): void => {
  checkUint64(value)
  writer.reserve(10)
  putUint64(writer, value)
}

/** Writes a uint64 with its tag. */
export const writeUint64Field = (writer: Writer, tag: number, value: bigint): void => {
  checkUint64(value)
  writeHead(writer, tag, 10)
  putUint64(writer, value)
}

const putSint64 = (writer: Writer, value: bigint): void => {
  writeZigZagBig(writer, value)
}

/** Writes a sint64, without a tag. */
export const writeSint64 = (writer: Writer, value: bigint): void => {
  checkInt64(value)
  writer.reserve(10)
  putSint64(writer, value)
}

/** Writes a sint64 with its tag. */
export const writeSint64Field = (writer: Writer, tag: number, value: bigint): void => {
  checkInt64(value)
  writeHead(writer, tag, 10)
  putSint64(writer, value)
}

const putInt64Number = (writer: Writer, value: number): void => {
  writeSafe(writer, value)
}

/** Writes an int64 that is a number in TypeScript, without a tag. */
export const writeInt64Number = (writer: Writer, value: number): void => {
  checkSafe(value)
  writer.reserve(10)
  putInt64Number(writer, value)
}

/** Writes an int64 that is a number in TypeScript with its tag. */
export const writeInt64NumberField = (writer: Writer, tag: number, value: number): void => {
  checkSafe(value)
  writeHead(writer, tag, 10)
  putInt64Number(writer, value)
}

const putUint64Number = (writer: Writer, value: number): void => {
  writeSafe(writer, value)
}

/** Writes a uint64 that is a number in TypeScript, without a tag. */
export const writeUint64Number = (writer: Writer, value: number): void => {
  checkSafeUnsigned(value)
  writer.reserve(10)
  putUint64Number(writer, value)
}

/** Writes a uint64 that is a number in TypeScript with its tag. */
export const writeUint64NumberField = (writer: Writer, tag: number, value: number): void => {
  checkSafeUnsigned(value)
  writeHead(writer, tag, 10)
  putUint64Number(writer, value)
}

const putSint64Number = (writer: Writer, value: number): void => {
  writeZigZagSafe(writer, value)
}

/** Writes a sint64 that is a number in TypeScript, without a tag. */
export const writeSint64Number = (writer: Writer, value: number): void => {
  checkSafe(value)
  writer.reserve(10)
  putSint64Number(writer, value)
}

/** Writes a sint64 that is a number in TypeScript with its tag. */
export const writeSint64NumberField = (writer: Writer, tag: number, value: number): void => {
  checkSafe(value)
  writeHead(writer, tag, 10)
  putSint64Number(writer, value)
}

const putFixed32 = (writer: Writer, value: number): void => {
  writer.view.setUint32(writer.position, value, true)
  writer.position += 4
}

/** Writes a fixed32, without a tag. */
export const writeFixed32 = (writer: Writer, value: number): void => {
  checkUint32(value)
  writer.reserve(4)
  putFixed32(writer, value)
}

/** Writes a fixed32 with its tag. */
export const writeFixed32Field = (writer: Writer, tag: number, value: number): void => {
  checkUint32(value)
  writeHead(writer, tag, 4)
  putFixed32(writer, value)
}

const putSfixed32 = (writer: Writer, value: number): void => {
  writer.view.setInt32(writer.position, value, true)
  writer.position += 4
}

/** Writes an sfixed32, without a tag. */
export const writeSfixed32 = (writer: Writer, value: number): void => {
  checkInt32(value)
  writer.reserve(4)
  putSfixed32(writer, value)
}

/** Writes an sfixed32 with its tag. */
export const writeSfixed32Field = (writer: Writer, tag: number, value: number): void => {
  checkInt32(value)
  writeHead(writer, tag, 4)
  putSfixed32(writer, value)
}

const putFixed64 = (writer: Writer, value: bigint): void => {
  writer.view.setBigUint64(writer.position, value, true)
  writer.position += 8
}

/** Writes a fixed64, without a tag. */
export const writeFixed64 = (writer: Writer, value: bigint): void => {
  checkUint64(value)
  writer.reserve(8)
  putFixed64(writer, value)
}

/** Writes a fixed64 with its tag. */
export const writeFixed64Field = (writer: Writer, tag: number, value: bigint): void => {
  checkUint64(value)
  writeHead(writer, tag, 8)
  putFixed64(writer, value)
}

const putSfixed64 = (writer: Writer, value: bigint): void => {
  writer.view.setBigInt64(writer.position, value, true)
  writer.position += 8
}

/** Writes an sfixed64, without a tag. */
export const writeSfixed64 = (writer: Writer, value: bigint): void => {
  checkInt64(value)
  writer.reserve(8)
  putSfixed64(writer, value)
}

/** Writes an sfixed64 with its tag. */
export const writeSfixed64Field = (writer: Writer, tag: number, value: bigint): void => {
  checkInt64(value)
  writeHead(writer, tag, 8)
  putSfixed64(writer, value)
}

const putFixed64Number = (writer: Writer, value: number): void => {
  const low = value >>> 0
  writer.view.setUint32(writer.position, low, true)
  writer.view.setInt32(writer.position + 4, (value - low) / 4294967296, true)
  writer.position += 8
}

/** Writes a fixed64 that is a number in TypeScript, without a tag. */
export const writeFixed64Number = (writer: Writer, value: number): void => {
  checkSafeUnsigned(value)
  writer.reserve(8)
  putFixed64Number(writer, value)
}

/** Writes a fixed64 that is a number in TypeScript with its tag. */
export const writeFixed64NumberField = (writer: Writer, tag: number, value: number): void => {
  checkSafeUnsigned(value)
  writeHead(writer, tag, 8)
  putFixed64Number(writer, value)
}

const putSfixed64Number = (writer: Writer, value: number): void => {
  const low = value >>> 0
  writer.view.setUint32(writer.position, low, true)
  writer.view.setInt32(writer.position + 4, (value - low) / 4294967296, true)
  writer.position += 8
}

/** Writes an sfixed64 that is a number in TypeScript, without a tag. */
export const writeSfixed64Number = (writer: Writer, value: number): void => {
  checkSafe(value)
  writer.reserve(8)
  putSfixed64Number(writer, value)
}

/** Writes an sfixed64 that is a number in TypeScript with its tag. */
export const writeSfixed64NumberField = (writer: Writer, tag: number, value: number): void => {
  checkSafe(value)
  writeHead(writer, tag, 8)
  putSfixed64Number(writer, value)
}

const putFloat = (writer: Writer, value: number): void => {
  writer.view.setFloat32(writer.position, value, true)
  writer.position += 4
}

/** Rounded to the nearest float; beyond the largest it is an infinity. */
export const writeFloat = (writer: Writer, value: number): void => {
  checkNumber(value)
  writer.reserve(4)
  putFloat(writer, value)
}

/** Writes a float with its tag. */
export const writeFloatField = (writer: Writer, tag: number, value: number): void => {
  checkNumber(value)
  writeHead(writer, tag, 4)
  putFloat(writer, value)
}

const putDouble = (writer: Writer, value: number): void => {
  writer.view.setFloat64(writer.position, value, true)
  writer.position += 8
}

/** Writes a double, without a tag. */
export const writeDouble = (writer: Writer, value: number): void => {
  checkNumber(value)
  writer.reserve(8)
  putDouble(writer, value)
}

/** Writes a double with its tag. */
export const writeDoubleField = (writer: Writer, tag: number, value: number): void => {
  checkNumber(value)
  writeHead(writer, tag, 8)
  putDouble(writer, value)
}

const putBool = (writer: Writer, value: boolean): void => {
  writer.bytes[writer.position++] = value ? 1 : 0
}

/** Writes a bool, without a tag. */
export const writeBool = (writer: Writer, value: boolean): void => {
  checkBool(value)
  writer.reserve(1)
  putBool(writer, value)
}

/** Writes a bool with its tag. */
export const writeBoolField = (writer: Writer, tag: number, value: boolean): void => {
  checkBool(value)
  writeHead(writer, tag, 1)
  putBool(writer, value)
}
