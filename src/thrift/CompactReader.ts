/** Reading Compact, below messages; `Compact.ts` says what that is. */
import { CodecError } from "../Codec.ts"
import type { Reader } from "../wire/Reader.ts"
import * as Text from "../wire/Text.ts"
import * as Scalar from "./Scalar.ts"
import * as Uuid from "./Uuid.ts"
import * as Varint from "../wire/Varint.ts"

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

/** One byte. Throws Truncated at the end of the window, like all `read` functions. */
export const readI8 = (reader: Reader): number => {
  reader.need(1)
  return reader.view.getInt8(reader.position++)
}

/** A varint; one of more than 16 bits is Malformed. */
export const readI16 = (reader: Reader): number => {
  const value = Varint.readZigZag32(reader)
  if ((value << 16) >> 16 !== value) {
    throw new CodecError("Malformed", `${value} for 16 bits at byte ${reader.position}`)
  }
  return value
}

/** A varint; also an enum. */
export const readI32 = (reader: Reader): number => Varint.readZigZag32(reader)

/** A varint. */
export const readI64 = (reader: Reader): bigint => Varint.readZigZagBig(reader)

/** An i64 that is a number in TypeScript. */
export const readI64Number = (reader: Reader): number => Scalar.toSafe(Varint.readZigZagNumber(reader))

/** Eight bytes, the lowest first. */
export const readDouble = (reader: Reader): number => {
  reader.need(8)
  const position = reader.position
  reader.position = position + 8
  return reader.view.getFloat64(position, true)
}

/** A size, which the window must hold, and UTF-8; what is no UTF-8 becomes U+FFFD. */
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

/** Sixteen bytes, as lower-case text. */
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
