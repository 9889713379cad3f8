/** Writes JSON as Thrift, by the IDL's types. */
import { CodecError } from "../Codec.ts"
import * as Binary from "../thrift/Binary.ts"
import * as Compact from "../thrift/Compact.ts"
import type { Protocol } from "../thrift/ThriftCodec.ts"
import type { Writer } from "../wire/Writer.ts"
import * as EmitWire from "./EmitWire.ts"
import type * as Ir from "./Ir.ts"
import * as Json from "./Json.ts"

/** A protocol, as the interpreter needs it. */
export interface Wire {
  readonly wire: typeof Binary | typeof Compact
  readonly protocol: EmitWire.Protocol
  readonly writeFieldHeader: (writer: Writer, last: number, type: number, id: number) => void
}

/** A protocol, and where to write. */
export interface Context extends Wire {
  readonly writer: Writer
}

/** The protocols by name. */
export const wires: Readonly<Record<Protocol, Wire>> = {
  binary: {
    wire: Binary,
    protocol: "Binary",
    writeFieldHeader: (writer, _last, type, id) => Binary.writeFieldHeader(writer, type, id)
  },
  compact: { wire: Compact, protocol: "Compact", writeFieldHeader: Compact.writeFieldHeader }
}

/** A type without its aliases. */
export const strip = (type: Ir.Type): Exclude<Ir.Type, { kind: "alias" }> =>
  type.kind === "alias" ? strip(type.alias.type) : type

/** The number of a type on the wire. */
export const typeOf = (protocol: EmitWire.Protocol, type: Ir.Type): number => {
  const plain = strip(type)
  return EmitWire.typeOf(protocol, { kind: plain.kind === "scalar" ? plain.name : plain.kind })
}

/** Fields in the order of ids. */
export const byId = (message: Ir.Message): ReadonlyArray<Ir.Field> => message.fields.toSorted((a, b) => a.id - b.id)

const writeScalar = ({ wire, writer }: Context, name: Ir.ScalarName, json: unknown, path: string): void => {
  switch (name) {
    case "bool":
      return wire.writeBool(writer, json as boolean)
    case "i8":
      return wire.writeI8(writer, json as number)
    case "i16":
      return wire.writeI16(writer, json as number)
    case "i32":
      return wire.writeI32(writer, json as number)
    case "i64":
      return wire.writeI64(writer, Json.toBigInt(path, json))
    case "double":
      return wire.writeDouble(writer, Json.toDouble(path, json))
    case "string":
      return wire.writeString(writer, json as string)
    case "binary":
      return wire.writeBinary(writer, Json.toBytes(path, json))
    case "uuid":
      return wire.writeUuid(writer, json as string)
  }
}

/** Adds the path to what the primitives say, which know none. */
const at = (path: string, error: unknown): unknown =>
  error instanceof CodecError && error.reason === "InvalidValue" && !error.message.startsWith(path)
    ? new CodecError(error.reason, `${path}: ${error.message}`)
    : error

const writeElements = (context: Context, element: Ir.Type, json: unknown, path: string): void => {
  const elements = Json.toArray(path, json)
  context.wire.writeListBegin(context.writer, typeOf(context.protocol, element), elements)
  elements.forEach((each, index) => writeValue(context, element, each, `${path}[${index}]`))
}

const writeMap = (context: Context, key: Ir.Type, value: Ir.Type, json: unknown, path: string): void => {
  const pairs = Json.toPairs(path, json)
  const types = [typeOf(context.protocol, key), typeOf(context.protocol, value)] as const
  context.wire.writeMapBegin(context.writer, ...types, new Map(pairs.map((_, index) => [index, undefined])))
  pairs.forEach(([from, to], index) => {
    writeValue(context, key, from, `${path}[key ${index}]`)
    writeValue(context, value, to, `${path}[${index}]`)
  })
}

const writeValue = (context: Context, type: Ir.Type, json: unknown, path: string): void => {
  const plain = strip(type)
  switch (plain.kind) {
    case "scalar":
      try {
        return writeScalar(context, plain.name, json, path)
      } catch (error) {
        throw at(path, error)
      }
    case "enum":
      try {
        return context.wire.writeI32(context.writer, json as number)
      } catch (error) {
        throw at(path, error)
      }
    case "list":
    case "set":
      return writeElements(context, plain.element, json, path)
    case "map":
      return writeMap(context, plain.key, plain.value, json, path)
    case "message":
      return writeMessage(context, plain.message, json, path)
  }
}

const writeField = (context: Context, last: number, field: Ir.Field, json: unknown, path: string): void => {
  const { protocol, writeFieldHeader, writer } = context
  const type = typeOf(protocol, field.type)
  // In Compact the value of a bool field is its type.
  const plain = strip(field.type)
  if (protocol === "Compact" && plain.kind === "scalar" && plain.name === "bool") {
    if (typeof json !== "boolean") throw Json.unexpected(path, "a bool", json)
    return writeFieldHeader(writer, last, json ? 1 : 2, field.id)
  }
  writeFieldHeader(writer, last, type, field.id)
  writeValue(context, field.type, json, path)
}

const checkNames = (message: Ir.Message, json: Json.JsonObject, path: string): void => {
  for (const name of Object.keys(json)) {
    if (message.fields.some((field) => field.name === name)) continue
    const known = message.fields.map((field) => field.name).join(", ")
    throw new CodecError("InvalidValue", `${path}: ${message.name} has no field "${name}"; it has ${known || "none"}`)
  }
  if (message.kind === "union" && Object.keys(json).length !== 1) throw Json.unexpected(path, "exactly one field", json)
}

/** Writes a message of JSON by the IDL's names. */
export const writeMessage = (context: Context, message: Ir.Message, json: unknown, path: string): void => {
  if (!Json.isObject(json)) throw Json.unexpected(path, `an object, a ${message.name}`, json)
  checkNames(message, json, path)
  let last = 0
  for (const field of byId(message)) {
    const item = Object.hasOwn(json, field.name) ? json[field.name] : undefined
    if (item !== undefined) {
      writeField(context, last, field, item, `${path}.${field.name}`)
      last = field.id
    } else if (field.requiredness === "required") {
      throw new CodecError("MissingField", `${path}.${field.name} is required and absent`)
    }
  }
  context.wire.writeStop(context.writer)
}
