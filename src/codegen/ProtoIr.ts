/**
 * The part of the compiler's picture that belongs to protobuf: what the proto front end produces and the emitter reads.
 *
 * proto2, proto3 and editions end in the same shape: every feature is resolved to what it means for the field, enum or message
 * that stands here, so nobody behind the front end asks which syntax a file had. References are object references and may be
 * cyclic. Names are as written in the IDL; only the emitter knows TypeScript's spelling.
 */
import type * as Ir from "./Ir.ts"

/** What every named thing carries. */
export interface Declaration {
  /** As written, without the scopes around it. */
  readonly name: string
  /** With the package and the messages around it, without a leading dot: `acme.shop.Order.Line`. */
  readonly fullName: string
  /** The comment before it, or else the one behind it; "" when there is none. */
  readonly doc: string
  readonly position: Ir.Position
  readonly options: Options
}

/** `binary` is what the IDL calls `bytes`; it has Thrift's name, so that there is one word for it. */
export type ScalarName =
  | "double"
  | "float"
  | "int32"
  | "int64"
  | "uint32"
  | "uint64"
  | "sint32"
  | "sint64"
  | "fixed32"
  | "fixed64"
  | "sfixed32"
  | "sfixed64"
  | "bool"
  | "string"
  | "binary"

/** A type that is not repeated. */
export type Single =
  | { readonly kind: "scalar"; readonly name: ScalarName }
  | { readonly kind: "enum"; readonly enum: Enum }
  | { readonly kind: "message"; readonly message: Message }

/** What a field holds. */
export type Type =
  | Single
  /** `repeated` */
  | { readonly kind: "list"; readonly element: Single }
  /** The key is an integer, a bool or a string. */
  | { readonly kind: "map"; readonly key: Extract<Single, { readonly kind: "scalar" }>; readonly value: Single }

/** A default or an option's value, checked against its type. */
export type Value =
  | { readonly kind: "bool"; readonly value: boolean }
  /** Every integer type; exact and in range. */
  | { readonly kind: "int"; readonly value: bigint }
  /** double and float (not rounded to float); infinities and NaN are possible. */
  | { readonly kind: "double"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "binary"; readonly value: Uint8Array }
  | { readonly kind: "enum"; readonly enum: Enum; readonly member: EnumMember }
  | { readonly kind: "list"; readonly elements: ReadonlyArray<Value> }
  | { readonly kind: "map"; readonly entries: ReadonlyArray<readonly [Value, Value]> }
  | MessageValue
  /** `[type.googleapis.com/acme.Order] { ... }` as the value of a google.protobuf.Any. */
  | { readonly kind: "any"; readonly typeUrl: string; readonly value: MessageValue }

/** Fields that are set, in the order of their first mention; a repeated field stands once, with all its elements. */
export interface MessageValue {
  readonly kind: "message"
  readonly message: Message
  readonly fields: ReadonlyArray<readonly [Field, Value]>
}

/** The options that are set, as a value of `google.protobuf.FileOptions`, `FieldOptions` and so on; custom ones are Extensions. */
export type Options = MessageValue

/** From `start` to `end`, both inclusive. */
export interface Range {
  readonly start: number
  readonly end: number
}

/**
 * What absence means. `implicit`: a zero value is not written and cannot be told from absence; lists and maps are so as well.
 * `explicit`: absence is a state of its own; every message field and every member of a oneof is so. `required`: proto2.
 */
export type Presence = "implicit" | "explicit" | "required"

/** A field of a message, or an extension of one. */
export interface Field extends Declaration {
  readonly kind: "field" | "extension"
  /** Its number on the wire. */
  readonly id: number
  readonly type: Type
  readonly presence: Presence
  /** A list that is written packed; readers take both. False for what is no list of numbers, bools or enums. */
  readonly packed: boolean
  /** The message, or each of a list, is written between start and end tags (a group), without a length. */
  readonly delimited: boolean
  /** Strings, also those of a map, must be UTF-8 on the wire. */
  readonly validateUtf8: boolean
  /** The oneof that it belongs to; a proto3 `optional` belongs to none. */
  readonly oneof: Oneof | undefined
  /** Its key in canonical JSON. An extension's is its full name in brackets. */
  readonly jsonName: string
  /** proto2 and editions: the explicit default of a single scalar or enum. */
  readonly default: Value | undefined
  /** Written as proto3 `optional`: descriptors put it in a oneof of its own. */
  readonly proto3Optional: boolean
  /** Declared with `group`: its message's name is the field's, capitalised as written. */
  readonly group: boolean
}

