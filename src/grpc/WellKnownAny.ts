/** google.protobuf.Any, FieldMask, Empty and NullValue. */
import { CodecError } from "../Codec.ts"
import { Reader } from "../wire/Reader.ts"
import { Writer } from "../wire/Writer.ts"
import * as Message from "./ProtobufMessage.ts"
import * as Read from "./ProtobufRead.ts"
import * as Type from "./ProtobufType.ts"
import * as Write from "./ProtobufWrite.ts"

/** A message of any type: the URL of the type, whose last step is its full name, and its bytes. */
export interface Any {
  readonly typeUrl: string
  readonly value: Uint8Array
}

const nothing = new Uint8Array(0)

const encodeAny = (writer: Writer, value: Any): void => {
  if (value.typeUrl !== "") Write.writeStringField(writer, 10, value.typeUrl)
  if (value.value.length > 0) Write.writeBinaryField(writer, 18, value.value)
}

const decodeAny = (reader: Reader, before?: Any): Any => {
  let typeUrl = before?.typeUrl ?? ""
  let value = before?.value ?? nothing
  while (reader.position < reader.end) {
    const tag = Read.readTag(reader)
    if (tag === 10) typeUrl = Read.readString(reader)
    else if (tag === 18) value = Read.readBinary(reader)
    else Read.pass(reader, tag)
  }
  return { typeUrl, value }
}

/** The full name of the type behind the last `/` of its URL. */
const typeNameOf = (typeUrl: string): string => typeUrl.slice(typeUrl.lastIndexOf("/") + 1)

const pack = <A>(message: Type.Message<A>, value: A): Any => {
  const writer = new Writer(256)
  message.codec.encode(writer, value)
  return { typeUrl: `type.googleapis.com/${message.typeName}`, value: new Uint8Array(writer.toBytes()) }
}

const unpack = <A>(any: Any, message: Type.Message<A>): A | undefined =>
  typeNameOf(any.typeUrl) === message.typeName ? message.codec.decode(new Reader(any.value, Read.limits)) : undefined

const resolve = (typeUrl: string, context: Type.JsonContext): Type.AnyMessage => {
  const found = typeUrl.includes("/") ? context.find(typeNameOf(typeUrl)) : undefined
  if (found !== undefined) return found
  throw new CodecError("InvalidValue", `an Any of "${typeUrl}", a type that is not in the registry`)
}

const isObject = (json: unknown): json is Record<string, unknown> =>
  typeof json === "object" && json !== null && !Array.isArray(json)

// A type whose JSON is no object of its fields stands under "value".
const anyToJson = (any: Any, context: Type.JsonContext): unknown => {
  if (any.typeUrl === "" && any.value.length === 0) return {}
  const message = resolve(any.typeUrl, context)
  const inner = context.write(message, message.codec.decode(new Reader(any.value, Read.limits)))
  const head = { "@type": any.typeUrl }
  return isSpecial(message) ? { ...head, value: inner } : { ...head, ...(inner as object) }
}

const isSpecial = (message: Type.AnyMessage): boolean =>
  message.typeName.startsWith("google.protobuf.") && message.typeName !== "google.protobuf.Empty" && message.isWellKnown

const anyFromJson = (json: unknown, context: Type.JsonContext): Any => {
  if (!isObject(json)) throw new CodecError("InvalidValue", "an Any is a JSON object")
  const typeUrl = json["@type"]
  if (typeUrl === undefined && Object.keys(json).length === 0) return { typeUrl: "", value: nothing }
  if (typeof typeUrl !== "string") throw new CodecError("InvalidValue", `an Any without a text "@type"`)
  const message = resolve(typeUrl, context)
  const { "@type": _, ...rest } = json
  if (isSpecial(message) && !("value" in rest)) {
    throw new CodecError("InvalidValue", `an Any of ${message.typeName} without "value"`)
  }
  const value = context.read(message, isSpecial(message) ? rest["value"] : rest)
  return { typeUrl, value: pack(message, value).value }
}

