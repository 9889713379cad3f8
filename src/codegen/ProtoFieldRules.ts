/**
 * What options and features may be set on which fields, messages and files.
 */
import type * as Ast from "./ProtoAst.ts"
import * as ProtoFeatures from "./ProtoFeatures.ts"
import * as ProtoFields from "./ProtoFields.ts"
import type * as ProtoIr from "./ProtoIr.ts"
import * as ProtoScope from "./ProtoScope.ts"
import type { DeclaredField, DeclaredMessage, Scope } from "./ProtoScope.ts"
import type { Span } from "./Source.ts"

interface Subject {
  readonly scope: Scope
  readonly declared: DeclaredField
  readonly element: ProtoIr.Single
  readonly isEdition: boolean
}

const option = (options: ReadonlyArray<Ast.Option>, name: string): Ast.Option | undefined =>
  options.find(({ parts }) => parts.length === 1 && parts[0]!.text === name && !parts[0]!.isExtension)

const wordOf = (value: Ast.Value | undefined): string | undefined => (value?.kind === "word" ? value.text : undefined)

const isScalar = (type: ProtoIr.Single, names: ReadonlyArray<ProtoIr.ScalarName>): boolean =>
  type.kind === "scalar" && names.includes(type.name)

const wide: ReadonlyArray<ProtoIr.ScalarName> = ["int64", "uint64", "sint64", "fixed64", "sfixed64"]

const packedFault = ({ declared, isEdition }: Subject, value: Ast.Value): string | undefined => {
  const { type } = declared.field
  if (isEdition) return "editions have no `packed`; write `features.repeated_field_encoding = PACKED` or EXPANDED"
  const isPackable = type.kind === "list" && ProtoFields.isPackable(type.element)
  if (wordOf(value) !== "true" || isPackable) return undefined
  return "only a repeated field of numbers, bools or enums can be packed"
}

const lazyFault = ({ declared, element }: Subject, value: Ast.Value): string | undefined => {
  const isMessage = declared.field.type.kind !== "map" && element.kind === "message" && !declared.field.group
  return wordOf(value) !== "true" || isMessage ? undefined : "only a message that is no group can be lazy"
}

const jstypeFault = ({ declared, element }: Subject, value: Ast.Value): string | undefined => {
  const isWide = declared.field.type.kind !== "map" && isScalar(element, wide)
  return wordOf(value) === "JS_NORMAL" || isWide ? undefined : "jstype is for fields of 64-bit integers"
}

const ctypeFault = ({ element, isEdition, scope }: Subject): string | undefined => {
  if (!isEdition) return undefined
  if (scope.file.edition !== "2023") return "editions from 2024 on have no ctype; use the feature (pb.cpp).string_type"
  return isScalar(element, ["string", "binary"]) ? undefined : "ctype is for strings and bytes"
}

const optionFaults: Record<string, (subject: Subject, value: Ast.Value) => string | undefined> = {
  packed: packedFault,
  lazy: lazyFault,
  unverified_lazy: lazyFault,
  jstype: jstypeFault,
  ctype: ctypeFault
}

const presenceFault = ({ declared }: Subject, value: Ast.Value): string | undefined => {
  const { field } = declared
  if (field.type.kind === "list" || field.type.kind === "map") return "a repeated field has no presence to set"
  if (field.oneof !== undefined) return "a member of a oneof has explicit presence; there is nothing to set"
  if (field.kind === "extension" && wordOf(value) !== "LEGACY_REQUIRED") {
    return "an extension has explicit presence; there is nothing to set"
  }
  const isImplicit = wordOf(value) === "IMPLICIT"
  return field.type.kind === "message" && isImplicit ? "a message cannot have implicit presence" : undefined
}

const encodingFault = ({ declared, element }: Subject, value: Ast.Value): string | undefined => {
  if (declared.field.type.kind !== "list") return "only a repeated field has an encoding of repetition"
  const isPackable = wordOf(value) !== "PACKED" || ProtoFields.isPackable(element)
  return isPackable ? undefined : "only a repeated field of numbers, bools or enums can be PACKED"
}

const utf8Fault = ({ declared, element }: Subject): string | undefined => {
  const { type } = declared.field
  const isString = isScalar(element, ["string"]) || (type.kind === "map" && isScalar(type.key, ["string"]))
  return isString ? undefined : "only strings are validated as UTF-8"
}

const delimitedFault = ({ declared, element }: Subject): string | undefined =>
  element.kind === "message" && declared.field.type.kind !== "map" ? undefined : "only messages have an encoding"

const featureFaults: Record<string, (subject: Subject, value: Ast.Value) => string | undefined> = {
  field_presence: presenceFault,
  repeated_field_encoding: encodingFault,
  utf8_validation: utf8Fault,
  message_encoding: delimitedFault
}

