/**
 * Thrift's Binary protocol, below messages: what generated code calls to write and read structs. Big-endian; a field is
 * one byte of type, two of id, and the value; type 0 ends a struct.
 *
 * Types: 2 bool, 3 i8, 4 double, 6 i16, 8 i32, 10 i64, 11 string and binary, 12 struct, 13 map, 14 set, 15 list,
 * 16 uuid.
 *
 * Source: Apache Thrift, doc/specs/thrift-binary-protocol.md.
 */
import { CodecError } from "../Codec.ts"
import type { Reader } from "../wire/Reader.ts"
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

export const writeBool = (writer: Writer, value: boolean): void => {
  Scalar.checkBool(value)
  writer.reserve(1)
  writer.bytes[writer.position++] = value ? 1 : 0
}

export const writeI8 = (writer: Writer, value: number): void => {
  Scalar.checkI8(value)
  writer.reserve(1)
  writer.bytes[writer.position++] = value
}

export const writeI16 = (writer: Writer, value: number): void => {
  Scalar.checkI16(value)
  writer.reserve(2)
  writer.view.setInt16(writer.position, value)
  writer.position += 2
}

export const writeI32 = (writer: Writer, value: number): void => {
  Scalar.checkI32(value)
  writer.reserve(4)
  writer.view.setInt32(writer.position, value)
  writer.position += 4
}

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

export const writeDouble = (writer: Writer, value: number): void => {
  Scalar.checkDouble(value)
  writer.reserve(8)
  writer.view.setFloat64(writer.position, value)
  writer.position += 8
}

export const writeString = (writer: Writer, value: string): void => {
  Scalar.checkString(value)
  writer.reserve(4 + Text.room(value))
  const position = writer.position
  const size = Text.write(writer, value, position + 4)
  writer.view.setInt32(position, size)
  writer.position = position + 4 + size
}

export const writeBinary = (writer: Writer, value: Uint8Array): void => {
  Scalar.checkBinary(value)
  writer.reserve(4 + value.length)
  writer.view.setInt32(writer.position, value.length)
  writer.bytes.set(value, writer.position + 4)
  writer.position += 4 + value.length
}

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

export const writeBoolField = (writer: Writer, id: number, value: boolean): void => {
  writeFieldHeader(writer, 2, id)
  writeBool(writer, value)
}

export const writeI8Field = (writer: Writer, id: number, value: number): void => {
  writeFieldHeader(writer, 3, id)
  writeI8(writer, value)
}

export const writeI16Field = (writer: Writer, id: number, value: number): void => {
  writeFieldHeader(writer, 6, id)
  writeI16(writer, value)
}

export const writeI32Field = (writer: Writer, id: number, value: number): void => {
  writeFieldHeader(writer, 8, id)
  writeI32(writer, value)
}

export const writeI64Field = (writer: Writer, id: number, value: bigint): void => {
  writeFieldHeader(writer, 10, id)
  writeI64(writer, value)
}

/** An i64 that is a number in TypeScript. */
export const writeI64NumberField = (writer: Writer, id: number, value: number): void => {
  writeFieldHeader(writer, 10, id)
  writeI64Number(writer, value)
}

export const writeDoubleField = (writer: Writer, id: number, value: number): void => {
  writeFieldHeader(writer, 4, id)
  writeDouble(writer, value)
}

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

export const writeBinaryField = (writer: Writer, id: number, value: Uint8Array): void => {
  writeFieldHeader(writer, 11, id)
  writeBinary(writer, value)
}

export const writeUuidField = (writer: Writer, id: number, value: string): void => {
  writeFieldHeader(writer, 16, id)
  writeUuid(writer, value)
}

/** The type of the next field; 0 is the end of the struct. */
export const readFieldType = (reader: Reader): number => {
  if (reader.position >= reader.end) reader.truncated()
  return reader.bytes[reader.position++]!
}

/** The id that follows a field's type. */
export const readFieldId = (reader: Reader): number => readI16(reader)

/** Any byte but 0 is true. */
export const readBool = (reader: Reader): boolean => readFieldType(reader) !== 0

export const readI8 = (reader: Reader): number => {
  reader.need(1)
  return reader.view.getInt8(reader.position++)
}

export const readI16 = (reader: Reader): number => {
  reader.need(2)
  const position = reader.position
  reader.position = position + 2
  return reader.view.getInt16(position)
}

export const readI32 = (reader: Reader): number => {
  reader.need(4)
  const position = reader.position
  reader.position = position + 4
  return reader.view.getInt32(position)
}

export const readI64 = (reader: Reader): bigint => {
  reader.need(8)
  const position = reader.position
  reader.position = position + 8
  return reader.view.getBigInt64(position)
}

/** An i64 that is a number in TypeScript. */
export const readI64Number = (reader: Reader): number => {
  reader.need(8)
  const position = reader.position
  reader.position = position + 8
  return Scalar.toSafe(reader.view.getInt32(position) * 4294967296 + reader.view.getUint32(position + 4))
}

