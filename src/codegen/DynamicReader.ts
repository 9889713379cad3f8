/** Reads Thrift as JSON, by the IDL's types. */
import { CodecError } from "../Codec.ts"
import * as Binary from "../thrift/Binary.ts"
import * as Compact from "../thrift/Compact.ts"
import type { Protocol } from "../thrift/ThriftCodec.ts"
import type { Reader } from "../wire/Reader.ts"
import { byId, strip, typeOf } from "./DynamicWriter.ts"
import type * as EmitWire from "./EmitWire.ts"
import type * as Ir from "./Ir.ts"
import * as Json from "./Json.ts"

/** A field's type and id as they are on the wire. */
interface Head {
  readonly type: number
  readonly id: number
}

/** A protocol, as the interpreter needs it. */
export interface Wire {
  readonly wire: typeof Binary | typeof Compact
  readonly protocol: EmitWire.Protocol
  /** undefined at the end of the struct; `last` is the id of the field before. */
  readonly readHead: (reader: Reader, last: number) => Head | undefined
}

/** A protocol, and where to read. */
export interface Context extends Wire {
  readonly reader: Reader
}

/** The protocols by name. */
export const wires: Readonly<Record<Protocol, Wire>> = {
  binary: {
    wire: Binary,
    protocol: "Binary",
    readHead: (reader) => {
      const type = Binary.readFieldType(reader)
      return type === 0 ? undefined : { type, id: Binary.readFieldId(reader) }
    }
  },
  compact: {
    wire: Compact,
    protocol: "Compact",
    readHead: (reader, last) => {
      const head = Compact.readFieldHead(reader)
      return head === 0 ? undefined : { type: head & 15, id: Compact.readFieldId(reader, head, last) }
    }
  }
}

const readScalar = ({ reader, wire }: Context, name: Ir.ScalarName): Json.Json => {
  switch (name) {
    case "bool":
      return wire.readBool(reader)
    case "i8":
      return wire.readI8(reader)
    case "i16":
      return wire.readI16(reader)
    case "i32":
      return wire.readI32(reader)
    case "i64":
      return String(wire.readI64(reader))
    case "double":
      return Json.ofDouble(wire.readDouble(reader))
    case "string":
      return wire.readString(reader)
    case "binary":
      return Json.ofBytes(wire.readBinary(reader))
    case "uuid":
      return wire.readUuid(reader)
  }
}

const readList = (context: Context, element: Ir.Type): Json.Json => {
  const { protocol, reader, wire } = context
  const size = wire.readListBegin(reader, typeOf(protocol, element))
  const list: Array<Json.Json> = []
  for (let i = 0; i < size; i++) list.push(readValue(context, element))
  reader.depth++
  return list
}

const readMap = (context: Context, key: Ir.Type, value: Ir.Type): Json.Json => {
  const { protocol, reader, wire } = context
  const size = wire.readMapBegin(reader, typeOf(protocol, key), typeOf(protocol, value))
  const pairs: Array<Json.Json> = []
  for (let i = 0; i < size; i++) {
    const from = readValue(context, key)
    pairs.push([from, readValue(context, value)])
  }
  reader.depth++
  return pairs
}

const readValue = (context: Context, type: Ir.Type): Json.Json => {
  const plain = strip(type)
  switch (plain.kind) {
    case "scalar":
      return readScalar(context, plain.name)
    case "enum":
      return context.wire.readI32(context.reader)
    case "list":
    case "set":
      return readList(context, plain.element)
    case "map":
      return readMap(context, plain.key, plain.value)
    case "message":
      return readMessage(context, plain.message)
  }
}

const isBoolField = (context: Context, type: Ir.Type): boolean => {
  const plain = strip(type)
  return context.protocol === "Compact" && plain.kind === "scalar" && plain.name === "bool"
}

/** Whether what comes next is of the field's type, elements included; it is skipped if not. */
const isOf = (context: Context, type: Ir.Type, wireType: number): boolean => {
  const { protocol, reader, wire } = context
  const plain = strip(type)
  if (isBoolField(context, type)) return wireType === 1 || wireType === 2
  if (wireType !== typeOf(protocol, plain)) return false
  if (plain.kind === "list" || plain.kind === "set") return wire.isList(reader, typeOf(protocol, plain.element))
  if (plain.kind === "map") return wire.isMap(reader, typeOf(protocol, plain.key), typeOf(protocol, plain.value))
  return true
}

const readFields = (context: Context, message: Ir.Message): Map<Ir.Field, Json.Json> => {
  const { reader, wire } = context
  const values = new Map<Ir.Field, Json.Json>()
  reader.enter()
  let last = 0
  for (let head = context.readHead(reader, last); head !== undefined; head = context.readHead(reader, last)) {
    const { id, type } = head
    last = id
    const field = message.fields.find((each) => each.id === id)
    if (field === undefined || !isOf(context, field.type, type)) wire.skip(reader, type)
    else values.set(field, isBoolField(context, field.type) ? type === 1 : readValue(context, field.type))
    if (message.kind === "union" && values.size > 1) {
      throw new CodecError("Malformed", `the union ${message.name} has more than one field set`)
    }
  }
  reader.depth++
  return values
}

/** Reads a message as JSON by the IDL's names, fields in the order of ids. */
export const readMessage = (context: Context, message: Ir.Message): Json.Json => {
  const values = readFields(context, message)
  if (message.kind === "union" && values.size === 0) {
    throw new CodecError("MissingField", `the union ${message.name} has no field set that is known here`)
  }
  const entries: Array<[string, Json.Json]> = []
  for (const field of byId(message)) {
    const value = values.get(field)
    if (value !== undefined) entries.push([field.name, value])
    else if (field.requiredness === "required") {
      throw new CodecError("MissingField", `${message.name}.${field.name} is required and absent`)
    }
  }
  return Object.fromEntries(entries)
}
