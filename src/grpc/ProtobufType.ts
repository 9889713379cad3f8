/**
 * A light description of messages, beside the straight-line codecs: what canonical JSON, extensions, error messages and
 * checks of required fields are derived from.
 */
import type { Reader } from "../wire/Reader.ts"
import type { Writer } from "../wire/Writer.ts"
import type { ProtobufCodec } from "./GrpcCodec.ts"

/** Those on `Number` are 64-bit integers that are numbers in TypeScript. */
export type ScalarKind =
  | "double"
  | "float"
  | "int32"
  | "int64"
  | "int64Number"
  | "uint32"
  | "uint64"
  | "uint64Number"
  | "sint32"
  | "sint64"
  | "sint64Number"
  | "fixed32"
  | "fixed64"
  | "fixed64Number"
  | "sfixed32"
  | "sfixed64"
  | "sfixed64Number"
  | "bool"
  | "string"
  | "anyString"
  | "binary"

/** A type of one value. */
export interface Scalar {
  readonly kind: ScalarKind
}

/** An enum; of a closed one, numbers without a name are unknown fields. */
export interface Enum {
  readonly kind: "enum"
  /** With its package. */
  readonly name: string
  readonly members: Readonly<Record<string, number>>
  readonly isClosed: boolean
}

/** A message that has a length before it. */
export interface Nested {
  readonly kind: "message"
  readonly message: AnyMessage
}

/** A message between start and end tags. */
export interface Group {
  readonly kind: "group"
  readonly message: AnyMessage
}

/** The type of a field that is not repeated, of an element, or of a map's value. */
export type Type = Scalar | Enum | Nested | Group

/**
 * `implicit`: a zero is not written. `explicit`: absent or present. `list` and `packed`: repeated, as they are written.
 */
export type Cardinality = "implicit" | "explicit" | "required" | "list" | "packed" | "map"

/** A field of a message, or an extension. */
export interface Field {
  readonly number: number
  /** As in the IDL. */
  readonly name: string
  /** As in TypeScript. */
  readonly key: string
  /** As in canonical JSON. */
  readonly jsonName: string
  readonly cardinality: Cardinality
  /** Of an element of a list, of a value of a map. */
  readonly type: Type
  readonly mapKey: Scalar | undefined
  /** The property of the oneof that it belongs to. */
  readonly oneof: string | undefined
}

/** The fields of a message. */
export type Fields = ReadonlyArray<Field>

/** The straight-line functions of a message: without checks of required fields, and `decode` merges into `before`. */
export interface Wire<in out A> {
  readonly encode: (writer: Writer, value: A) => void
  readonly decode: (reader: Reader, before?: A) => A
}

/** Canonical JSON that is not derived from the fields; of well-known types. */
export interface JsonForm<in out A> {
  readonly toJson: (value: A, options: JsonContext) => unknown
  readonly fromJson: (json: unknown, options: JsonContext) => A
}

/** What nested JSON needs from who began it. */
export interface JsonContext {
  readonly find: (typeName: string) => AnyMessage | undefined
  readonly write: (message: AnyMessage, value: unknown) => unknown
  readonly read: (message: AnyMessage, json: unknown) => unknown
}

/** The value side of a generated message. */
export interface Message<in out A> {
  /** With its package: `acme.shop.Order.Line`. */
  readonly typeName: string
  /** In the order of numbers. A function, because messages may refer to each other in a circle. */
  readonly fields: () => Fields
  readonly codec: ProtobufCodec<A>
  readonly wire: Wire<A>
  /** Whether it, or a message within it, has a required field. */
  readonly isDemanding: boolean
  readonly construct: ((fields: any) => A) | undefined
  readonly json: JsonForm<A> | undefined
  /** It comes with Volant, in a natural form. */
  readonly isWellKnown: boolean
}

/** A message of whatever type. */
export type AnyMessage = Message<any>

