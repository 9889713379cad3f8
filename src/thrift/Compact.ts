/**
 * Thrift's Compact protocol, below messages: what generated code calls to write and read structs. Integers are ZigZag
 * varints, doubles are little-endian; a field is a byte with the step from the id before and the type, or the type and then the
 * id when the step is not from 1 to 15. A bool field's value is its type.
 *
 * Types: 1 true, 2 false (1 also bool, of elements), 3 i8, 4 i16, 5 i32, 6 i64, 7 double, 8 string and binary, 9 list,
 * 10 set, 11 map, 12 struct, 13 uuid.
 *
 * Source: Apache Thrift, doc/specs/thrift-compact-protocol.md.
 */
import { CodecError } from "../Codec.ts"
import type { Reader } from "../wire/Reader.ts"
import * as Text from "../wire/Text.ts"
import type { Writer } from "../wire/Writer.ts"
import * as Scalar from "./Scalar.ts"
import * as Uuid from "./Uuid.ts"
import * as Varint from "./Varint.ts"

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
  Varint.writeI32(writer, id)
}

/** A bool that is an element; 1 is true, 2 is false. */
export const writeBool = (writer: Writer, value: boolean): void => {
  Scalar.checkBool(value)
  writer.reserve(1)
  writer.bytes[writer.position++] = value ? 1 : 2
}

export const writeI8 = (writer: Writer, value: number): void => {
  Scalar.checkI8(value)
  writer.reserve(1)
  writer.bytes[writer.position++] = value
}

export const writeI16 = (writer: Writer, value: number): void => {
  Scalar.checkI16(value)
  writer.reserve(3)
  Varint.writeI32(writer, value)
}

export const writeI32 = (writer: Writer, value: number): void => {
  Scalar.checkI32(value)
  writer.reserve(5)
  Varint.writeI32(writer, value)
}

export const writeI64 = (writer: Writer, value: bigint): void => {
  Scalar.checkI64(value)
  writer.reserve(10)
  Varint.writeI64(writer, value)
}

/** An i64 that is a number in TypeScript. */
export const writeI64Number = (writer: Writer, value: number): void => {
  Scalar.checkSafe(value)
  writer.reserve(10)
  Varint.writeI64Number(writer, value)
}

export const writeDouble = (writer: Writer, value: number): void => {
  Scalar.checkDouble(value)
  writer.reserve(8)
  writer.view.setFloat64(writer.position, value, true)
  writer.position += 8
}

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

export const writeBinary = (writer: Writer, value: Uint8Array): void => {
  Scalar.checkBinary(value)
  writer.reserve(5 + value.length)
  Varint.writeU32(writer, value.length)
  writer.bytes.set(value, writer.position)
  writer.position += value.length
}

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

export const writeBoolField = (writer: Writer, last: number, id: number, value: boolean): void => {
  Scalar.checkBool(value)
  writeFieldHeader(writer, last, value ? 1 : 2, id)
}

export const writeI8Field = (writer: Writer, last: number, id: number, value: number): void => {
  writeFieldHeader(writer, last, 3, id)
  writeI8(writer, value)
}

export const writeI16Field = (writer: Writer, last: number, id: number, value: number): void => {
  writeFieldHeader(writer, last, 4, id)
  writeI16(writer, value)
}

export const writeI32Field = (writer: Writer, last: number, id: number, value: number): void => {
  writeFieldHeader(writer, last, 5, id)
  writeI32(writer, value)
}

export const writeI64Field = (writer: Writer, last: number, id: number, value: bigint): void => {
  writeFieldHeader(writer, last, 6, id)
  writeI64(writer, value)
}

/** An i64 that is a number in TypeScript. */
export const writeI64NumberField = (writer: Writer, last: number, id: number, value: number): void => {
  writeFieldHeader(writer, last, 6, id)
  writeI64Number(writer, value)
}

export const writeDoubleField = (writer: Writer, last: number, id: number, value: number): void => {
  writeFieldHeader(writer, last, 7, id)
  writeDouble(writer, value)
}

export const writeStringField = (writer: Writer, last: number, id: number, value: string): void => {
  writeFieldHeader(writer, last, 8, id)
  writeString(writer, value)
}

export const writeBinaryField = (writer: Writer, last: number, id: number, value: Uint8Array): void => {
  writeFieldHeader(writer, last, 8, id)
  writeBinary(writer, value)
}

export const writeUuidField = (writer: Writer, last: number, id: number, value: string): void => {
  writeFieldHeader(writer, last, 13, id)
  writeUuid(writer, value)
}

/** The byte that starts a field: the step in its high half, the type in its low one; 0 is the end of the struct. */
export const readFieldHead = (reader: Reader): number => {
  if (reader.position >= reader.end) reader.truncated()
  return reader.bytes[reader.position++]!
}

/** The id of the field that starts with `head`, where `last` is the id of the field before it. */
export const readFieldId = (reader: Reader, head: number, last: number): number =>
  head > 15 ? last + (head >> 4) : readI16(reader)

/** A bool that is an element: 1 is true, 2 false; some write 0 for false. */
export const readBool = (reader: Reader): boolean => {
  const byte = readFieldHead(reader)
  if (byte > 2) throw new CodecError("Malformed", `the byte ${byte} for a bool at byte ${reader.position - 1}`)
  return byte === 1
}

export const readI8 = (reader: Reader): number => {
  reader.need(1)
  return reader.view.getInt8(reader.position++)
}

