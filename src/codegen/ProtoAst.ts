/**
 * What the protobuf parser makes of a file: the source's shape, names unresolved.
 */
import type { Span } from "./Source.ts"

/** A name, dotted or not; a type's may begin with a dot. */
export interface Name {
  readonly text: string
  readonly span: Span
}

export interface NamePart extends Name {
  /** In parentheses: the name of an extension. */
  readonly isExtension: boolean
}

export interface EntryName extends Name {
  /** `any`: a type URL in brackets, whose text is all of it. */
  readonly kind: "field" | "extension" | "any"
}

export interface Entry {
  readonly name: EntryName
  /** Without a `:` only messages may follow. */
  readonly hasColon: boolean
  readonly value: Value
}

/** An option's value, before its type is known. */
export type Value =
  /** true, inf, nan, an enum's member; `-inf` and `-nan` are negative. */
  | { readonly kind: "word"; readonly text: string; readonly isNegative: boolean; readonly span: Span }
  | { readonly kind: "int"; readonly value: bigint; readonly span: Span }
  | { readonly kind: "double"; readonly value: number; readonly span: Span }
  | { readonly kind: "string"; readonly bytes: Uint8Array; readonly span: Span }
  | { readonly kind: "list"; readonly elements: ReadonlyArray<Value>; readonly span: Span }
  | { readonly kind: "entries"; readonly entries: ReadonlyArray<Entry>; readonly span: Span }

/** `(acme.rule).least = 1` */
export interface Option {
  readonly parts: ReadonlyArray<NamePart>
  readonly value: Value
  readonly span: Span
}

/** What every declaration has. */
export interface Declared {
  readonly name: Name
  readonly doc: string
  readonly options: ReadonlyArray<Option>
}

export interface Int {
  readonly value: bigint
  readonly span: Span
}

/** Both ends inclusive; `end` undefined is `max`. */
export interface Range {
  readonly start: Int
  readonly end: Int | undefined
  readonly span: Span
}

export type Type =
  | { readonly kind: "named"; readonly name: Name }
  | { readonly kind: "map"; readonly key: Name; readonly value: Name; readonly span: Span }
  /** The body stands in `Field.group`. */
  | { readonly kind: "group"; readonly span: Span }

export interface Field extends Declared {
  readonly kind: "field"
  readonly label: { readonly text: "optional" | "required" | "repeated"; readonly span: Span } | undefined
  readonly type: Type
  readonly number: Int
  readonly group: Message | undefined
}

export interface Oneof extends Declared {
  readonly kind: "oneof"
  readonly fields: ReadonlyArray<Field>
}

export interface Extend {
  readonly kind: "extend"
  readonly extendee: Name
  readonly fields: ReadonlyArray<Field>
}

export interface ExtensionRanges {
  readonly kind: "extensions"
  readonly ranges: ReadonlyArray<Range>
  readonly options: ReadonlyArray<Option>
}

export interface Reserved {
  readonly kind: "reserved"
  readonly ranges: ReadonlyArray<Range>
  readonly names: ReadonlyArray<Name & { readonly isQuoted: boolean }>
}

/** Edition 2024: whether other files may use it; undefined where nothing is written. */
export type Visibility = { readonly text: "export" | "local"; readonly span: Span } | undefined

export type MessageItem = Field | Oneof | Extend | ExtensionRanges | Reserved | Message | Enum

export interface Message extends Declared {
  readonly kind: "message"
  readonly items: ReadonlyArray<MessageItem>
  readonly visibility: Visibility
}

export interface EnumMember extends Declared {
  readonly kind: "member"
  readonly number: Int
}

export interface Enum extends Declared {
  readonly kind: "enum"
  readonly members: ReadonlyArray<EnumMember>
  readonly reserved: ReadonlyArray<Reserved>
  readonly visibility: Visibility
}

export interface Method extends Declared {
  readonly kind: "method"
  readonly input: Name
  readonly output: Name
  readonly clientStreaming: boolean
  readonly serverStreaming: boolean
}

export interface Service extends Declared {
  readonly kind: "service"
  readonly methods: ReadonlyArray<Method>
}

export interface Import {
  readonly path: string
  readonly kind: "plain" | "public" | "weak" | "option"
  readonly span: Span
}

export interface Document {
  readonly doc: string
  readonly edition: "proto2" | "proto3" | "2023" | "2024" | "2026"
  readonly package: Name | undefined
  readonly imports: ReadonlyArray<Import>
  readonly options: ReadonlyArray<Option>
  readonly items: ReadonlyArray<Message | Enum | Service | Extend>
  /** Words of what was skipped after syntax errors: names among them are no unknown names. */
  readonly damaged: ReadonlySet<string>
}
