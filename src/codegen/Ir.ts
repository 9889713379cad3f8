/**
 * What both compiler front ends produce and the emitter reads: one resolved, checked picture of a set of IDL files.
 *
 * References are object references, so the graph may be cyclic (recursive messages). Names are as written in the IDL;
 * only the emitter knows TypeScript's spelling. What stands here is Thrift's; protobuf's part is `ProtoIr.ts`.
 */
import type * as ProtoIr from "./ProtoIr.ts"

/** Where something stands in its source; lines and columns count from 1, columns in UTF-16 units. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** `key = "value"`; a key that stands alone has the value "1", as Apache's compiler has it. */
export interface Annotation {
  readonly key: string
  readonly value: string
}

/** What every named thing carries. */
export interface Declaration {
  readonly name: string
  /** The comment before it, without comment signs and common indentation; "" when there is none. */
  readonly doc: string
  readonly annotations: ReadonlyArray<Annotation>
  readonly position: Position
}

/** The types that hold no other and need no declaration. The IDL's `byte` is `i8`. */
export type ScalarName = "bool" | "i8" | "i16" | "i32" | "i64" | "double" | "string" | "binary" | "uuid"

/** A resolved type. Annotations are those that stand behind the type itself. */
export type Type =
  | { readonly kind: "scalar"; readonly name: ScalarName; readonly annotations: ReadonlyArray<Annotation> }
  | { readonly kind: "list"; readonly element: Type; readonly annotations: ReadonlyArray<Annotation> }
  | { readonly kind: "set"; readonly element: Type; readonly annotations: ReadonlyArray<Annotation> }
  | { readonly kind: "map"; readonly key: Type; readonly value: Type; readonly annotations: ReadonlyArray<Annotation> }
  | { readonly kind: "alias"; readonly alias: Alias }
  | { readonly kind: "enum"; readonly enum: Enum }
  | { readonly kind: "message"; readonly message: Message }

/** A constant, already checked against its type and with every reference to another constant resolved. */
export type Value =
  | { readonly kind: "bool"; readonly value: boolean }
  /** i8 to i64; exact. */
  | { readonly kind: "int"; readonly value: bigint }
  | { readonly kind: "double"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "binary"; readonly value: Uint8Array }
  | { readonly kind: "uuid"; readonly value: string }
  /** `member` is undefined for a number that the enum does not name. */
  | { readonly kind: "enum"; readonly enum: Enum; readonly value: number; readonly member: EnumMember | undefined }
  /** list and set */
  | { readonly kind: "list"; readonly elements: ReadonlyArray<Value> }
  | { readonly kind: "map"; readonly entries: ReadonlyArray<readonly [Value, Value]> }
  | { readonly kind: "message"; readonly message: Message; readonly fields: ReadonlyArray<readonly [Field, Value]> }
  /** The value of a named constant, so that the emitter may write the name. */
  | { readonly kind: "constant"; readonly constant: Constant }

/** A `const`. */
export interface Constant extends Declaration {
  readonly file: File
  readonly type: Type
  readonly value: Value
}

/** A typedef. */
export interface Alias extends Declaration {
  readonly file: File
  readonly type: Type
}

/** A member of an enum; its value is written or counted on from the one before it. */
export interface EnumMember extends Declaration {
  readonly value: number
}

/** An enum, its members in the order of the source. */
export interface Enum extends Declaration {
  readonly file: File
  readonly members: ReadonlyArray<EnumMember>
}

/** `default` is Thrift's unmarked field: written when set, not demanded when read. */
export type Requiredness = "required" | "optional" | "default"

/** A field of a message, an argument, or a declared exception of a method. */
export interface Field extends Declaration {
  readonly id: number
  readonly requiredness: Requiredness
  readonly type: Type
  readonly default: Value | undefined
}

/** A struct, union or exception. */
export interface Message extends Declaration {
  readonly file: File
  readonly kind: "struct" | "union" | "exception"
  /** In the order of the source. */
  readonly fields: ReadonlyArray<Field>
}

/** A function of a service. */
export interface Method extends Declaration {
  readonly oneway: boolean
  readonly arguments: ReadonlyArray<Field>
  /** undefined is void */
  readonly returns: Type | undefined
  /** Every field's type resolves to an exception. */
  readonly throws: ReadonlyArray<Field>
}

/** A service; the contract class of generated code. */
export interface Service extends Declaration {
  readonly file: File
  readonly extends: Service | undefined
  /** Its own methods; inherited ones are reached through `extends`. */
  readonly methods: ReadonlyArray<Method>
}

/** A namespace line, for example `namespace js acme.items`; `scope` may be `*`. */
export interface Namespace {
  readonly scope: string
  readonly name: string
}

/** One Thrift file, checked, with what it declares in the order of the source. */
export interface File {
  readonly language: "thrift"
  /** `/`-separated, relative to the include root it was found under; names the generated module. */
  readonly path: string
  /** Where it was read from, for messages. */
  readonly source: string
  readonly namespaces: ReadonlyArray<Namespace>
  readonly doc: string
  readonly includes: ReadonlyArray<File>
  readonly constants: ReadonlyArray<Constant>
  readonly aliases: ReadonlyArray<Alias>
  readonly enums: ReadonlyArray<Enum>
  readonly messages: ReadonlyArray<Message>
  readonly services: ReadonlyArray<Service>
}

/** A file of either language; `language` tells them apart. */
export type AnyFile = File | ProtoIr.File

/** Files in dependency order: a file stands after everything it includes. */
export interface Program<F extends AnyFile = File> {
  readonly files: ReadonlyArray<F>
}