export const readI16 = (reader: Reader): number => {
  const value = Varint.readI32(reader)
  if ((value << 16) >> 16 !== value) {
    throw new CodecError("Malformed", `${value} for 16 bits at byte ${reader.position}`)
  }
  return value
}

export const readI32 = (reader: Reader): number => Varint.readI32(reader)

export const readI64 = (reader: Reader): bigint => Varint.readI64(reader)

/** An i64 that is a number in TypeScript. */
export const readI64Number = (reader: Reader): number => Scalar.toSafe(Varint.readI64Number(reader))

export const readDouble = (reader: Reader): number => {
  reader.need(8)
  const position = reader.position
  reader.position = position + 8
  return reader.view.getFloat64(position, true)
}

export const readString = (reader: Reader): string => {
  const size = Varint.readU32(reader)
  reader.need(size)
  const start = reader.position
  reader.position = start + size
  return Text.read(reader.bytes, start, size)
}

/** A copy: the value outlives the buffer it was received in. */
export const readBinary = (reader: Reader): Uint8Array => {
  const size = Varint.readU32(reader)
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

/** The fewest bytes that a value of each type takes as an element; 0 for types that are not assigned. */
const least = Uint8Array.of(0, 1, 1, 1, 1, 1, 1, 8, 1, 1, 1, 1, 1, 16)

const leastOf = (type: number): number => {
  const size = least[type] ?? 0
  if (size === 0) throw new CodecError("Malformed", `type ${type} is not assigned`)
  return size
}

// Announced elements are never more than there are bytes for, so that nobody makes us allocate by announcing.
const checkSize = (reader: Reader, size: number, bytesEach: number): number => {
  if (size * bytesEach > reader.end - reader.position) reader.truncated()
  return size
}

// Bools are announced as 1 by most writers and as 2 by some.
const isElement = (announced: number, type: number): boolean => announced === type || (type === 1 && announced === 2)

const mismatch = (reader: Reader): never => {
  throw new CodecError("Malformed", `a container of other types than the IDL's at byte ${reader.position}`)
}

/** Whether the list or set that comes next may be read as one of `element`s; it is skipped like a wrong type if not. */
export const isList = (reader: Reader, element: number): boolean => {
  if (reader.position >= reader.end) return true
  const head = reader.bytes[reader.position]!
  return isElement(head & 15, element) || head < 16
}

/** Whether the map that comes next may be read as one from `key` to `value`. */
export const isMap = (reader: Reader, key: number, value: number): boolean => {
  const start = reader.position
  const size = Varint.readU32(reader)
  const types = size === 0 ? 0 : readFieldHead(reader)
  reader.position = start
  return size === 0 || (isElement(types >> 4, key) && isElement(types & 15, value))
}

/** The size of a list or set of `element`s. Goes one level deeper: who read the elements adds 1 to `reader.depth`. */
export const readListBegin = (reader: Reader, element: number): number => {
  reader.enter()
  const head = readFieldHead(reader)
  const size = head < 0xf0 ? head >> 4 : Varint.readU32(reader)
  if (size !== 0 && !isElement(head & 15, element)) mismatch(reader)
  return checkSize(reader, size, least[element]!)
}

/** The size of a map. Goes one level deeper: who read the entries adds 1 to `reader.depth`. */
export const readMapBegin = (reader: Reader, key: number, value: number): number => {
  reader.enter()
  const size = Varint.readU32(reader)
  if (size === 0) return 0
  const types = readFieldHead(reader)
  if (!isElement(types >> 4, key) || !isElement(types & 15, value)) mismatch(reader)
  return checkSize(reader, size, least[key]! + least[value]!)
}

const skipBytes = (reader: Reader, size: number): void => {
  reader.need(size)
  reader.position += size
}

const skipStruct = (reader: Reader): void => {
  let id = 0
  for (;;) {
    const head = readFieldHead(reader)
    if (head === 0) return
    id = readFieldId(reader, head, id)
    skip(reader, head & 15)
  }
}

// As an element a bool takes a byte; as a field it is in the type.
const skipElement = (reader: Reader, type: number): void => (type < 3 ? skipBytes(reader, 1) : skip(reader, type))

const skipList = (reader: Reader): void => {
  const head = readFieldHead(reader)
  const size = head < 0xf0 ? head >> 4 : Varint.readU32(reader)
  if (size === 0) return
  const element = head & 15
  checkSize(reader, size, leastOf(element))
  for (let i = 0; i < size; i++) skipElement(reader, element)
}

const skipMap = (reader: Reader): void => {
  const size = Varint.readU32(reader)
  if (size === 0) return
  const types = readFieldHead(reader)
  checkSize(reader, size, leastOf(types >> 4) + leastOf(types & 15))
  for (let i = 0; i < size; i++) {
    skipElement(reader, types >> 4)
    skipElement(reader, types & 15)
  }
}

const skipScalar = (reader: Reader, type: number): void => {
  if (type === 8) return skipBytes(reader, Varint.readU32(reader))
  if (type > 3 && type < 7) return Varint.skip(reader)
  if (leastOf(type) > 0 && type > 2) skipBytes(reader, least[type]!)
}

/** Passes over a field's value that nobody wants, with the same checks as if it were read. */
export const skip = (reader: Reader, type: number): void => {
  if (type < 9 || type > 12) return skipScalar(reader, type)
  reader.enter()
  if (type === 12) skipStruct(reader)
  else if (type === 11) skipMap(reader)
  else skipList(reader)
  reader.depth++
}