export const readDouble = (reader: Reader): number => {
  reader.need(8)
  const position = reader.position
  reader.position = position + 8
  return reader.view.getFloat64(position)
}

const readSize = (reader: Reader): number => {
  const size = readI32(reader)
  if (size < 0) throw new CodecError("Malformed", `a size of ${size} at byte ${reader.position - 4}`)
  return size
}

export const readString = (reader: Reader): string => {
  const size = readSize(reader)
  reader.need(size)
  const start = reader.position
  reader.position = start + size
  return Text.read(reader.bytes, start, size)
}

/** A copy: the value outlives the buffer it was received in. */
export const readBinary = (reader: Reader): Uint8Array => {
  const size = readSize(reader)
  reader.need(size)
  const start = reader.position
  reader.position = start + size
  return Text.copy(reader.bytes, start, size)
}

export const readUuid = (reader: Reader): string => {
  reader.need(16)
  const position = reader.position
  reader.position = position + 16
  return Uuid.read(reader.bytes, position)
}

/** The fewest bytes that a value of each type takes; 0 for types that are not assigned. */
const least = Uint8Array.of(0, 0, 1, 1, 8, 0, 2, 0, 4, 0, 8, 4, 1, 6, 5, 5, 16)

const leastOf = (type: number): number => {
  const size = least[type] ?? 0
  if (size === 0) throw new CodecError("Malformed", `type ${type} is not assigned`)
  return size
}

// Announced elements are never more than there are bytes for, so that nobody makes us allocate by announcing.
const checkSize = (reader: Reader, size: number, bytesEach: number): number => {
  if (size < 0) throw new CodecError("Malformed", `a container of ${size} elements at byte ${reader.position}`)
  if (size * bytesEach > reader.end - reader.position) reader.truncated()
  return size
}

const mismatch = (reader: Reader): never => {
  throw new CodecError("Malformed", `a container of other types than the IDL's at byte ${reader.position}`)
}

/** Whether the list or set that comes next may be read as one of `element`s; it is skipped like a wrong type if not. */
export const isList = (reader: Reader, element: number): boolean => {
  const position = reader.position
  if (reader.end - position < 5) return true
  return reader.bytes[position] === element || reader.view.getInt32(position + 1) === 0
}

/** Whether the map that comes next may be read as one from `key` to `value`. */
export const isMap = (reader: Reader, key: number, value: number): boolean => {
  const position = reader.position
  if (reader.end - position < 6) return true
  const bytes = reader.bytes
  return (bytes[position] === key && bytes[position + 1] === value) || reader.view.getInt32(position + 2) === 0
}

/** The size of a list or set of `element`s. Goes one level deeper: who read the elements adds 1 to `reader.depth`. */
export const readListBegin = (reader: Reader, element: number): number => {
  reader.enter()
  reader.need(5)
  const position = reader.position
  const size = reader.view.getInt32(position + 1)
  if (reader.bytes[position] !== element && size !== 0) mismatch(reader)
  reader.position = position + 5
  return checkSize(reader, size, least[element]!)
}

/** The size of a map. Goes one level deeper: who read the entries adds 1 to `reader.depth`. */
export const readMapBegin = (reader: Reader, key: number, value: number): number => {
  reader.enter()
  reader.need(6)
  const position = reader.position
  const size = reader.view.getInt32(position + 2)
  if ((reader.bytes[position] !== key || reader.bytes[position + 1] !== value) && size !== 0) mismatch(reader)
  reader.position = position + 6
  return checkSize(reader, size, least[key]! + least[value]!)
}

const skipBytes = (reader: Reader, size: number): void => {
  reader.need(size)
  reader.position += size
}

const isFixed = (type: number): boolean => type <= 10 || type === 16

const skipAll = (reader: Reader, type: number, size: number): void => {
  checkSize(reader, size, leastOf(type))
  if (isFixed(type)) skipBytes(reader, size * least[type]!)
  else for (let i = 0; i < size; i++) skip(reader, type)
}

const skipStruct = (reader: Reader): void => {
  for (;;) {
    const type = readFieldType(reader)
    if (type === 0) return
    skipBytes(reader, 2)
    skip(reader, type)
  }
}

const skipMap = (reader: Reader): void => {
  const key = readFieldType(reader)
  const value = readFieldType(reader)
  const size = readI32(reader)
  if (size === 0) return
  checkSize(reader, size, leastOf(key) + leastOf(value))
  for (let i = 0; i < size; i++) {
    skip(reader, key)
    skip(reader, value)
  }
}

const skipList = (reader: Reader): void => {
  const element = readFieldType(reader)
  const size = readI32(reader)
  if (size !== 0) skipAll(reader, element, size)
}

/** Passes over a value of a type that nobody wants, with the same checks as if it were read. */
export const skip = (reader: Reader, type: number): void => {
  if (type === 11) return skipBytes(reader, readSize(reader))
  if (type < 11 || type > 15) return skipBytes(reader, leastOf(type))
  reader.enter()
  if (type === 12) skipStruct(reader)
  else if (type === 13) skipMap(reader)
  else skipList(reader)
  reader.depth++
}
