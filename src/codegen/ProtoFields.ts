/**
 * Fields: their types, and all that follows from type, label and features.
 */
import type * as Ast from "./ProtoAst.ts"
import { nothing } from "./ProtoDeclare.ts"
import * as ProtoFeatures from "./ProtoFeatures.ts"
import type * as ProtoIr from "./ProtoIr.ts"
import * as ProtoScalars from "./ProtoScalars.ts"
import * as ProtoScope from "./ProtoScope.ts"
import type { DeclaredField, Scope } from "./ProtoScope.ts"
import type { Span } from "./Source.ts"

const scalars: ReadonlyMap<string, ProtoIr.ScalarName> = new Map([
  ["double", "double"],
  ["float", "float"],
  ["int32", "int32"],
  ["int64", "int64"],
  ["uint32", "uint32"],
  ["uint64", "uint64"],
  ["sint32", "sint32"],
  ["sint64", "sint64"],
  ["fixed32", "fixed32"],
  ["fixed64", "fixed64"],
  ["sfixed32", "sfixed32"],
  ["sfixed64", "sfixed64"],
  ["bool", "bool"],
  ["string", "string"],
  ["bytes", "binary"]
])

const unresolved: ProtoIr.Single = { kind: "message", message: nothing }

const named = (scope: Scope, container: string, name: Ast.Name): ProtoIr.Single => {
  const scalar = scalars.get(name.text)
  if (scalar !== undefined) return { kind: "scalar", name: scalar }
  const found = ProtoScope.findType(scope, container, name)
  if (found?.kind === "enum") return { kind: "enum", enum: found.declared.enum }
  return found?.kind === "message" ? { kind: "message", message: found.declared.message } : unresolved
}

const keyFault = "a map's key is an integer, a bool or a string"

const map = (scope: Scope, container: string, type: Extract<Ast.Type, { kind: "map" }>): ProtoIr.Type => {
  const key = scalars.get(type.key.text)
  const value = named(scope, container, type.value)
  const isKey = key !== undefined && key !== "double" && key !== "float" && key !== "binary"
  if (!isKey) ProtoScope.report(scope, type.key.span, `${keyFault}, not \`${type.key.text}\``)
  if (value.kind === "enum" && (value.enum.members[0]?.value ?? 0) !== 0) {
    const first = "its first value has to be 0"
    ProtoScope.report(scope, type.value.span, `${value.enum.fullName} cannot be a map's value: ${first}`)
  }
  return { kind: "map", key: { kind: "scalar", name: isKey ? key : "int32" }, value }
}

const group = (scope: Scope, container: string, ast: Ast.Message): ProtoIr.Single => {
  const fullName = ProtoScope.join(container, ast.name.text)
  const found = scope.messages.find((each) => each.message.fullName === fullName && each.ast === ast)
  return found === undefined ? unresolved : { kind: "message", message: found.message }
}

/** The type without repetition and map. */
export const elementOf = (type: ProtoIr.Type): ProtoIr.Single => {
  if (type.kind === "list") return type.element
  return type.kind === "map" ? type.value : type
}

/** Whether a list of it may be packed. */
export const isPackable = (type: ProtoIr.Single): boolean => {
  if (type.kind === "scalar") return type.name !== "string" && type.name !== "binary"
  return type.kind === "enum"
}

/** A field's option that is written as a word, before options are interpreted. */
export const word = (options: ReadonlyArray<Ast.Option>, name: string): string | undefined => {
  const found = options.find(({ parts }) => parts.length === 1 && parts[0]!.text === name && !parts[0]!.isExtension)
  return found?.value.kind === "word" ? found.value.text : undefined
}

const presence = (scope: Scope, { ast, features, field }: DeclaredField): ProtoIr.Presence => {
  const { type } = field
  if (type.kind === "list" || type.kind === "map") return "implicit"
  if (ast.label?.text === "required") return "required"
  if (scope.file.edition === "proto2" || ast.label?.text === "optional") return "explicit"
  if (field.oneof !== undefined || field.kind === "extension") return "explicit"
  if (features.presence === "required") return "required"
  return type.kind === "message" ? "explicit" : features.presence
}

const hasString = (type: ProtoIr.Type): boolean => {
  if (type.kind === "map") return hasString(type.key) || hasString(type.value)
  const element = elementOf(type)
  return element.kind === "scalar" && element.name === "string"
}

/** Gives a field its type and what follows from it. */
export const resolve = (scope: Scope, declared: DeclaredField): void => {
  const { ast, container, features, field } = declared
  if (ast.type.kind === "map") {
    field.type = map(scope, container, ast.type)
  } else {
    const single =
      ast.type.kind === "named" ? named(scope, container, ast.type.name) : group(scope, container, ast.group!)
    field.type = ast.label?.text === "repeated" ? { kind: "list", element: single } : single
  }
  field.presence = presence(scope, declared)
  const packed = word(ast.options, "packed")
  const isPacked = packed === undefined ? features.packed : packed === "true"
  field.packed = field.type.kind === "list" && isPackable(field.type.element) && isPacked
  const isMessage = field.type.kind !== "map" && elementOf(field.type).kind === "message"
  field.delimited = isMessage && (field.group || features.delimited)
  field.validateUtf8 = features.validateUtf8 && hasString(field.type)
}

/** Why a field of this type has no default, or undefined. */
const defaultFault = (scope: Scope, { features, field }: DeclaredField): string | undefined => {
  if (field.type.kind === "list" || field.type.kind === "map") return "a repeated field has no default; it is empty"
  if (field.type.kind === "message") return "a message has no default; only scalars and enums have one"
  if (scope.file.edition === "proto3") return "proto3 has no defaults; the zero value is everyone's"
  if (ProtoFeatures.isEdition(scope.file.edition) && features.presence === "implicit" && field.oneof === undefined) {
    return "a field of implicit presence has no default; give it explicit presence"
  }
  return undefined
}

/** Gives a field the default that is written. */
export const setDefault = (scope: Scope, declared: DeclaredField): void => {
  const { ast, field } = declared
  const written = ast.options.filter(({ parts }) => parts.length === 1 && parts[0]!.text === "default")
  const [option, again] = written.filter(({ parts }) => !parts[0]!.isExtension)
  if (option === undefined) return
  const report = (span: Span, message: string): void => ProtoScope.report(scope, span, message)
  if (again !== undefined) report(again.span, "a field has one default; this is its second")
  const fault = defaultFault(scope, declared)
  if (fault !== undefined) return report(option.span, fault)
  const { type } = field
  if (type.kind === "enum") {
    const converted = ProtoScalars.member(type.enum, option.value, false)
    if ("value" in converted) field.default = converted.value
    else report(option.value.span, converted.fault)
  } else if (type.kind === "scalar") {
    const converted = ProtoScalars.scalar(type.name, option.value, false)
    if ("value" in converted) field.default = converted.value
    else report(option.value.span, converted.fault)
  }
}
