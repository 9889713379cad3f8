/** Reading Binary, below messages; `Binary.ts` says what that is. */
import { CodecError } from "../Codec.ts"
import type { Reader } from "../wire/Reader.ts"
import * as Text from "../wire/Text.ts"
import * as Scalar from "./Scalar.ts"
import * as Uuid from "./Uuid.ts"

/** The type of the next field; 0 is the end of the struct. */
export const readFieldType = (reader: Reader): number => {
  if (reader.position >= reader.end) reader.truncated()
  return reader.bytes[reader.position++]!
}

/** The id that follows a field's type. */
export const readFieldId = (reader: Reader): number => readI16(reader)

/** Any byte but 0 is true. */
export const readBool = (reader: Reader): boolean => readFieldType(reader) !== 0

/** One byte. Throws Truncated at the end of the window, like all `read` functions. */
export const readI8 = (reader: Reader): number => {
  reader.need(1)
  return reader.view.getInt8(reader.position++)
}

/** Two bytes. */
export const readI16 = (reader: Reader): number => {
  reader.need(2)
  const position = reader.position
  reader.position = position + 2
  return reader.view.getInt16(position)
}

/** Four bytes; also an enum. */
export const readI32 = (reader: Reader): number => {
  reader.need(4)
  const position = reader.position
  reader.position = position + 4
  return reader.view.getInt32(position)
}

/** Eight bytes. */
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

/** Eight bytes. */
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

/** A size, which the window must hold, and UTF-8; what is no UTF-8 becomes U+FFFD. */
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

/** Sixteen bytes, as lower-case text. */
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
