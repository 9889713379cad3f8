/**
 * Extensions: what they extend, and whether that allows it.
 */
import { nothing } from "./ProtoDeclare.ts"
import * as ProtoExtensionDeclarations from "./ProtoExtensionDeclarations.ts"
import type * as ProtoIr from "./ProtoIr.ts"
import * as ProtoNumbers from "./ProtoNumbers.ts"
import * as ProtoScope from "./ProtoScope.ts"
import type { Scope } from "./ProtoScope.ts"
import * as ProtoWords from "./ProtoWords.ts"

type Declared = Scope["extensions"][number]

/** Finds the message that is extended. */
export const resolve = (scope: Scope, { container, extend, field }: Declared): void => {
  // What cannot be found is told once for all fields of the `extend`.
  const isFirst = extend!.fields[0]?.name.text === field.name
  const reported = scope.diagnostics.length
  const found = ProtoScope.findMessage(scope, container, extend!.extendee)
  if (found !== undefined) field.extendee = found.message
  else if (!isFirst) scope.diagnostics.splice(reported)
}

const isOptions = (fullName: string): boolean =>
  /^google\.protobuf\.(?:File|Message|Field|Oneof|Enum|EnumValue|Service|Method|ExtensionRange|Stream)Options$/.test(
    fullName
  ) || fullName === "google.protobuf.FeatureSet"

const checkRange = (scope: Scope, { ast, field }: Declared): void => {
  const { extendee } = field
  if (!ProtoNumbers.checkBounds(scope, ast, extendee.messageSet)) return
  if (extendee.extensionRanges.some(({ end, start }) => start <= field.id && field.id <= end)) return
  const ranges = extendee.extensionRanges.map(ProtoWords.range).join(", ")
  const expected = ranges === "" ? "it can not be extended" : `expected one of ${ranges}`
  ProtoScope.report(scope, ast.number.span, `${extendee.fullName} has no extension range with ${field.id}; ${expected}`)
}

const checkNumber = (scope: Scope, { ast, field }: Declared): void => {
  const key = `${field.extendee.fullName}:${field.id}`
  const taken = scope.run.extensions.get(key) ?? []
  const other = taken.find((each) => scope.closure.has(each.scope))
  if (other !== undefined) {
    const where = ProtoScope.place(scope, other)
    const message = `${field.extendee.fullName} has an extension ${field.id} already, \`${other.fullName}\` in ${where}`
    ProtoScope.report(scope, ast.number.span, message)
  }
  scope.run.extensions.set(key, [...taken, { scope, span: ast.name.span, fullName: field.fullName }])
}

const checkKind = (scope: Scope, { ast, extend, field }: Declared): void => {
  const { extendee } = field
  if (field.presence === "required") {
    ProtoScope.report(scope, ast.label?.span ?? ast.name.span, "an extension cannot be required")
  }
  const name = ast.options.find(({ parts }) => parts.length === 1 && parts[0]!.text === "json_name")
  if (name !== undefined) {
    const message = "an extension has no json_name; in JSON its key is its full name in brackets"
    ProtoScope.report(scope, name.span, message)
  }
  if (extendee.messageSet && (ast.label?.text === "repeated" || !isMessage(field.type))) {
    ProtoScope.report(scope, ast.name.span, "an extension of a MessageSet is a message, and not repeated")
  }
  if (scope.file.edition === "proto3" && !isOptions(extendee.fullName)) {
    const message = "proto3 extends only the messages of options, google.protobuf.FieldOptions and the like"
    ProtoScope.report(scope, extend!.extendee.span, message)
  }
}

const isMessage = (type: ProtoIr.Type): boolean => type.kind === "message"

/** Checks the extensions that a file declares. */
export const check = (scope: Scope): void => {
  for (const declared of scope.extensions) {
    if (declared.field.extendee === nothing) continue
    checkRange(scope, declared)
    checkNumber(scope, declared)
    const fault = ProtoExtensionDeclarations.fault(declared.field)
    if (fault !== undefined) ProtoScope.report(scope, declared.ast.name.span, fault)
    checkKind(scope, declared)
  }
}
