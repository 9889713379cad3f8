/**
 * Values of options as the messages that they are on the wire.
 */
import * as Protobuf from "../grpc/Protobuf.ts"
import type { Writer } from "../wire/Writer.ts"
import type * as ProtoIr from "./ProtoIr.ts"

/** A tag from a field's number and its wire type. */
export const tag = (id: number, wireType: number): number => id * 8 + wireType

const varint = 0
const fixed64 = 1
const bytes = 2
const startGroup = 3
const endGroup = 4
const fixed32 = 5

const wireTypes: Record<ProtoIr.ScalarName, number> = {
  double: fixed64,
  float: fixed32,
  int32: varint,
  int64: varint,
  uint32: varint,
  uint64: varint,
  sint32: varint,
  sint64: varint,
  fixed32,
  fixed64,
  sfixed32: fixed32,
  sfixed64: fixed64,
  bool: varint,
  string: bytes,
  binary: bytes
}

const writeInt = (writer: Writer, name: ProtoIr.ScalarName, value: bigint): void => {
  if (name === "int32" || name === "int64") return Protobuf.writeInt64(writer, value)
  if (name === "uint32" || name === "uint64") return Protobuf.writeUint64(writer, value)
  if (name === "sint32" || name === "sint64") return Protobuf.writeSint64(writer, value)
  if (name === "fixed32") return Protobuf.writeFixed32(writer, Number(value))
  if (name === "sfixed32") return Protobuf.writeSfixed32(writer, Number(value))
  return name === "fixed64" ? Protobuf.writeFixed64(writer, value) : Protobuf.writeSfixed64(writer, value)
}

/** A number, bool or enum without its tag. */
const writePlain = (writer: Writer, type: ProtoIr.Single, value: ProtoIr.Value): void => {
  if (value.kind === "enum") return Protobuf.writeInt32(writer, value.member.value)
  if (value.kind === "bool") return Protobuf.writeBool(writer, value.value)
  if (type.kind !== "scalar") return
  if (value.kind === "int") return writeInt(writer, type.name, value.value)
  if (value.kind !== "double") return
  if (type.name === "float") Protobuf.writeFloat(writer, value.value)
  else Protobuf.writeDouble(writer, value.value)
}

const writeAny = (writer: Writer, { typeUrl, value }: Extract<ProtoIr.Value, { kind: "any" }>): void => {
  Protobuf.writeStringField(writer, tag(1, bytes), typeUrl)
  const start = Protobuf.begin(writer, tag(2, bytes))
  write(writer, value)
  Protobuf.end(writer, start)
}

const writeInner = (writer: Writer, value: ProtoIr.Value): void => {
  if (value.kind === "message") write(writer, value)
  if (value.kind === "any") writeAny(writer, value)
}

const writeSingle = (
  writer: Writer,
  id: number,
  type: ProtoIr.Single,
  isDelimited: boolean,
  value: ProtoIr.Value
): void => {
  if (value.kind === "string") return Protobuf.writeStringField(writer, tag(id, bytes), value.value)
  if (value.kind === "binary") return Protobuf.writeBinaryField(writer, tag(id, bytes), value.value)
  if (type.kind !== "message") {
    Protobuf.writeTag(writer, tag(id, type.kind === "enum" ? varint : wireTypes[type.name]))
    return writePlain(writer, type, value)
  }
  if (isDelimited) {
    Protobuf.writeTag(writer, tag(id, startGroup))
    writeInner(writer, value)
    return Protobuf.writeTag(writer, tag(id, endGroup))
  }
  const start = Protobuf.begin(writer, tag(id, bytes))
  writeInner(writer, value)
  Protobuf.end(writer, start)
}

const writeList = (
  writer: Writer,
  { delimited, id, packed }: ProtoIr.Field,
  type: ProtoIr.Single,
  elements: ReadonlyArray<ProtoIr.Value>
): void => {
  if (!packed) return elements.forEach((each) => writeSingle(writer, id, type, delimited, each))
  if (elements.length === 0) return
  const start = Protobuf.begin(writer, tag(id, bytes))
  for (const each of elements) writePlain(writer, type, each)
  Protobuf.end(writer, start)
}

const writeField = (writer: Writer, field: ProtoIr.Field, value: ProtoIr.Value): void => {
  const { type } = field
  if (type.kind === "list")
    return value.kind === "list" ? writeList(writer, field, type.element, value.elements) : undefined
  if (type.kind !== "map") return writeSingle(writer, field.id, type, field.delimited, value)
  if (value.kind !== "map") return
  for (const [key, content] of value.entries) {
    const start = Protobuf.begin(writer, tag(field.id, bytes))
    writeSingle(writer, 1, type.key, false, key)
    writeSingle(writer, 2, type.value, false, content)
    Protobuf.end(writer, start)
  }
}

/** The fields in the order of their numbers. */
export const write = (writer: Writer, { fields }: ProtoIr.MessageValue): void => {
  const sorted = [...fields].sort(([a], [b]) => a.id - b.id)
  for (const [field, value] of sorted) writeField(writer, field, value)
}
