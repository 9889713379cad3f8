/**
 * A Thrift file as it is written: nothing resolved, every node with its place.
 */
import type { Span } from "./Source.ts"

/** A name as written, dots included. */
export interface Name {
  readonly text: string
  readonly span: Span
}

/** `key = "value"`, wherever it stands. */
export interface Annotation {
  readonly key: string
  /** "1" for a key that stands alone. */
  readonly value: string
}

/** `name` stands for scalars, `void` and declared types alike; only the checker tells them apart. */
export type Type =
  | {
      readonly kind: "name"
      readonly name: string
      readonly span: Span
      readonly annotations: ReadonlyArray<Annotation>
    }
  | {
      readonly kind: "list" | "set"
      readonly element: Type
      readonly span: Span
      readonly annotations: ReadonlyArray<Annotation>
    }
  | {
      readonly kind: "map"
      readonly key: Type
      readonly value: Type
      readonly span: Span
      readonly annotations: ReadonlyArray<Annotation>
    }

/** The right-hand side of a constant or default. */
export type Value =
  | { readonly kind: "int"; readonly value: bigint; readonly span: Span }
  | { readonly kind: "double"; readonly value: number; readonly span: Span }
  | { readonly kind: "string"; readonly value: string; readonly span: Span }
  | { readonly kind: "name"; readonly name: string; readonly span: Span }
  | { readonly kind: "list"; readonly elements: ReadonlyArray<Value>; readonly span: Span }
  | { readonly kind: "map"; readonly entries: ReadonlyArray<readonly [Value, Value]>; readonly span: Span }

/** What every declared thing has. */
export interface Declared {
  readonly name: Name
  readonly doc: string
  readonly annotations: ReadonlyArray<Annotation>
}

/** A field of a message, an argument, or an exception of `throws`. */
export interface Field extends Declared {
  /** undefined when the field has no id of its own. */
  readonly id: { readonly value: bigint; readonly span: Span } | undefined
  readonly requiredness: "required" | "optional" | "default"
  readonly type: Type
  readonly default: Value | undefined
}

/** `const type name = value`. */
export interface Const extends Declared {
  readonly kind: "const"
  readonly type: Type
  readonly value: Value
}

/** `typedef type name`. */
export interface Typedef extends Declared {
  readonly kind: "typedef"
  readonly type: Type
}

/** A member of an enum; without a value it counts on from the one before. */
export interface EnumMember extends Declared {
  readonly value: { readonly value: bigint; readonly span: Span } | undefined
}

/** `enum name { members }`. */
export interface Enum extends Declared {
  readonly kind: "enum"
  readonly members: ReadonlyArray<EnumMember>
}

/** The old enumeration of strings: a string with a list of what it may be. */
export interface Senum extends Declared {
  readonly kind: "senum"
  readonly values: ReadonlyArray<string>
}

/** `struct`, `union` or `exception`. */
export interface Message extends Declared {
  readonly kind: "struct" | "union" | "exception"
  readonly fields: ReadonlyArray<Field>
}

/** A method of a service. */
export interface Method extends Declared {
  readonly oneway: boolean
  readonly returns: Type
  readonly arguments: ReadonlyArray<Field>
  readonly throws: ReadonlyArray<Field>
}

/** `service name extends parent { methods }`. */
export interface Service extends Declared {
  readonly kind: "service"
  readonly extends: Name | undefined
  readonly methods: ReadonlyArray<Method>
}

/** What a file may declare. */
export type Declaration = Const | Typedef | Enum | Senum | Message | Service

/** An include line; the range is that of the whole line. */
export interface Include {
  readonly path: string
  readonly span: Span
}

/** A namespace line; `scope` is a language, or `*`. */
export interface Namespace {
  readonly scope: string
  readonly name: string
  readonly annotations: ReadonlyArray<Annotation>
}

/** One file. */
export interface Document {
  readonly doc: string
  readonly includes: ReadonlyArray<Include>
  /** `cpp_include` lines: kept, of no meaning to us. */
  readonly cppIncludes: ReadonlyArray<string>
  readonly namespaces: ReadonlyArray<Namespace>
  readonly declarations: ReadonlyArray<Declaration>
  /**
   * Words of the parts that did not parse. Something of that name may be meant to be declared there, so the checker
   * does not call it unknown on top of the syntax error.
   */
  readonly damaged: ReadonlySet<string>
}