/** Of `google.protobuf.Any`. */
export const Any = {
  ...Message.wellKnown<Any>({
    name: "google.protobuf.Any",
    fields: () => [
      Type.implicit(1, "type_url", "typeUrl", Type.string),
      Type.implicit(2, "value", "value", Type.binary)
    ],
    encode: encodeAny,
    decode: decodeAny,
    json: { toJson: anyToJson, fromJson: anyFromJson }
  }),
  make: (fields: Message.Init<Any> = {}): Any => ({ typeUrl: fields.typeUrl ?? "", value: fields.value ?? nothing }),
  /** Puts a message in. Throws a `CodecError` when it is not of its type. */
  pack,
  /** The message, if it is of that type; else undefined. Throws a `CodecError` when its bytes are damaged. */
  unpack,
  /** Whether it holds a message of that type. */
  is: (any: Any, message: Type.AnyMessage): boolean => typeNameOf(any.typeUrl) === message.typeName
}

/** Paths of fields, with `.` between the steps and names as in the IDL. */
export interface FieldMask {
  readonly paths: ReadonlyArray<string>
}

const encodeMask = (writer: Writer, value: FieldMask): void => {
  for (const path of Write.list(value.paths)) Write.writeStringField(writer, 10, path)
}

const decodeMask = (reader: Reader, before?: FieldMask): FieldMask => {
  const paths = (before?.paths ?? []) as Array<string>
  while (reader.position < reader.end) {
    const tag = Read.readTag(reader)
    if (tag === 10) paths.push(Read.readString(reader))
    else Read.pass(reader, tag)
  }
  return { paths }
}

const toCamel = (path: string): string => path.replace(/_([a-z])/g, (_, next: string) => next.toUpperCase())
const toSnake = (path: string): string => path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const maskToJson = (mask: FieldMask): string => {
  for (const path of mask.paths) {
    if (toSnake(toCamel(path)) !== path || toCamel(path).includes("_")) {
      throw new CodecError("InvalidValue", `the path "${path}" of a FieldMask does not survive JSON's lowerCamelCase`)
    }
  }
  return mask.paths.map(toCamel).join(",")
}

const maskFromJson = (json: unknown): FieldMask => {
  if (typeof json !== "string") throw new CodecError("InvalidValue", "a FieldMask is text in JSON")
  if (json.includes("_")) throw new CodecError("InvalidValue", `the paths "${json}" of a FieldMask have an underscore`)
  return { paths: json === "" ? [] : json.split(",").map(toSnake) }
}

/** Of `google.protobuf.FieldMask`. */
export const FieldMask = {
  ...Message.wellKnown<FieldMask>({
    name: "google.protobuf.FieldMask",
    fields: () => [Type.list(1, "paths", "paths", Type.string)],
    encode: encodeMask,
    decode: decodeMask,
    json: { toJson: maskToJson, fromJson: maskFromJson }
  }),
  make: (fields: Message.Init<FieldMask> = {}): FieldMask => ({ paths: fields.paths ?? [] })
}

/** Nothing. */
export interface Empty {}

/** Of `google.protobuf.Empty`. */
export const Empty = {
  ...Message.wellKnown<Empty>({
    name: "google.protobuf.Empty",
    fields: () => [],
    encode: () => {},
    decode: (reader, before) => {
      while (reader.position < reader.end) Read.pass(reader, Read.readTag(reader))
      return before ?? {}
    },
    json: undefined
  }),
  make: (_fields: Empty = {}): Empty => ({})
}

/** The null of JSON, as an enum. */
export const NullValue = { NULL_VALUE: 0 } as const
/** The values of `google.protobuf.NullValue`; any number is of the type. */
export type NullValue = (typeof NullValue)[keyof typeof NullValue] | (number & {})
