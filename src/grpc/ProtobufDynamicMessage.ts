/** A message type from its description alone: reads and writes what no code was generated for. Slower, and bit for bit the same. */
import { Reader as WireReader, type Reader } from "../wire/Reader.ts"
import type { Writer } from "../wire/Writer.ts"
import * as Check from "./ProtobufCheck.ts"
import * as Dynamic from "./ProtobufDynamic.ts"
import * as Message from "./ProtobufMessage.ts"
import * as Protobuf from "./Protobuf.ts"
import type * as Type from "./ProtobufType.ts"

interface Parts {
  /** With its package. */
  readonly name: string
  /** In the order of numbers. */
  readonly fields: () => Type.Fields
  /** Whether it, or a message within it, has a required field. */
  readonly isDemanding: boolean
}

/** Values under construction; the keys are those of the fields. */
type Draft = Record<string | symbol, unknown>

/** A type whose values are plain objects, as those of generated types are. */
export const make = ({ fields, isDemanding, name }: Parts): Type.AnyMessage => {
  const byNumber = new Map<number, Type.Field>()
  const find = (number: number): Type.Field | undefined => {
    if (byNumber.size === 0) for (const field of fields()) byNumber.set(field.number, field)
    return byNumber.get(number)
  }
  return Message.struct<any, (fields: Draft) => Draft>({
    name,
    fields,
    isDemanding,
    make: (given) => given,
    encode: (writer, value: Draft) => encode(writer, fields(), value),
    decode: (reader, before?: Draft) => decode(reader, fields(), find, before)
  })
}

const encode = (writer: Writer, fields: Type.Fields, value: Draft): void => {
  for (const field of fields) {
    const held = Check.valueOf(field, value)
    if (held !== undefined) encodeField(writer, field, held)
  }
  Protobuf.writeUnknown(writer, value[Message.unknownFields] as Uint8Array | undefined)
}

const encodeField = (writer: Writer, field: Type.Field, held: unknown): void => {
  if (field.cardinality === "map") return encodeMap(writer, field, held as ReadonlyMap<unknown, unknown>)
  if (field.cardinality !== "implicit" || !isZero(held)) Dynamic.writeField(writer, field, held)
}

const isZero = (value: unknown): boolean =>
  value === 0
    ? Object.is(value, 0)
    : value === 0n || value === "" || value === false || (value instanceof Uint8Array && value.length === 0)

const encodeMap = (writer: Writer, { mapKey, number, type }: Type.Field, map: ReadonlyMap<unknown, unknown>): void => {
  for (const [key, item] of Protobuf.entries(map)) {
    const start = Protobuf.begin(writer, number * 8 + 2)
    Dynamic.write(writer, 1, mapKey!, key)
    Dynamic.write(writer, 2, type, item)
    Protobuf.end(writer, start)
  }
}

type Find = (number: number) => Type.Field | undefined

const decode = (reader: Reader, fields: Type.Fields, find: Find, before: Draft | undefined): Draft => {
  const draft = emptyOf(fields)
  if (before !== undefined) for (const field of fields) adopt(draft, field, before)
  const kept: Kept = { unknown: before?.[Message.unknownFields] as Uint8Array | undefined }
  while (reader.position < reader.end) {
    const tag = Protobuf.readTag(reader)
    const field = find(tag >>> 3)
    if (field === undefined || !fits(field, tag & 7)) kept.unknown = Protobuf.keep(kept.unknown, reader, tag)
    else if (field.cardinality === "map") decodeEntry(reader, tag, field, draft, kept)
    else decodeField(reader, tag, field, draft, kept)
  }
  return Message.keeping(draft, kept.unknown)
}

/** Fields that the IDL does not know, and numbers that a closed enum does not name. */
interface Kept {
  unknown: Uint8Array | undefined
}

const emptyOf = (fields: Type.Fields): Draft => {
  const draft: Draft = {}
  for (const field of fields) draft[field.oneof ?? field.key] = absentOf(field)
  return draft
}

/** A copy where decoding will change what is there. */
const adopt = (draft: Draft, field: Type.Field, before: Draft): void => {
  const key = field.oneof ?? field.key
  const held = before[key]
  if (field.cardinality === "map") draft[key] = new Map(held as ReadonlyMap<unknown, unknown>)
  else draft[key] = Dynamic.isRepeated(field) ? [...(held as ReadonlyArray<unknown>)] : held
}

const absentOf = (field: Type.Field): unknown => {
  if (Dynamic.isRepeated(field)) return []
  if (field.cardinality === "map") return new Map()
  return field.cardinality === "implicit" ? zeroOf(field.type) : undefined
}

const zeroOf = (type: Type.Type): unknown => {
  switch (type.kind) {
    case "message":
      return type.message.wire.decode(new WireReader(Protobuf.noBytes, Protobuf.limits))
    case "bool":
      return false
    case "string":
    case "anyString":
      return ""
    case "binary":
      return Protobuf.noBytes
    default:
      return wide.has(type.kind) ? 0n : 0
  }
}

const wide: ReadonlySet<string> = new Set(["int64", "uint64", "sint64", "fixed64", "sfixed64"])

/** Whether a value of the wire type is read as the field's; others are unknown fields. */
const fits = (field: Type.Field, wireType: number): boolean => {
  if (field.cardinality === "map") return wireType === 2
  const own = Dynamic.wireTypeOf(field.type)
  return wireType === own || (wireType === 2 && own !== 3 && Dynamic.isRepeated(field))
}

const decodeField = (reader: Reader, tag: number, field: Type.Field, draft: Draft, kept: Kept): void => {
  const { key, number, oneof, type } = field
  const read: Array<unknown> = []
  if (Dynamic.isRepeated(field)) Dynamic.readList(reader, tag, field, read)
  else read.push(Dynamic.read(reader, number, type, Check.valueOf(field, draft)))
  for (const value of read) {
    if (!isNamed(type, value)) kept.unknown = Protobuf.keepEnum(kept.unknown, number * 8, value as number)
    else if (Dynamic.isRepeated(field)) (draft[key] as Array<unknown>).push(value)
    else draft[oneof ?? key] = oneof === undefined ? value : { _tag: key, value }
  }
}

const isNamed = (type: Type.Type, value: unknown): boolean =>
  type.kind !== "enum" || !type.isClosed || Message.isMember(type.members, value as number)

const decodeEntry = (reader: Reader, tag: number, field: Type.Field, draft: Draft, kept: Kept): void => {
  const from = reader.position
  const keyType = field.mapKey!
  const outer = Protobuf.enter(reader)
  let key = zeroOf(keyType)
  let item: unknown
  while (reader.position < reader.end) {
    const entryTag = Protobuf.readTag(reader)
    if (entryTag === 8 + Dynamic.wireTypeOf(keyType)) key = Dynamic.read(reader, 1, keyType)
    else if (entryTag === 16 + Dynamic.wireTypeOf(field.type)) item = Dynamic.read(reader, 2, field.type, item)
    else Protobuf.skip(reader, entryTag)
  }
  Protobuf.leave(reader, outer)
  item ??= zeroOf(field.type)
  if (isNamed(field.type, item)) (draft[field.key] as Map<unknown, unknown>).set(key, item)
  else kept.unknown = Protobuf.keepRead(kept.unknown, reader, tag, from)
}
