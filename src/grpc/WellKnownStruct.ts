/** google.protobuf.Struct, Value and ListValue: JSON as a message, and plain JSON in TypeScript. */
import { CodecError } from "../Codec.ts"
import type { Reader } from "../wire/Reader.ts"
import type { Writer } from "../wire/Writer.ts"
import * as Message from "./ProtobufMessage.ts"
import * as Read from "./ProtobufRead.ts"
import * as Scalar from "./ProtobufScalar.ts"
import * as ScalarWrite from "./ProtobufScalarWrite.ts"
import type * as Type from "./ProtobufType.ts"
import * as Write from "./ProtobufWrite.ts"

/** Any JSON. Numbers may also be infinite or NaN, which have a form on the wire and none in JSON. */
export type Value = null | number | string | boolean | ListValue | Struct

/** A JSON array. */
export interface ListValue extends ReadonlyArray<Value> {}

/** A JSON object. */
export interface Struct {
  readonly [key: string]: Value
}

const isList = (value: Value): value is ListValue => Array.isArray(value)

const encodeValue = (writer: Writer, value: Value): void => {
  if (value === null) return ScalarWrite.writeInt32Field(writer, 8, 0)
  switch (typeof value) {
    case "number":
      return ScalarWrite.writeDoubleField(writer, 17, value)
    case "string":
      return Write.writeStringField(writer, 26, value)
    case "boolean":
      return ScalarWrite.writeBoolField(writer, 32, value)
    case "object": {
      const start = Write.begin(writer, isList(value) ? 50 : 42)
      if (isList(value)) encodeList(writer, value)
      else encodeStruct(writer, value)
      return Write.end(writer, start)
    }
    default:
      throw Scalar.invalid(value, "JSON")
  }
}

const encodeList = (writer: Writer, value: ListValue): void => {
  for (const element of Write.list(value)) {
    const start = Write.begin(writer, 10)
    encodeValue(writer, element)
    Write.end(writer, start)
  }
}

const encodeStruct = (writer: Writer, value: Struct): void => {
  for (const [key, item] of Write.entries(new Map(Object.entries(value)))) {
    const start = Write.begin(writer, 10)
    Write.writeStringField(writer, 10, key)
    const itemStart = Write.begin(writer, 18)
    encodeValue(writer, item)
    Write.end(writer, itemStart)
    Write.end(writer, start)
  }
}

/** A message within a message; what comes of `decode` over `before`. */
const nested = <A>(reader: Reader, decode: (reader: Reader, before?: A) => A, before?: A): A => {
  const outer = Read.enter(reader)
  const value = decode(reader, before)
  Read.leave(reader, outer)
  return value
}

const isStruct = (value: Value): value is Struct => typeof value === "object" && value !== null && !isList(value)

// A Value without a kind is what no encoder writes; null is nearest.
const decodeValue = (reader: Reader, before: Value = null): Value => {
  let value = before
  while (reader.position < reader.end) {
    const tag = Read.readTag(reader)
    if (tag === 8) {
      Read.readInt32(reader)
      value = null
    } else if (tag === 17) value = Read.readDouble(reader)
    else if (tag === 26) value = Read.readString(reader)
    else if (tag === 32) value = Read.readBool(reader)
    else if (tag === 42) value = nested<Struct>(reader, decodeStruct, isStruct(value) ? value : {})
    else if (tag === 50)
      value = nested<ListValue>(
        reader,
        decodeList,
        value !== null && typeof value === "object" && isList(value) ? value : []
      )
    else Read.pass(reader, tag)
  }
  return value
}

const decodeList = (reader: Reader, before: ListValue = []): ListValue => {
  const elements = before as Array<Value>
  while (reader.position < reader.end) {
    const tag = Read.readTag(reader)
    if (tag === 10) elements.push(nested(reader, decodeValue))
    else Read.pass(reader, tag)
  }
  return elements
}

const decodeStruct = (reader: Reader, before: Struct = {}): Struct => {
  while (reader.position < reader.end) {
    const tag = Read.readTag(reader)
    if (tag === 10) decodeEntry(reader, before)
    else Read.pass(reader, tag)
  }
  return before
}

const decodeEntry = (reader: Reader, into: Struct): void => {
  const outer = Read.narrow(reader)
  let key = ""
  let value: Value = null
  while (reader.position < reader.end) {
    const tag = Read.readTag(reader)
    if (tag === 10) key = Read.readString(reader)
    else if (tag === 18) value = nested(reader, decodeValue)
    else Read.skip(reader, tag)
  }
  reader.end = outer
  put(into, key, value)
}

// An assignment to `__proto__` would not make a property.
const put = (into: Struct, key: string, value: Value): void => {
  if (key === "__proto__") {
    Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true })
  } else (into as Record<string, Value>)[key] = value
}

/** JSON may nest so deep, as on the wire. */
const deepest = 100

// A copy; what comes from a parser may nest without end.
const copy = (value: Value, depth: number): Value => {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new CodecError("InvalidValue", `a google.protobuf.Value of ${value} has no form in JSON`)
  }
  if (value === null || typeof value !== "object") return value
  if (depth === 0) throw new CodecError("LimitExceeded", `JSON nests deeper than ${deepest} levels`)
  if (isList(value)) return value.map((element) => copy(element, depth - 1))
  const object: Record<string, Value> = {}
  for (const [key, item] of Object.entries(value)) put(object, key, copy(item, depth - 1))
  return object
}

const toJson = (value: Value): Value => copy(value, deepest)

const anyFromJson = (json: unknown): Value => toJson(json as Value)

const structFromJson = (json: unknown): Struct => {
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return anyFromJson(json) as Struct
  throw Scalar.invalid(json, "a JSON object, as a google.protobuf.Struct is")
}

const listFromJson = (json: unknown): ListValue => {
  if (Array.isArray(json)) return anyFromJson(json) as ListValue
  throw Scalar.invalid(json, "a JSON array, as a google.protobuf.ListValue is")
}

const none = (): Type.Fields => []

/** Of `google.protobuf.Value`. */
export const Value = Message.wellKnown<Value>({
  name: "google.protobuf.Value",
  fields: none,
  encode: encodeValue,
  decode: decodeValue,
  json: { toJson, fromJson: anyFromJson }
})

/** Of `google.protobuf.ListValue`. */
export const ListValue = Message.wellKnown<ListValue>({
  name: "google.protobuf.ListValue",
  fields: none,
  encode: encodeList,
  decode: (reader, before) => decodeList(reader, before ?? []),
  json: { toJson, fromJson: listFromJson }
})

/** Of `google.protobuf.Struct`. */
export const Struct = Message.wellKnown<Struct>({
  name: "google.protobuf.Struct",
  fields: none,
  encode: encodeStruct,
  decode: (reader, before) => decodeStruct(reader, before ?? {}),
  json: { toJson, fromJson: structFromJson }
})
