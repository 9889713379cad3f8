/**
 * Protobuf's encoding, the writing side: text, bytes, and messages within messages. The length of a message stands before it
 * and is not known until it is written: one byte is left free for it, and where it takes more the message moves.
 */
import type { Writer } from "../wire/Writer.ts"
import * as Text from "../wire/Text.ts"
import * as Scalar from "./ProtobufScalar.ts"
import * as Varint from "../wire/Varint.ts"

// The compiler of the engine knows a constant of the module; what a namespace holds it loads and checks at every call.
const { checkBinary, checkString } = Scalar
const { write: writeText } = Text
const { sizeOf, writeHead, writeU32 } = Varint

/** A tag alone: the start or the end of a group. */
export const writeTag = (writer: Writer, tag: number): void => writeHead(writer, tag, 0)

/** Starts what has a length, and returns where it starts; `end` is told that. */
export const begin = (writer: Writer, tag: number): number => {
  writeHead(writer, tag, 1)
  return ++writer.position
}

/** Ends what `begin` started. */
export const end = (writer: Writer, start: number): void => {
  const size = writer.position - start
  if (size < 128) writer.bytes[start - 1] = size
  else endLong(writer, start, size)
}

const endLong = (writer: Writer, start: number, size: number): void => {
  const more = sizeOf(size) - 1
  writer.reserve(more)
  writer.bytes.copyWithin(start + more, start, start + size)
  writer.position = start - 1
  writeU32(writer, size)
  writer.position = start + more + size
}

/** Writes a string, without a tag. */
export const writeString = (writer: Writer, value: string): void => {
  checkString(value)
  writer.reserve(5 + value.length * 3)
  putString(writer, value)
}

/** Lone surrogates become U+FFFD. */
export const writeStringField = (writer: Writer, tag: number, value: string): void => {
  checkString(value)
  writeHead(writer, tag, 5 + value.length * 3)
  putString(writer, value)
}

const putString = (writer: Writer, value: string): void => {
  const position = writer.position
  if (value.length < 43) {
    const size = writeText(writer, value, position + 1)
    writer.bytes[position] = size
    writer.position = position + 1 + size
  } else putLongString(writer, value, position)
}

// The size is guessed from the length, which is right for ASCII, and the text moves when the guess took too few bytes.
const putLongString = (writer: Writer, value: string, position: number): void => {
  const guess = position + sizeOf(value.length)
  const size = writeText(writer, value, guess)
  const start = position + sizeOf(size)
  if (start !== guess) writer.bytes.copyWithin(start, guess, guess + size)
  writeU32(writer, size)
  writer.position = start + size
}

/** Writes bytes with its tag. */
export const writeBinaryField = (writer: Writer, tag: number, value: Uint8Array): void => {
  checkBinary(value)
  writeHead(writer, tag, 5 + value.length)
  writeU32(writer, value.length)
  writeBytes(writer, value)
}

const writeBytes = (writer: Writer, value: Uint8Array): void => {
  writer.bytes.set(value, writer.position)
  writer.position += value.length
}

/** Writes what a decoder did not know, as it was received. */
export const writeUnknown = (writer: Writer, unknown: Uint8Array | undefined): void => {
  if (unknown === undefined) return
  checkBinary(unknown)
  writer.reserve(unknown.length)
  writeBytes(writer, unknown)
}

/** The elements of a list; an error when it is none. */
export const list = <A>(value: ReadonlyArray<A>): ReadonlyArray<A> => {
  if (!Array.isArray(value)) throw Scalar.invalid(value, "an array")
  return value
}

/** Whether a number is other than +0, the zero that is not written. */
export const isSet = (value: number): boolean => value !== 0 || 1 / value < 0

// True while a deterministic codec writes; that is one synchronous call.
let isDeterministic = false

const order = (a: readonly [unknown, unknown], b: readonly [unknown, unknown]): number => {
  const [x, y] = [a[0] as string | number | bigint | boolean, b[0] as string | number | bigint | boolean]
  if (typeof x === "string") return Buffer.compare(Buffer.from(x), Buffer.from(String(y)))
  return x < y ? -1 : x > y ? 1 : 0
}

/** The entries of a map, in its own order or, for deterministic codecs, in that of its keys; strings by their bytes. */
export const entries = <K, V>(map: ReadonlyMap<K, V>): Iterable<readonly [K, V]> => {
  if (!(map instanceof Map)) throw Scalar.invalid(map, "a Map")
  return isDeterministic ? [...map].sort(order) : map
}

/** Runs an encoder so that equal messages give equal bytes. */
export const deterministically = (encode: () => void): void => {
  const before = isDeterministic
  isDeterministic = true
  try {
    encode()
  } finally {
    isDeterministic = before
  }
}
