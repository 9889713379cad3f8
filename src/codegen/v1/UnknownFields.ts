/** Fields that a decoder does not know, kept by messages generated with `keepUnknownFields` and written again. */
import type { Reader } from "../../wire/Reader.ts"
import type { Writer } from "../../wire/Writer.ts"
import * as Binary from "../../thrift/Binary.ts"
import * as Compact from "../../thrift/Compact.ts"
import type { Protocol } from "../../thrift/ThriftCodec.ts"

/** Where a message keeps them. A symbol, so that no field of an IDL can have the name. */
export const unknownFields: unique symbol = Symbol.for("volant/unknownFields")

/** One field as it was received. */
export interface UnknownField {
  readonly id: number
  /** The type on the wire, a number of the protocol's. */
  readonly type: number
  /** The value as it was received. */
  readonly bytes: Uint8Array
}

/** In the order received. Their bytes mean something in the protocol they came by alone; in the other they are left out. */
export interface UnknownFields {
  readonly protocol: Protocol
  readonly fields: ReadonlyArray<UnknownField>
}

const add = (
  before: UnknownFields | undefined,
  protocol: Protocol,
  reader: Reader,
  start: number,
  id: number,
  type: number
): UnknownFields => {
  const field = { id, type, bytes: new Uint8Array(reader.bytes.subarray(start, reader.position)) }
  if (before === undefined) return { protocol, fields: [field] }
  ;(before.fields as Array<UnknownField>).push(field)
  return before
}

/** Passes over a field's value and keeps it beside those before it. */
export const keepBinary = (
  before: UnknownFields | undefined,
  reader: Reader,
  id: number,
  type: number
): UnknownFields => {
  const start = reader.position
  Binary.skip(reader, type)
  return add(before, "binary", reader, start, id, type)
}

/** Passes over a field's value and keeps it beside those before it. */
export const keepCompact = (
  before: UnknownFields | undefined,
  reader: Reader,
  id: number,
  type: number
): UnknownFields => {
  const start = reader.position
  Compact.skip(reader, type)
  return add(before, "compact", reader, start, id, type)
}

const writeBytes = (writer: Writer, bytes: Uint8Array): void => {
  writer.reserve(bytes.length)
  writer.bytes.set(bytes, writer.position)
  writer.position += bytes.length
}

/** Writes what came by Binary. */
export const writeBinary = (writer: Writer, kept: UnknownFields | undefined): void => {
  if (kept?.protocol !== "binary") return
  for (const field of kept.fields) {
    Binary.writeFieldHeader(writer, field.type, field.id)
    writeBytes(writer, field.bytes)
  }
}

/** `last` is the id of the field written before. */
export const writeCompact = (writer: Writer, kept: UnknownFields | undefined, last: number): void => {
  if (kept?.protocol !== "compact") return
  let before = last
  for (const field of kept.fields) {
    Compact.writeFieldHeader(writer, before, field.type, field.id)
    writeBytes(writer, field.bytes)
    before = field.id
  }
}
