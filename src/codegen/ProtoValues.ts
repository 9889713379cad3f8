/**
 * What options are set to: values of every type, up to whole messages in text format.
 */
import type * as Ast from "./ProtoAst.ts"
import { nothing } from "./ProtoDeclare.ts"
import type * as ProtoIr from "./ProtoIr.ts"
import { type Context, extensionOf, fieldOf } from "./ProtoOptionNames.ts"
import * as ProtoScalars from "./ProtoScalars.ts"
import * as ProtoScope from "./ProtoScope.ts"
import type { Span } from "./Source.ts"

/** A message that is being put together. */
export class Builder {
  readonly message: ProtoIr.Message
  readonly fields = new Map<ProtoIr.Field, ProtoIr.Value | Builder>()

  constructor(message: ProtoIr.Message) {
    this.message = message
  }

  finish(): ProtoIr.MessageValue {
    const fields = [...this.fields].map(
      ([field, value]) => [field, value instanceof Builder ? value.finish() : value] as const
    )
    return { kind: "message", message: this.message, fields }
  }

  append(field: ProtoIr.Field, values: ReadonlyArray<ProtoIr.Value>): void {
    const before = this.fields.get(field)
    const known = before !== undefined && !(before instanceof Builder) && before.kind === "list" ? before.elements : []
    this.fields.set(field, { kind: "list", elements: [...known, ...values] })
  }
}

const single = (type: ProtoIr.Type): ProtoIr.Single | undefined => {
  if (type.kind === "list") return type.element
  return type.kind === "map" ? undefined : type
}

/** Remembers that a field is set, for what its own options say about that. */
export const use = (context: Context, field: ProtoIr.Field, value: ProtoIr.Value | undefined, span: Span): void => {
  context.run.uses.push({ scope: context.scope, kind: context.kind, field, value, span })
}

const convert = (
  context: Context,
  type: ProtoIr.Single,
  value: Ast.Value,
  inText: boolean
): ProtoIr.Value | undefined => {
  if (type.kind === "message") {
    if (type.message === nothing) return undefined
    if (value.kind === "entries") return messageValue(context, type.message, value)
    const expected = `expected a message of type ${type.message.fullName} in braces`
    ProtoScope.report(context.scope, value.span, `${expected}, found ${ProtoScalars.describe(value)}`)
    return undefined
  }
  const converted =
    type.kind === "enum" ? ProtoScalars.member(type.enum, value, inText) : ProtoScalars.scalar(type.name, value, inText)
  if ("value" in converted) return converted.value
  ProtoScope.report(context.scope, value.span, converted.fault)
  return undefined
}

/** Sets a singular field once, also among the members of a oneof. */
export const setOnce = (context: Context, builder: Builder, field: ProtoIr.Field, span: Span): boolean => {
  if (builder.fields.has(field)) {
    ProtoScope.report(context.scope, span, `\`${field.name}\` is set twice; expected one value`)
    return false
  }
  const other = [...builder.fields.keys()].find((each) => each.oneof !== undefined && each.oneof === field.oneof)
  if (other === undefined) return true
  const message = `\`${field.name}\` and \`${other.name}\` are of one oneof; expected only one of them`
  ProtoScope.report(context.scope, span, message)
  return false
}

const entry = (
  context: Context,
  type: Extract<ProtoIr.Type, { kind: "map" }>,
  value: Ast.Value
): ReadonlyArray<readonly [ProtoIr.Value, ProtoIr.Value]> => {
  if (value.kind !== "entries") {
    const found = ProtoScalars.describe(value)
    ProtoScope.report(
      context.scope,
      value.span,
      `expected an entry of the map, { key: ... value: ... }, found ${found}`
    )
    return []
  }
  const part = (name: string, of: ProtoIr.Single): ProtoIr.Value | undefined => {
    const found = value.entries.find((each) => each.name.kind === "field" && each.name.text === name)
    return found === undefined ? zero(of) : convert(context, of, found.value, true)
  }
  for (const { name } of value.entries) {
    if (name.kind === "field" && (name.text === "key" || name.text === "value")) continue
    ProtoScope.report(context.scope, name.span, `an entry of a map has \`key\` and \`value\`, no \`${name.text}\``)
  }
  const key = part("key", type.key)
  const content = part("value", type.value)
  return key === undefined || content === undefined ? [] : [[key, content]]
}

const zero = (type: ProtoIr.Single): ProtoIr.Value | undefined => {
  if (type.kind === "message") return { kind: "message", message: type.message, fields: [] }
  if (type.kind === "enum") {
    const member = type.enum.members[0]
    return member === undefined ? undefined : { kind: "enum", enum: type.enum, member }
  }
  if (type.name === "bool") return { kind: "bool", value: false }
  if (type.name === "string") return { kind: "string", value: "" }
  if (type.name === "binary") return { kind: "binary", value: new Uint8Array() }
  return type.name === "double" || type.name === "float" ? { kind: "double", value: 0 } : { kind: "int", value: 0n }
}

