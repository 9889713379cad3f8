/** Writing Compact, below messages; `Compact.ts` says what that is. */
import * as Text from "../wire/Text.ts"
import type { Writer } from "../wire/Writer.ts"
import * as Scalar from "./Scalar.ts"
import * as Uuid from "./Uuid.ts"
import * as Varint from "../wire/Varint.ts"

/** Ends a struct. */
export const writeStop = (writer: Writer): void => {
  writer.reserve(1)
  writer.bytes[writer.position++] = 0
}

/** Starts the field `id`, where `last` is the id written before it in the same struct, 0 for none; its value follows. */
export const writeFieldHeader = (writer: Writer, last: number, type: number, id: number): void => {
  writer.reserve(4)
  const step = id - last
  if (step > 0 && step < 16) {
    writer.bytes[writer.position++] = (step << 4) | type
    return
  }
  writer.bytes[writer.position++] = type
  Varint.writeZigZag32(writer, id)
}

/** A bool that is an element; 1 is true, 2 is false. */
export const writeBool = (writer: Writer, value: boolean): void => {
  Scalar.checkBool(value)
  writer.reserve(1)
  writer.bytes[writer.position++] = value ? 1 : 2
}

/** One byte. Throws InvalidValue for a value out of range, like all `write` functions for their types. */
export const writeI8 = (writer: Writer, value: number): void => {
  Scalar.checkI8(value)
  writer.reserve(1)
  writer.bytes[writer.position++] = value
}

/** A varint. */
export const writeI16 = (writer: Writer, value: number): void => {
  Scalar.checkI16(value)
  writer.reserve(3)
  Varint.writeZigZag32(writer, value)
}

/** A varint; also an enum. */
export const writeI32 = (writer: Writer, value: number): void => {
  Scalar.checkI32(value)
  writer.reserve(5)
  Varint.writeZigZag32(writer, value)
}

/** A varint. */
export const writeI64 = (writer: Writer, value: bigint): void => {
  Scalar.checkI64(value)
  writer.reserve(10)
  Varint.writeZigZagBig(writer, value)
}

/** An i64 that is a number in TypeScript. */
export const writeI64Number = (writer: Writer, value: number): void => {
  Scalar.checkSafe(value)
  writer.reserve(10)
  Varint.writeZigZagSafe(writer, value)
}

/** Eight bytes, IEEE 754, the lowest first. */
export const writeDouble = (writer: Writer, value: number): void => {
  Scalar.checkDouble(value)
  writer.reserve(8)
  writer.view.setFloat64(writer.position, value, true)
  writer.position += 8
}

/** A varint of size, then UTF-8. */
export const writeString = (writer: Writer, value: string): void => {
  Scalar.checkString(value)
  writer.reserve(5 + Text.room(value))
  const position = writer.position
  if (value.length < 43) {
    const size = Text.write(writer, value, position + 1)
    writer.bytes[position] = size
    writer.position = position + 1 + size
  } else writeLongString(writer, value, position)
}

// The size comes first and is not known before the text is written: it is guessed from the length, which is right for
// ASCII, and the text moves when the guess took too few bytes.
const writeLongString = (writer: Writer, value: string, position: number): void => {
  const guess = position + Varint.sizeOf(value.length)
  const size = Text.write(writer, value, guess)
  const start = position + Varint.sizeOf(size)
  if (start !== guess) writer.bytes.copyWithin(start, guess, guess + size)
  Varint.writeU32(writer, size)
  writer.position = start + size
}

/** A varint of size, then the bytes. */
export const writeBinary = (writer: Writer, value: Uint8Array): void => {
  Scalar.checkBinary(value)
  writer.reserve(5 + value.length)
  Varint.writeU32(writer, value.length)
  writer.bytes.set(value, writer.position)
  writer.position += value.length
}

/** Sixteen bytes. */
export const writeUuid = (writer: Writer, value: string): void => {
  writer.reserve(16)
  Uuid.write(writer.bytes, writer.position, value)
  writer.position += 16
}

const writeSize = (writer: Writer, element: number, size: number): void => {
  writer.reserve(6)
  if (size < 15) {
    writer.bytes[writer.position++] = (size << 4) | element
    return
  }
  writer.bytes[writer.position++] = 0xf0 | element
  Varint.writeU32(writer, size)
}

/** Starts a list, or a set that is an array; its elements follow. */
export const writeListBegin = (writer: Writer, element: number, list: ReadonlyArray<unknown>): void => {
  Scalar.checkList(list)
  writeSize(writer, element, list.length)
}

/** Starts a set; its elements follow. */
export const writeSetBegin = (writer: Writer, element: number, set: ReadonlySet<unknown>): void => {
  Scalar.checkSet(set)
  writeSize(writer, element, set.size)
}

/** Starts a map; its entries follow, each key before its value. */
export const writeMapBegin = (writer: Writer, key: number, value: number, map: ReadonlyMap<unknown, unknown>): void => {
  Scalar.checkMap(map)
  writer.reserve(6)
  Varint.writeU32(writer, map.size)
  if (map.size > 0) writer.bytes[writer.position++] = (key << 4) | value
}

/** A whole field; the value is in the header. */
export const writeBoolField = (writer: Writer, last: number, id: number, value: boolean): void => {
  Scalar.checkBool(value)
  writeFieldHeader(writer, last, value ? 1 : 2, id)
}

/** A whole field: an i8 behind its header. */
export const writeI8Field = (writer: Writer, last: number, id: number, value: number): void => {
  writeFieldHeader(writer, last, 3, id)
  writeI8(writer, value)
}

/** A whole field: an i16 behind its header. */
export const writeI16Field = (writer: Writer, last: number, id: number, value: number): void => {
  writeFieldHeader(writer, last, 4, id)
  writeI16(writer, value)
}

/** A whole field: an i32 or enum behind its header. */
export const writeI32Field = (writer: Writer, last: number, id: number, value: number): void => {
  writeFieldHeader(writer, last, 5, id)
  writeI32(writer, value)
}

/** A whole field: an i64 behind its header. */
export const writeI64Field = (writer: Writer, last: number, id: number, value: bigint): void => {
  writeFieldHeader(writer, last, 6, id)
  writeI64(writer, value)
}

/** An i64 that is a number in TypeScript. */
export const writeI64NumberField = (writer: Writer, last: number, id: number, value: number): void => {
  writeFieldHeader(writer, last, 6, id)
  writeI64Number(writer, value)
}

/** A whole field: a double behind its header. */
export const writeDoubleField = (writer: Writer, last: number, id: number, value: number): void => {
  writeFieldHeader(writer, last, 7, id)
  writeDouble(writer, value)
}

/** A whole field: a string behind its header. */
export const writeStringField = (writer: Writer, last: number, id: number, value: string): void => {
  writeFieldHeader(writer, last, 8, id)
  writeString(writer, value)
}

/** A whole field: binary behind its header. */
export const writeBinaryField = (writer: Writer, last: number, id: number, value: Uint8Array): void => {
  writeFieldHeader(writer, last, 8, id)
  writeBinary(writer, value)
}

/** A whole field: a uuid behind its header. */
export const writeUuidField = (writer: Writer, last: number, id: number, value: string): void => {
  writeFieldHeader(writer, last, 13, id)
  writeUuid(writer, value)
}