const typeSpan = ({ name, type }: Ast.Field): Span => {
  if (type.kind === "map") return type.value.span
  return type.kind === "named" ? type.name.span : name.span
}

/** A field without presence has to have a zero, which a closed enum need not know. */
const checkEnum = ({ declared, element, scope }: Subject): void => {
  const { ast, field } = declared
  if (element.kind !== "enum" || !element.enum.closed) return
  const isProto3 = scope.file.edition === "proto3"
  const isSingular = field.type.kind === "enum"
  if (!isProto3 && !(isSingular && field.presence === "implicit")) return
  const where = isProto3 ? "in proto3" : "in a field of implicit presence"
  ProtoScope.report(scope, typeSpan(ast), `${element.enum.fullName} is a closed enum, which cannot stand ${where}`)
}

/** Checks a field against its own options. */
export const checkField = (scope: Scope, declared: DeclaredField): void => {
  const element = ProtoFields.elementOf(declared.field.type)
  const isEdition = ProtoFeatures.isEdition(scope.file.edition)
  const subject: Subject = { scope, declared, element, isEdition }
  const { options } = declared.ast
  for (const [name, fault] of Object.entries(optionFaults)) {
    const found = option(options, name)
    const message = found === undefined ? undefined : fault(subject, found.value)
    if (found !== undefined && message !== undefined) ProtoScope.report(scope, found.span, message)
  }
  for (const [name, value] of ProtoFeatures.written(options)) {
    const message = featureFaults[name]?.(subject, value)
    if (message !== undefined) ProtoScope.report(scope, value.span, message)
  }
  checkEnum(subject)
}

const checkMessageSet = (scope: Scope, { ast, fields, message }: DeclaredMessage): void => {
  if (!message.messageSet) return
  if (scope.file.edition === "proto3") ProtoScope.report(scope, ast.name.span, "proto3 has no MessageSets")
  const [field] = fields
  if (field !== undefined) {
    ProtoScope.report(scope, field.ast.name.span, "a MessageSet has extensions only, no fields of its own")
  }
}

const checkExport = (scope: Scope, visibility: Ast.Visibility, parent: ProtoIr.Message, isEnum: boolean): void => {
  if (visibility?.text !== "export") return
  const isSpace = parent.reservedRanges.some(({ end, start }) => start === 1 && end === 536870911)
  if (isEnum && isSpace) return
  const hint = isEnum ? "; its message would have to reserve 1 to max" : ""
  ProtoScope.report(scope, visibility.span, `visibility is strict, so only what stands at the top is exported${hint}`)
}

const checkVisibility = (scope: Scope, { ast, features, message }: DeclaredMessage): void => {
  if (features.visibility !== "strict") return
  for (const item of ast.items) {
    if (item.kind === "message" || item.kind === "enum") {
      checkExport(scope, item.visibility, message, item.kind === "enum")
    }
  }
}

/** Checks a message and its fields against their options. */
export const checkMessage = (scope: Scope, declared: DeclaredMessage): void => {
  for (const field of declared.fields) checkField(scope, field)
  checkMessageSet(scope, declared)
  checkVisibility(scope, declared)
  if (scope.file.edition !== "proto3") return
  for (const item of declared.ast.items) {
    const span = item.kind === "extensions" ? item.ranges[0]?.span : undefined
    if (span !== undefined) ProtoScope.report(scope, span, "proto3 has no extension ranges; use google.protobuf.Any")
  }
}

const checkImports = (scope: Scope): void => {
  const { document } = scope.unit
  const isNew = document.edition === "2024" || document.edition === "2026"
  for (const { kind, span } of document.imports) {
    if (kind === "weak" && isNew) ProtoScope.report(scope, span, "editions from 2024 on have no weak imports")
    if (kind === "option" && !isNew) ProtoScope.report(scope, span, "`import option` needs edition 2024 or later")
  }
}

/** Checks a file's own options and imports. */
export const checkFile = (scope: Scope): void => {
  const { options } = scope.unit.document
  checkImports(scope)
  if (!ProtoFeatures.isEdition(scope.file.edition)) return
  const presence = ProtoFeatures.written(options).get("field_presence")
  if (presence !== undefined && wordOf(presence) === "LEGACY_REQUIRED") {
    ProtoScope.report(scope, presence.span, "a file cannot make all of its fields required; say so at each field")
  }
  const utf8 = option(options, "java_string_check_utf8")
  if (utf8 === undefined) return
  ProtoScope.report(
    scope,
    utf8.span,
    "editions have no java_string_check_utf8; use the feature (pb.java).utf8_validation"
  )
}
