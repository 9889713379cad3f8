/**
 * A light picture of a message's type: what JSON, schemas and error messages are derived from. Codecs do not look at it.
 */
import type { ThriftCodec } from "../../thrift/ThriftCodec.ts"

/** `i64Number` is an i64 that is a number in TypeScript. */
export type ScalarKind = "bool" | "i8" | "i16" | "i32" | "i64" | "i64Number" | "double" | "string" | "binary" | "uuid"

export interface Scalar {
  readonly kind: ScalarKind
}

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

export interface MapOf {
  readonly kind: "map"
  readonly key: Type
  readonly value: Type
}

export interface Enum {
  readonly kind: "enum"
  readonly members: Readonly<Record<string, number>>
}

export interface Nested {
  readonly kind: "message"
  readonly message: AnyMessage
}

export type Type = Scalar | List | SetOf | MapOf | Enum | Nested

export interface Field {
  readonly id: number
  /** As in the IDL. */
  readonly name: string
  /** As in TypeScript. */
  readonly key: string
  readonly type: Type
  readonly isRequired: boolean
}

export type Fields = ReadonlyArray<Field>

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

export type AnyMessage = Omit<Message<never>, "codec"> & {
  readonly codec: ThriftCodec<any>
  readonly construct?: new (fields: any) => unknown
}

export const bool: Type = { kind: "bool" }
export const i8: Type = { kind: "i8" }
export const i16: Type = { kind: "i16" }
export const i32: Type = { kind: "i32" }
export const i64: Type = { kind: "i64" }
export const i64Number: Type = { kind: "i64Number" }
export const double: Type = { kind: "double" }
export const string: Type = { kind: "string" }
export const binary: Type = { kind: "binary" }
export const uuid: Type = { kind: "uuid" }

export const list = (element: Type): Type => ({ kind: "list", element })
export const set = (element: Type): Type => ({ kind: "set", element, isArray: false })
/** A set that is an array in TypeScript. */
export const arraySet = (element: Type): Type => ({ kind: "set", element, isArray: true })
export const map = (key: Type, value: Type): Type => ({ kind: "map", key, value })
export const enumOf = (members: Readonly<Record<string, number>>): Type => ({ kind: "enum", members })
export const message = (message: AnyMessage): Type => ({ kind: "message", message })

export const required = (id: number, name: string, key: string, type: Type): Field => ({
  id,
  name,
  key,
  type,
  isRequired: true
})

export const optional = (id: number, name: string, key: string, type: Type): Field => ({
  id,
  name,
  key,
  type,
  isRequired: false
})
