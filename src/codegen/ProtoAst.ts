/**
 * What the protobuf parser makes of a file: the source's shape, names unresolved.
 */
import type { Span } from "./Source.ts"

/** A name, dotted or not; a type's may begin with a dot. */
export interface Name {
  readonly text: string
  readonly span: Span
}

/** One part of an option's name: `(acme.rule)` and `least` of `(acme.rule).least`. */
export interface NamePart extends Name {
  /** In parentheses: the name of an extension. */
  readonly isExtension: boolean
}

/** What stands before an entry's value in a message's text form. */
export interface EntryName extends Name {
  /** `any`: a type URL in brackets, whose text is all of it. */
  readonly kind: "field" | "extension" | "any"
}

/** One field of a message in text form: `least: 1` or `rule { least: 1 }`. */
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

/** An integer and where it stands. */
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

/** A field's type as written. Scalars are named as messages are; the checker tells them apart. */
export type Type =
  | { readonly kind: "named"; readonly name: Name }
  | { readonly kind: "map"; readonly key: Name; readonly value: Name; readonly span: Span }
  /** The body stands in `Field.group`. */
  | { readonly kind: "group"; readonly span: Span }

/** A field of a message, a oneof or an `extend`. */
export interface Field extends Declared {
  readonly kind: "field"
  readonly label: { readonly text: "optional" | "required" | "repeated"; readonly span: Span } | undefined
  readonly type: Type
  readonly number: Int
  readonly group: Message | undefined
}

/** A `oneof` and its fields. */
export interface Oneof extends Declared {
  readonly kind: "oneof"
  readonly fields: ReadonlyArray<Field>
}

/** An `extend` and the extensions in it. */
export interface Extend {
  readonly kind: "extend"
  readonly extendee: Name
  readonly fields: ReadonlyArray<Field>
}

/** An `extensions` line: numbers that other files may use. */
export interface ExtensionRanges {
  readonly kind: "extensions"
  readonly ranges: ReadonlyArray<Range>
  readonly options: ReadonlyArray<Option>
}

/** A `reserved` line: numbers and names that nobody may use any more. */
export interface Reserved {
  readonly kind: "reserved"
  readonly ranges: ReadonlyArray<Range>
  readonly names: ReadonlyArray<Name & { readonly isQuoted: boolean }>
}

/** Edition 2024: whether other files may use it; undefined where nothing is written. */
export type Visibility = { readonly text: "export" | "local"; readonly span: Span } | undefined

/** What may stand in a message. */
export type MessageItem = Field | Oneof | Extend | ExtensionRanges | Reserved | Message | Enum

/** A message, or a group's body. */
export interface Message extends Declared {
  readonly kind: "message"
  readonly items: ReadonlyArray<MessageItem>
  readonly visibility: Visibility
}

/** A member of an enum. */
export interface EnumMember extends Declared {
  readonly kind: "member"
  readonly number: Int
}

/** An enum and what it reserves. */
export interface Enum extends Declared {
  readonly kind: "enum"
  readonly members: ReadonlyArray<EnumMember>
  readonly reserved: ReadonlyArray<Reserved>
  readonly visibility: Visibility
}

/** An `rpc`, and which of its sides stream. */
export interface Method extends Declared {
  readonly kind: "method"
  readonly input: Name
  readonly output: Name
  readonly clientStreaming: boolean
  readonly serverStreaming: boolean
}

/** A service and its methods. */
export interface Service extends Declared {
  readonly kind: "service"
  readonly methods: ReadonlyArray<Method>
}

/** An `import` line, with how it imports. */
export interface Import {
  readonly path: string
  readonly kind: "plain" | "public" | "weak" | "option"
  readonly span: Span
}

/** A whole file. */
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
