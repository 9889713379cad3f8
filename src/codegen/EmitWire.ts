/** What differs between the protocols, as the emitter sees it. */
import type { Module } from "./EmitModule.ts"
import type { Shape } from "./EmitTypes.ts"

/** The protocols that codecs are written for. */
export type Protocol = "Binary" | "Compact"

/** All of them, in the order of the text. */
export const protocols: ReadonlyArray<Protocol> = ["Binary", "Compact"]

const types: Record<Protocol, Record<Shape["kind"], number>> = {
  Binary: {
    bool: 2,
    i8: 3,
    double: 4,
    i16: 6,
    i32: 8,
    enum: 8,
    i64: 10,
    i64Number: 10,
    string: 11,
    binary: 11,
    message: 12,
    map: 13,
    set: 14,
    list: 15,
    uuid: 16
  },
  Compact: {
    bool: 1,
    i8: 3,
    i16: 4,
    i32: 5,
    enum: 5,
    i64: 6,
    i64Number: 6,
    double: 7,
    string: 8,
    binary: 8,
    list: 9,
    set: 10,
    map: 11,
    message: 12,
    uuid: 13
  }
}

/** The number of a type on the wire. A bool of Compact has 1 as an element; as a field it is 1 or 2 by its value. */
export const typeOf = (protocol: Protocol, shape: { readonly kind: Shape["kind"] }): number =>
  types[protocol][shape.kind]

const scalarNames: Partial<Record<Shape["kind"], string>> = {
  bool: "Bool",
  i8: "I8",
  i16: "I16",
  i32: "I32",
  enum: "I32",
  i64: "I64",
  i64Number: "I64Number",
  double: "Double",
  string: "String",
  binary: "Binary",
  uuid: "Uuid"
}

/** The last part of the primitive's name, `I32` of `writeI32`; undefined for containers and messages. */
export const primitiveOf = (shape: Shape): string | undefined => scalarNames[shape.kind]

/** What encoding and decoding functions are written with. */
export interface Context {
  readonly module: Module
  readonly protocol: Protocol
  /** `Binary` or `Compact`, or what stands for it in the module. */
  readonly wire: string
}

/** The context of a protocol in a module, which then imports it. */
export const context = (module: Module, protocol: Protocol): Context => ({
  module,
  protocol,
  wire: module.use(protocol)
})
