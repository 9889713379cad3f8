/**
 * A light picture of a message's type: what JSON, schemas and error messages are derived from. Codecs do not look at it.
 */
import type { ThriftCodec } from "../../thrift/ThriftCodec.ts"

/** `i64Number` is an i64 that is a number in TypeScript. */
export type ScalarKind = "bool" | "i8" | "i16" | "i32" | "i64" | "i64Number" | "double" | "string" | "binary" | "uuid"

/** A type that holds no other. */
export interface Scalar {
  readonly kind: ScalarKind
}

/** A list; an array in TypeScript. */
export interface List {
  readonly kind: "list"
  readonly element: Type
}

/** `isArray`: elements that a JavaScript Set could not tell apart, for example structs, stand in an array. */
export interface SetOf {
  readonly kind: "set"
  readonly element: Type
  readonly isArray: boolean
}

/** A map; a Map in TypeScript, which tells keys that are objects by identity. */
export interface MapOf {
  readonly kind: "map"
  readonly key: Type
  readonly value: Type
}

/** An enum; any number of 32 bits in TypeScript. */
export interface Enum {
  readonly kind: "enum"
  readonly members: Readonly<Record<string, number>>
}

/** A struct, union or exception. */
export interface Nested {
  readonly kind: "message"
  readonly message: AnyMessage
}

/** A type of the IDL, aliases resolved. */
export type Type = Scalar | List | SetOf | MapOf | Enum | Nested

/** A field of a message. */
export interface Field {
  readonly id: number
  /** As in the IDL. */
  readonly name: string
  /** As in TypeScript. */
  readonly key: string
  readonly type: Type
  readonly isRequired: boolean
}

/** The fields of a message, in the order of ids. */
export type Fields = ReadonlyArray<Field>

/** What an IDL calls a message. */
export type MessageKind = "struct" | "union" | "exception"

/** The value side of a generated struct, union or exception. */
export interface Message<in out A> {
  /** As in the IDL. */
  readonly idlName: string
  readonly kind: MessageKind
  /** In the order of ids. A function, because messages may refer to each other in a circle. */
  readonly fields: () => ReadonlyArray<Field>
  readonly codec: ThriftCodec<A>
}

/** An exception's, with the class that makes values of its fields. */
export interface Exception<in out A> extends Message<A> {
  readonly construct: new (fields: any) => A
}

/** A message of any type. */
export type AnyMessage = Omit<Message<never>, "codec"> & {
  readonly codec: ThriftCodec<any>
  readonly construct?: new (fields: any) => unknown
}

/** The descriptor of bool. */
export const bool: Type = { kind: "bool" }
/** The descriptor of i8. */
export const i8: Type = { kind: "i8" }
/** The descriptor of i16. */
export const i16: Type = { kind: "i16" }
/** The descriptor of i32. */
export const i32: Type = { kind: "i32" }
/** The descriptor of i64. */
export const i64: Type = { kind: "i64" }
/** The descriptor of an i64 that is a number in TypeScript. */
export const i64Number: Type = { kind: "i64Number" }
/** The descriptor of double. */
export const double: Type = { kind: "double" }
/** The descriptor of string. */
export const string: Type = { kind: "string" }
/** The descriptor of binary. */
export const binary: Type = { kind: "binary" }
/** The descriptor of uuid. */
export const uuid: Type = { kind: "uuid" }

/** The descriptor of a list. */
export const list = (element: Type): Type => ({ kind: "list", element })
/** The descriptor of a set that is a Set in TypeScript. */
export const set = (element: Type): Type => ({ kind: "set", element, isArray: false })
/** A set that is an array in TypeScript. */
export const arraySet = (element: Type): Type => ({ kind: "set", element, isArray: true })
/** The descriptor of a map. */
export const map = (key: Type, value: Type): Type => ({ kind: "map", key, value })
/** The descriptor of an enum, from its members. */
export const enumOf = (members: Readonly<Record<string, number>>): Type => ({ kind: "enum", members })
/** The descriptor of a message as a type. */
export const message = (message: AnyMessage): Type => ({ kind: "message", message })

/** The descriptor of a required field. */
export const required = (id: number, name: string, key: string, type: Type): Field => ({
  id,
  name,
  key,
  type,
  isRequired: true
})

/** The descriptor of a field that may be absent. */
export const optional = (id: number, name: string, key: string, type: Type): Field => ({
  id,
  name,
  key,
  type,
  isRequired: false
})
