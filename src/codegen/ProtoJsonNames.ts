/**
 * Names that differ in the IDL but not in JSON.
 */
import type * as Ast from "./ProtoAst.ts"
import { toJsonName } from "./ProtoDeclare.ts"
import * as ProtoOptions from "./ProtoOptions.ts"
import * as ProtoScope from "./ProtoScope.ts"
import type { DeclaredEnum, DeclaredField, DeclaredMessage, Scope } from "./ProtoScope.ts"
import * as ProtoString from "./ProtoString.ts"

interface JsonName {
  readonly name: string
  readonly isCustom: boolean
  readonly declared: DeclaredField
}

const isNamed = ({ parts }: Ast.Option): boolean =>
  parts.length === 1 && parts[0]!.text === "json_name" && !parts[0]!.isExtension

/** The names that the options give, checked. */
const customName = (scope: Scope, { ast }: DeclaredField): string | undefined => {
  const option = ast.options.find(isNamed)
  if (option === undefined) return undefined
  const { span } = option.value
  if (option.value.kind !== "string") {
    ProtoScope.report(scope, span, "expected the field's name in JSON, in quotes")
    return undefined
  }
  const name = ProtoString.toText(option.value.bytes)
  if (name === undefined || name.includes("\0")) {
    ProtoScope.report(scope, span, "a name in JSON is UTF-8 without U+0000")
    return undefined
  }
  if (!name.startsWith("[") || !name.endsWith("]")) return name
  ProtoScope.report(scope, span, "a name in JSON does not stand in brackets; those are of extensions")
  return undefined
}

const isLenient = (options: Parameters<typeof ProtoOptions.get>[0]): boolean => {
  const value = ProtoOptions.get(options, "deprecated_legacy_json_field_conflicts")
  return value?.kind === "bool" && value.value
}

/** One pass over the names; with or without those that options give. */
const pass = (scope: Scope, names: ReadonlyArray<JsonName>, isStrict: boolean, isSecond: boolean): void => {
  const seen = new Map<string, JsonName>()
  for (const each of names) {
    const other = seen.get(each.name)
    if (other === undefined) {
      seen.set(each.name, each)
      continue
    }
    // The pass over the default names has told it.
    if (isSecond && !each.isCustom && !other.isCustom) continue
    const isError = isStrict || (each.isCustom && other.isCustom)
    const names = `\`${other.declared.field.name}\` and \`${each.declared.field.name}\``
    const message = `${names} are both "${each.name}" in JSON; rename one, or give it another json_name`
    ProtoScope.report(scope, each.declared.ast.name.span, message, isError ? "error" : "warning")
  }
}

/** Names of fields. */
export const checkMessage = (scope: Scope, { features, fields, message }: DeclaredMessage): void => {
  const plain = fields.map((declared): JsonName => {
    return { name: toJsonName(declared.field.name), isCustom: false, declared }
  })
  const isStrict = features.strictJson && !isLenient(message.options)
  pass(scope, plain, isStrict, false)
  const custom = plain.map((each): JsonName => {
    const name = customName(scope, each.declared)
    return name === undefined ? each : { ...each, name, isCustom: true }
  })
  if (custom.some((each) => each.isCustom)) pass(scope, custom, isStrict, true)
}

const letters = (name: string): string => name.replaceAll("_", "").toLowerCase()

/** A value's name as languages with scoped enums have it: without the enum's name before it, in camel case. */
const shortName = (enumName: string, name: string): string => {
  const prefix = letters(enumName)
  let index = 0
  for (let matched = 0; matched < prefix.length; index++) {
    if (index >= name.length) return toPascal(name)
    const letter = name.charAt(index)
    if (letter === "_") continue
    if (letter.toLowerCase() !== prefix.charAt(matched++)) return toPascal(name)
  }
  const rest = name.slice(index).replace(/^_+/, "")
  return rest === "" ? toPascal(name) : toPascal(rest)
}

const toPascal = (name: string): string =>
  name
    .split("_")
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1).toLowerCase()}`)
    .join("")

/** Names of an enum's values. */
export const checkEnum = (scope: Scope, { ast, enum: target, features }: DeclaredEnum): void => {
  const isStrict = features.strictJson && !isLenient(target.options)
  const seen = new Map<string, Ast.EnumMember>()
  for (const member of ast.members) {
    const short = shortName(target.name, member.name.text)
    const other = seen.get(short)
    if (other === undefined) {
      seen.set(short, member)
    } else if (other.number.value !== member.number.value && other.name.text !== member.name.text) {
      const names = `\`${other.name.text}\` and \`${member.name.text}\``
      const message = `${names} are the same without the enum's name, case and underscores; rename one`
      ProtoScope.report(scope, member.name.span, message, isStrict ? "error" : "warning")
    }
  }
}