/** Gives a field its value; `inText` inside of braces. */
export const assign = (
  context: Context,
  builder: Builder,
  field: ProtoIr.Field,
  value: Ast.Value,
  span: Span,
  inText: boolean
): void => {
  const { type } = field
  if (type.kind === "map") {
    const given = value.kind === "list" ? value.elements : [value]
    const before = builder.fields.get(field)
    const known = before !== undefined && !(before instanceof Builder) && before.kind === "map" ? before.entries : []
    const added = given.flatMap((each) => entry(context, type, each))
    builder.fields.set(field, { kind: "map", entries: [...known, ...added] })
    return use(context, field, undefined, span)
  }
  if (type.kind === "list") {
    const given = value.kind === "list" ? value.elements : [value]
    const values = given.map((each) => convert(context, type.element, each, inText))
    builder.append(
      field,
      values.filter((each) => each !== undefined)
    )
    for (const each of values) use(context, field, each, span)
    return
  }
  if (!setOnce(context, builder, field, span)) return
  const converted = convert(context, type, value, inText)
  use(context, field, converted, span)
  if (converted !== undefined) builder.fields.set(field, converted)
}

/** In text format a group, or a field that looks like one, has its message's name. */
const groupName = (field: ProtoIr.Field): string | undefined => {
  const type = single(field.type)
  if (!field.delimited || type?.kind !== "message" || type.message.name.toLowerCase() !== field.name) return undefined
  const scope = field.fullName.slice(0, -field.name.length)
  return type.message.fullName === `${scope}${type.message.name}` ? type.message.name : undefined
}

const entryField = (context: Context, message: ProtoIr.Message, name: Ast.EntryName): ProtoIr.Field | undefined => {
  if (name.kind === "extension") return extensionOf(context, message, name)
  const group = message.fields.find((field) => groupName(field) === name.text)
  return group ?? fieldOf(context, message, { ...name, isExtension: false })
}

/** Where types are known to be found; any other host could mean anything. */
const hosts = new Set(["type.googleapis.com", "type.googleprod.com"])

const anyValue = (context: Context, { name, value }: Ast.Entry): ProtoIr.Value | undefined => {
  const slash = name.text.lastIndexOf("/")
  const typeName = name.text.slice(slash + 1)
  if (!hosts.has(name.text.slice(0, slash))) {
    ProtoScope.report(context.scope, name.span, `expected [type.googleapis.com/${typeName}]`)
  }
  const target = { text: `.${typeName}`, span: name.span }
  const declared = ProtoScope.findMessage(context.scope, "", target)
  if (declared === undefined) return undefined
  const inner = convert(context, { kind: "message", message: declared.message }, value, true)
  return inner?.kind === "message" ? { kind: "any", typeUrl: name.text, value: inner } : undefined
}

const missing = (message: ProtoIr.Message, builder: Builder): ReadonlyArray<string> =>
  message.fields
    .filter((field) => field.presence === "required" && !builder.fields.has(field))
    .map((field) => `\`${field.name}\``)

const messageValue = (
  context: Context,
  message: ProtoIr.Message,
  value: Extract<Ast.Value, { kind: "entries" }>
): ProtoIr.Value | undefined => {
  const any = value.entries.find((each) => each.name.kind === "any")
  if (any !== undefined && message.fullName === "google.protobuf.Any") {
    const other = value.entries.find((each) => each !== any)
    if (other === undefined) return anyValue(context, any)
    ProtoScope.report(context.scope, other.name.span, "an Any with a type URL in brackets holds nothing else")
    return undefined
  }
  const builder = new Builder(message)
  for (const each of value.entries) {
    if (each.name.kind === "any") {
      const expected = `only a google.protobuf.Any has a type URL, and this is a ${message.fullName}`
      ProtoScope.report(context.scope, each.name.span, expected)
      continue
    }
    const field = entryField(context, message, each.name)
    if (field === undefined) continue
    if (!each.hasColon && single(field.type)?.kind !== "message" && field.type.kind !== "map") {
      ProtoScope.report(
        context.scope,
        each.value.span,
        `expected \`:\` after \`${each.name.text}\`, which is no message`
      )
    }
    assign(context, builder, field, each.value, each.name.span, true)
  }
  const absent = missing(message, builder)
  if (absent.length > 0) {
    ProtoScope.report(context.scope, value.span, `${message.fullName} requires ${absent.join(", ")}`)
  }
  return builder.finish()
}