/** A field that a message takes from elsewhere. */
export interface Extension extends Field {
  readonly kind: "extension"
  readonly file: File
  /** The message that it extends. */
  readonly extendee: Message
  /** The message in whose body it is declared; undefined at the top of a file. */
  readonly scope: Message | undefined
}

/** Fields of which at most one is set. */
export interface Oneof extends Declaration {
  readonly message: Message
  /** In the order of the source; at least one. */
  readonly fields: ReadonlyArray<Field>
}

/** One name of an enum's number. */
export interface EnumMember extends Declaration {
  readonly value: number
}

/** An enum, at the top of a file or in a message. */
export interface Enum extends Declaration {
  readonly kind: "enum"
  readonly file: File
  readonly parent: Message | undefined
  /** With the messages around it, without the package: `Order.State`. */
  readonly nestedName: string
  /** Edition 2024: what is written before it; undefined where nothing is. */
  readonly visibility: "export" | "local" | undefined
  /** A number that it does not name is an unknown field; in an open enum it is a value. */
  readonly closed: boolean
  /** Members may share a number; the first of a number is its name. */
  readonly allowAlias: boolean
  /** In the order of the source; at least one, and the first is the default. */
  readonly members: ReadonlyArray<EnumMember>
  readonly reservedRanges: ReadonlyArray<Range>
  readonly reservedNames: ReadonlyArray<string>
}

/** Numbers that extensions of a message may have. */
export interface ExtensionRange extends Range {
  readonly options: Options
}

/** A message, at the top of a file or in another one; groups are messages as well. */
export interface Message extends Declaration {
  readonly kind: "message"
  readonly file: File
  readonly parent: Message | undefined
  /** With the messages around it, without the package: `Order.Line`. */
  readonly nestedName: string
  /** Edition 2024: what is written before it; undefined where nothing is. */
  readonly visibility: "export" | "local" | undefined
  /** In the order of the source, members of oneofs and groups among them. */
  readonly fields: ReadonlyArray<Field>
  /** Those of the source; none is made up for proto3 `optional`. */
  readonly oneofs: ReadonlyArray<Oneof>
  /** Declared in its body, those of groups included; none is made up for maps. */
  readonly messages: ReadonlyArray<Message>
  readonly enums: ReadonlyArray<Enum>
  /** Declared in its body; of whatever message. */
  readonly extensions: ReadonlyArray<Extension>
  readonly extensionRanges: ReadonlyArray<ExtensionRange>
  readonly reservedRanges: ReadonlyArray<Range>
  readonly reservedNames: ReadonlyArray<string>
  /** Written in the old MessageSet format. */
  readonly messageSet: boolean
}

/** A message that travels as a detail of the status and comes back as a typed error. */
export interface DeclaredError {
  readonly message: Message
  /** The gRPC status code that it travels with, from `option (volant.status)` of the message; by default 2, UNKNOWN. */
  readonly status: number
}

/** A method of a service. */
export interface Method extends Declaration {
  readonly input: Message
  readonly output: Message
  readonly clientStreaming: boolean
  readonly serverStreaming: boolean
  readonly idempotency: "unknown" | "noSideEffects" | "idempotent"
  /** From `option (volant.errors)`; no message stands twice. */
  readonly errors: ReadonlyArray<DeclaredError>
}

/** A service. */
export interface Service extends Declaration {
  readonly file: File
  readonly methods: ReadonlyArray<Method>
}

/** One import line. */
export interface Import {
  readonly file: File
  /** `public`: who imports this file sees that one as well. `option`: only options may use it. */
  readonly kind: "plain" | "public" | "weak" | "option"
}

/** One .proto file. */
export interface File {
  readonly language: "proto"
  /** `/`-separated, as import lines name it; names the generated module. */
  readonly path: string
  /** Where it was read from, for messages. */
  readonly source: string
  /** "" when there is none. */
  readonly package: string
  readonly edition: "proto2" | "proto3" | "2023" | "2024" | "2026"
  readonly doc: string
  /** In the order of the source. */
  readonly imports: ReadonlyArray<Import>
  /** The files of `imports`, each once. */
  readonly includes: ReadonlyArray<File>
  /** Those at the top of the file; nested ones hang on their messages. */
  readonly messages: ReadonlyArray<Message>
  readonly enums: ReadonlyArray<Enum>
  readonly extensions: ReadonlyArray<Extension>
  readonly services: ReadonlyArray<Service>
  readonly options: Options
  /** A file of the compiler itself (google/protobuf/, volant/) that was found under no include root. */
  readonly builtIn: boolean
}
