/** Writing Binary, below messages; `Binary.ts` says what that is. */
import * as Text from "../wire/Text.ts"
import type { Writer } from "../wire/Writer.ts"
import * as Scalar from "./Scalar.ts"
import * as Uuid from "./Uuid.ts"

/** Ends a struct. */
export const writeStop = (writer: Writer): void => {
  writer.reserve(1)
  writer.bytes[writer.position++] = 0
}

/** Starts the field `id`; its value follows. */
export const writeFieldHeader = (writer: Writer, type: number, id: number): void => {
  writer.reserve(3)
  const position = writer.position
  const bytes = writer.bytes
  bytes[position] = type
  bytes[position + 1] = id >> 8
  bytes[position + 2] = id
  writer.position = position + 3
}

/** One byte, 1 or 0. Throws InvalidValue for what is no boolean, like all `write` functions for their types. */
export const writeBool = (writer: Writer, value: boolean): void => {
  Scalar.checkBool(value)
  writer.reserve(1)
  writer.bytes[writer.position++] = value ? 1 : 0
}

/** One byte. */
export const writeI8 = (writer: Writer, value: number): void => {
  Scalar.checkI8(value)
  writer.reserve(1)
  writer.bytes[writer.position++] = value
}

/** Two bytes. */
export const writeI16 = (writer: Writer, value: number): void => {
  Scalar.checkI16(value)
  writer.reserve(2)
  writer.view.setInt16(writer.position, value)
  writer.position += 2
}

/** Four bytes; also an enum. */
export const writeI32 = (writer: Writer, value: number): void => {
  Scalar.checkI32(value)
  writer.reserve(4)
  writer.view.setInt32(writer.position, value)
  writer.position += 4
}

/** Eight bytes. */
export const writeI64 = (writer: Writer, value: bigint): void => {
  Scalar.checkI64(value)
  writer.reserve(8)
  writer.view.setBigInt64(writer.position, value)
  writer.position += 8
}

/** An i64 that is a number in TypeScript. */
export const writeI64Number = (writer: Writer, value: number): void => {
  Scalar.checkSafe(value)
  writer.reserve(8)
  const low = value >>> 0
  writer.view.setInt32(writer.position, (value - low) / 4294967296)
  writer.view.setUint32(writer.position + 4, low)
  writer.position += 8
}

/** Eight bytes, IEEE 754. */
export const writeDouble = (writer: Writer, value: number): void => {
  Scalar.checkDouble(value)
  writer.reserve(8)
  writer.view.setFloat64(writer.position, value)
  writer.position += 8
}

/** Four bytes of size, then UTF-8. */
export const writeString = (writer: Writer, value: string): void => {
  Scalar.checkString(value)
  writer.reserve(4 + Text.room(value))
  const position = writer.position
  const size = Text.write(writer, value, position + 4)
  writer.view.setInt32(position, size)
  writer.position = position + 4 + size
}

/** Four bytes of size, then the bytes. */
export const writeBinary = (writer: Writer, value: Uint8Array): void => {
  Scalar.checkBinary(value)
  writer.reserve(4 + value.length)
  writer.view.setInt32(writer.position, value.length)
  writer.bytes.set(value, writer.position + 4)
  writer.position += 4 + value.length
}

/** Sixteen bytes. */
export const writeUuid = (writer: Writer, value: string): void => {
  writer.reserve(16)
  Uuid.write(writer.bytes, writer.position, value)
  writer.position += 16
}

const writeSize = (writer: Writer, element: number, size: number): void => {
  writer.reserve(5)
  writer.bytes[writer.position] = element
  writer.view.setInt32(writer.position + 1, size)
  writer.position += 5
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
  writer.bytes[writer.position] = key
  writer.bytes[writer.position + 1] = value
  writer.view.setInt32(writer.position + 2, map.size)
  writer.position += 6
}

/** A whole field: a bool behind its header. */
export const writeBoolField = (writer: Writer, id: number, value: boolean): void => {
  writeFieldHeader(writer, 2, id)
  writeBool(writer, value)
}

/** A whole field: an i8 behind its header. */
export const writeI8Field = (writer: Writer, id: number, value: number): void => {
  writeFieldHeader(writer, 3, id)
  writeI8(writer, value)
}

/** A whole field: an i16 behind its header. */
export const writeI16Field = (writer: Writer, id: number, value: number): void => {
  writeFieldHeader(writer, 6, id)
  writeI16(writer, value)
}

/** A whole field: an i32 or enum behind its header. */
export const writeI32Field = (writer: Writer, id: number, value: number): void => {
  writeFieldHeader(writer, 8, id)
  writeI32(writer, value)
}

/** A whole field: an i64 behind its header. */
export const writeI64Field = (writer: Writer, id: number, value: bigint): void => {
  writeFieldHeader(writer, 10, id)
  writeI64(writer, value)
}

/** An i64 that is a number in TypeScript. */
export const writeI64NumberField = (writer: Writer, id: number, value: number): void => {
  writeFieldHeader(writer, 10, id)
  writeI64Number(writer, value)
}

/** A whole field: a double behind its header. */
export const writeDoubleField = (writer: Writer, id: number, value: number): void => {
  writeFieldHeader(writer, 4, id)
  writeDouble(writer, value)
}

/** A whole field: a string behind its header. */
export const writeStringField = (writer: Writer, id: number, value: string): void => {
  Scalar.checkString(value)
  writer.reserve(7 + Text.room(value))
  const position = writer.position
  const bytes = writer.bytes
  bytes[position] = 11
  bytes[position + 1] = id >> 8
  bytes[position + 2] = id
  const size = Text.write(writer, value, position + 7)
  writer.view.setInt32(position + 3, size)
  writer.position = position + 7 + size
}

/** A whole field: binary behind its header. */
export const writeBinaryField = (writer: Writer, id: number, value: Uint8Array): void => {
  writeFieldHeader(writer, 11, id)
  writeBinary(writer, value)
}

/** A whole field: a uuid behind its header. */
export const writeUuidField = (writer: Writer, id: number, value: string): void => {
  writeFieldHeader(writer, 16, id)
  writeUuid(writer, value)
}