const scalar = (kind: ScalarKind): Scalar => ({ kind })

/** The type that the IDL calls `double`. */
export const double = scalar("double")
/** The type that the IDL calls `float`. */
export const float = scalar("float")
/** The type that the IDL calls `int32`. */
export const int32 = scalar("int32")
/** The type that the IDL calls `int64`. */
export const int64 = scalar("int64")
/** A 64-bit integer that is a number in TypeScript. */
export const int64Number = scalar("int64Number")
/** The type that the IDL calls `uint32`. */
export const uint32 = scalar("uint32")
/** The type that the IDL calls `uint64`. */
export const uint64 = scalar("uint64")
/** A 64-bit integer that is a number in TypeScript. */
export const uint64Number = scalar("uint64Number")
/** The type that the IDL calls `sint32`. */
export const sint32 = scalar("sint32")
/** The type that the IDL calls `sint64`. */
export const sint64 = scalar("sint64")
/** A 64-bit integer that is a number in TypeScript. */
export const sint64Number = scalar("sint64Number")
/** The type that the IDL calls `fixed32`. */
export const fixed32 = scalar("fixed32")
/** The type that the IDL calls `fixed64`. */
export const fixed64 = scalar("fixed64")
/** A 64-bit integer that is a number in TypeScript. */
export const fixed64Number = scalar("fixed64Number")
/** The type that the IDL calls `sfixed32`. */
export const sfixed32 = scalar("sfixed32")
/** The type that the IDL calls `sfixed64`. */
export const sfixed64 = scalar("sfixed64")
/** A 64-bit integer that is a number in TypeScript. */
export const sfixed64Number = scalar("sfixed64Number")
/** The type that the IDL calls `bool`. */
export const bool = scalar("bool")
/** The type that the IDL calls `string`. */
export const string = scalar("string")
/** A string that need not be UTF-8 on the wire. */
export const anyString = scalar("anyString")
/** The type that the IDL calls `bytes`. */
export const binary = scalar("binary")

/** An enum whose type any number is of. */
export const openEnum = (name: string, members: Readonly<Record<string, number>>): Type => ({
  kind: "enum",
  name,
  members,
  isClosed: false
})

/** An enum whose other numbers are unknown fields. */
export const closedEnum = (name: string, members: Readonly<Record<string, number>>): Type => ({
  kind: "enum",
  name,
  members,
  isClosed: true
})

/** A message that has a length before it. */
export const message = (message: AnyMessage): Type => ({ kind: "message", message })
/** A message between start and end tags. */
export const group = (message: AnyMessage): Type => ({ kind: "group", message })

/** The key that canonical JSON has for a name without `json_name`. */
export const toJsonName = (name: string): string => name.replace(/_+(.?)/g, (_, next: string) => next.toUpperCase())

const field =
  (cardinality: Cardinality) =>
  (number: number, name: string, key: string, type: Type, jsonName: string = toJsonName(name)): Field => ({
    number,
    name,
    key,
    jsonName,
    cardinality,
    type,
    mapKey: undefined,
    oneof: undefined
  })

/** A field whose zero is not written. */
export const implicit = field("implicit")
/** A field that is absent or present. */
export const explicit = field("explicit")
/** A field that must be present. */
export const required = field("required")
/** A repeated field, each element with a tag. */
export const list = field("list")
/** A repeated field whose elements stand together. */
export const packed = field("packed")

/** A map. */
export const map = (
  number: number,
  name: string,
  key: string,
  mapKey: Scalar,
  type: Type,
  jsonName: string = toJsonName(name)
): Field => ({ ...field("map")(number, name, key, type, jsonName), mapKey })

/** A member of the oneof whose property is `oneof`. */
export const member = (
  oneof: string,
  number: number,
  name: string,
  key: string,
  type: Type,
  jsonName: string = toJsonName(name)
): Field => ({ ...field("explicit")(number, name, key, type, jsonName), oneof })
