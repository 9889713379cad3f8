/** Protobuf's types in TypeScript, on the wire, and as descriptors. */
import type { ScalarKind } from "../grpc/ProtobufType.ts"
import { bracket, type Doc } from "./EmitDoc.ts"
import { quote } from "./EmitModule.ts"
import type { Module } from "./EmitProtoModule.ts"
import * as EmitProtoProgram from "./EmitProtoProgram.ts"
import type * as ProtoIr from "./ProtoIr.ts"

type Wide = Extract<ProtoIr.ScalarName, `${string}64`>

const isWide = (name: ProtoIr.ScalarName): name is Wide => name.endsWith("64")

/** `[jstype = JS_NUMBER]` asks for a number; all else leaves it to the options of the compiler. */
const isNumber = (module: Module, field: ProtoIr.Field): boolean => {
  for (const [option, value] of field.options.fields) {
    if (option.name === "jstype" && value.kind === "enum" && value.member.name === "JS_NUMBER") return true
  }
  return module.program.options.i64 === "number"
}

/** A scalar as this field has it: which descriptor it takes. */
export const scalarKind = (module: Module, field: ProtoIr.Field, name: ProtoIr.ScalarName): ScalarKind => {
  if (isWide(name) && isNumber(module, field)) return `${name}Number`
  return name === "string" && !field.validateUtf8 ? "anyString" : name
}

const capitalise = <A extends string>(text: A): Capitalize<A> =>
  (text.charAt(0).toUpperCase() + text.slice(1)) as Capitalize<A>

/** What stands behind `read`, of scalars and enums. */
export const readerOf = (module: Module, field: ProtoIr.Field, type: ProtoIr.Single): Capitalize<ScalarKind> =>
  type.kind === "scalar" ? capitalise(scalarKind(module, field, type.name)) : "Int32"

/** What stands behind `write`, of scalars and enums. */
export const writerOf = (
  module: Module,
  field: ProtoIr.Field,
  type: ProtoIr.Single
): Exclude<Capitalize<ScalarKind>, "AnyString"> => {
  const name = readerOf(module, field, type)
  return name === "AnyString" ? "String" : name
}

const wireTypes: Partial<Record<ProtoIr.ScalarName, number>> = {
  double: 1,
  fixed64: 1,
  sfixed64: 1,
  string: 2,
  binary: 2,
  float: 5,
  fixed32: 5,
  sfixed32: 5
}

/** The wire type of a value. */
export const wireTypeOf = (field: ProtoIr.Field, type: ProtoIr.Single): number =>
  type.kind === "message" ? (field.delimited ? 3 : 2) : type.kind === "enum" ? 0 : (wireTypes[type.name] ?? 0)

/** A field's number and a wire type, as they stand before the value. */
export const tagOf = (id: number, wireType: number): number => id * 8 + wireType

const scalarTypes: Partial<Record<ProtoIr.ScalarName, string>> = { bool: "boolean", string: "string" }

const scalarDoc = (module: Module, field: ProtoIr.Field, name: ProtoIr.ScalarName): string => {
  if (name === "binary") return module.global("Uint8Array")
  return scalarTypes[name] ?? (isWide(name) && !isNumber(module, field) ? "bigint" : "number")
}

const wrapped: Record<string, string> = {
  DoubleValue: "number",
  FloatValue: "number",
  Int64Value: "bigint",
  UInt64Value: "bigint",
  Int32Value: "number",
  UInt32Value: "number",
  BoolValue: "boolean",
  StringValue: "string"
}

/** How a message reads as a type; a wrapper is what it wraps. */
export const messageDoc = (module: Module, message: ProtoIr.Message): string => {
  if (!EmitProtoProgram.isWellKnown(message.file)) return module.name(message)
  if (message.name === "BytesValue") return module.global("Uint8Array")
  return wrapped[message.name] ?? module.name(message)
}

/** How a type that is not repeated reads. */
export const singleDoc = (module: Module, field: ProtoIr.Field, type: ProtoIr.Single): string => {
  switch (type.kind) {
    case "scalar":
      return scalarDoc(module, field, type.name)
    case "enum":
      return module.name(type.enum)
    case "message":
      return messageDoc(module, type.message)
  }
}

/** How the type of a field's value reads, without the undefined of absence. */
export const typeDoc = (module: Module, field: ProtoIr.Field): Doc => {
  const { type } = field
  if (type.kind === "list") {
    return bracket(`${module.global("ReadonlyArray")}<`, [singleDoc(module, field, type.element)], ">")
  }
  if (type.kind !== "map") return singleDoc(module, field, type)
  const types = [singleDoc(module, field, type.key), singleDoc(module, field, type.value)]
  return bracket(`${module.global("ReadonlyMap")}<`, types, ">")
}

/** The zero of a scalar or enum. */
export const zeroOf = (module: Module, field: ProtoIr.Field, type: ProtoIr.Single): string => {
  if (type.kind === "enum") return `${type.enum.members[0]!.value}`
  if (type.kind === "message") return "undefined"
  if (type.name === "binary") return `${module.use("Protobuf")}.noBytes`
  const read = scalarDoc(module, field, type.name)
  return read === "boolean" ? "false" : read === "string" ? '""' : read === "bigint" ? "0n" : "0"
}

const singleDescriptor = (module: Module, field: ProtoIr.Field, type: ProtoIr.Single): Doc => {
  const name = module.use("Type")
  switch (type.kind) {
    case "scalar":
      return `${name}.${scalarKind(module, field, type.name)}`
    case "enum": {
      const kind = type.enum.closed ? "closedEnum" : "openEnum"
      return bracket(`${name}.${kind}(`, [quote(type.enum.fullName), module.name(type.enum)], ")")
    }
    case "message":
      return `${name}.${field.delimited ? "group" : "message"}(${module.value(type.message)})`
  }
}

// As the runtime has it; a name that differs is written out.
const usualJsonName = (name: string): string => name.replace(/_+(.?)/g, (_, next: string) => next.toUpperCase())

const cardinalityOf = (field: ProtoIr.Field): string =>
  field.type.kind === "list" ? (field.packed ? "packed" : "list") : field.type.kind === "map" ? "map" : field.presence

/** The descriptor of a field whose property is `key`; of a member of a oneof, `oneof` is the property and `key` the tag. */
export const fieldDescriptor = (module: Module, field: ProtoIr.Field, key: string, oneof?: string): Doc => {
  const { type } = field
  const name = module.use("Type")
  const json = field.jsonName === usualJsonName(field.name) ? [] : [quote(field.jsonName)]
  const head = [`${field.id}`, quote(field.name), quote(key)]
  if (oneof !== undefined) {
    const single = singleDescriptor(module, field, type as ProtoIr.Single)
    return bracket(`${name}.member(`, [quote(oneof), ...head, single, ...json], ")")
  }
  const types: ReadonlyArray<Doc> =
    type.kind === "map"
      ? [singleDescriptor(module, field, type.key), singleDescriptor(module, field, type.value)]
      : [singleDescriptor(module, field, type.kind === "list" ? type.element : type)]
  return bracket(`${name}.${cardinalityOf(field)}(`, [...head, ...types, ...json], ")")
}
