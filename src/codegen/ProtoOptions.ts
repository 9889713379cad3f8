/**
 * Options: names resolved, values checked against the messages that declare them, custom ones included.
 */
import type * as Ast from "./ProtoAst.ts"
import { nothing } from "./ProtoDeclare.ts"
import type * as ProtoIr from "./ProtoIr.ts"
import * as ProtoScalars from "./ProtoScalars.ts"
import * as ProtoScope from "./ProtoScope.ts"
import type { Scope } from "./ProtoScope.ts"
import type { Span } from "./Source.ts"

/** An option or a field of one that is set somewhere. */
export interface Use {
  readonly scope: Scope
  readonly kind: ProtoScope.OptionKind
  readonly field: ProtoIr.Field
  readonly value: ProtoIr.Value | undefined
  readonly span: Span
}

/** What the interpretation of all options of a compilation shares. */
export interface Run {
  /** The scope of the compiler's own descriptor.proto. */
  readonly descriptor: Scope
  readonly uses: Array<Use>
}

/** A message that is being put together. */
class Builder {
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

interface Context {
  readonly run: Run
  readonly scope: Scope
  readonly container: string
  readonly kind: ProtoScope.OptionKind
}

const lookup = ({ container, scope }: Context, name: string): ProtoScope.Outcome =>
  ProtoScope.find(scope, container, name, { typesOnly: false, among: scope.visibleToOptions })

/** A message of google.protobuf: the one that the file reaches, else the compiler's own. */
const standard = ({ run, scope }: Context, name: string): ProtoIr.Message => {
  const all = scope.run.index.get(`google.protobuf.${name}`) ?? []
  const found = all.find((each) => scope.closure.has(each.scope)) ?? all.find((each) => each.scope === run.descriptor)
  return found?.kind === "message" ? found.declared.message : nothing
}

const ownField = (context: Context, message: ProtoIr.Message, name: string): ProtoIr.Field | undefined => {
  const own = message.fields.find((each) => each.name === name)
  if (own !== undefined || message.file === context.run.descriptor.file) return own
  // An older descriptor.proto among the include roots does not know all that the compiler does.
  const builtIn = context.scope.run.index.get(message.fullName)?.find((each) => each.scope === context.run.descriptor)
  return builtIn?.kind === "message" ? builtIn.declared.message.fields.find((each) => each.name === name) : undefined
}

const extensionOf = (context: Context, message: ProtoIr.Message, name: Ast.Name): ProtoIr.Extension | undefined => {
  const { scope } = context
  const outcome = lookup(context, name.text)
  const { named } = outcome
  if (named?.kind === "extension") {
    const { extension } = named
    if (extension.extendee === nothing) return undefined
    if (extension.extendee.fullName === message.fullName) return extension
    const target = `${extension.extendee.fullName}; expected an extension of ${message.fullName}`
    ProtoScope.report(scope, name.span, `\`${name.text}\` extends ${target}`)
    return undefined
  }
  const expected = `an extension of ${message.fullName}`
  const why =
    named === undefined
      ? ProtoScope.whyUnknown(scope, context.container, name.text, outcome, expected)
      : `\`${name.text}\` is a ${named.kind}; expected ${expected}`
  if (why !== undefined) ProtoScope.report(scope, name.span, why)
  return undefined
}

const fieldOf = (context: Context, message: ProtoIr.Message, part: Ast.NamePart): ProtoIr.Field | undefined => {
  if (message === nothing) return undefined
  if (part.isExtension) return extensionOf(context, message, part)
  const field = ownField(context, message, part.text)
  if (field === undefined) {
    const isOption = message.fullName.startsWith("google.protobuf.") && message.fullName.endsWith("Options")
    const hint = isOption ? "; a custom option stands in parentheses" : ""
    ProtoScope.report(context.scope, part.span, `${message.fullName} has no field \`${part.text}\`${hint}`)
  }
  return field
}

const single = (type: ProtoIr.Type): ProtoIr.Single | undefined => {
  if (type.kind === "list") return type.element
  return type.kind === "map" ? undefined : type
}

const use = (context: Context, field: ProtoIr.Field, value: ProtoIr.Value | undefined, span: Span): void => {
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
const setOnce = (context: Context, builder: Builder, field: ProtoIr.Field, span: Span): boolean => {
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
const assign = (
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

const anyValue = (context: Context, { name, value }: Ast.Entry): ProtoIr.Value | undefined => {
  const typeName = name.text.slice(name.text.lastIndexOf("/") + 1)
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
    if (field !== undefined) assign(context, builder, field, each.value, each.name.span, true)
  }
  const absent = missing(message, builder)
  if (absent.length > 0) {
    ProtoScope.report(context.scope, value.span, `${message.fullName} requires ${absent.join(", ")}`)
  }
  return builder.finish()
}

/** The message behind a name that has more parts; reports what is none. */
const step = (context: Context, builder: Builder, field: ProtoIr.Field, part: Ast.NamePart): Builder | undefined => {
  if (field.type.kind === "list" || field.type.kind === "map") {
    const instead = "set it as a whole, with a message in braces"
    ProtoScope.report(
      context.scope,
      part.span,
      `\`${part.text}\` is repeated, so none of its fields can be named; ${instead}`
    )
    return undefined
  }
  if (field.type.kind !== "message") {
    ProtoScope.report(context.scope, part.span, `\`${part.text}\` is no message, so it has no fields; expected \`=\``)
    return undefined
  }
  const before = builder.fields.get(field)
  if (before instanceof Builder) return before
  if (before?.kind === "message") {
    const inner = new Builder(before.message)
    for (const [each, value] of before.fields) inner.fields.set(each, value)
    builder.fields.set(field, inner)
    return inner
  }
  if (!setOnce(context, builder, field, part.span)) return undefined
  const inner = new Builder(field.type.message)
  builder.fields.set(field, inner)
  use(context, field, undefined, part.span)
  return inner
}

const apply = (context: Context, root: Builder, { parts, value }: Ast.Option): void => {
  let builder = root
  for (const [index, part] of parts.entries()) {
    const field = fieldOf(context, builder.message, part)
    if (field === undefined) return
    const span = { start: parts[0]!.span.start, end: part.span.end }
    if (index === parts.length - 1) return assign(context, builder, field, value, span, false)
    const inner = step(context, builder, field, part)
    if (inner === undefined) return
    builder = inner
  }
}

const isPseudo = ({ parts }: Ast.Option): boolean =>
  parts.length === 1 && !parts[0]!.isExtension && (parts[0]!.text === "default" || parts[0]!.text === "json_name")

const forbidden: Record<string, string> = {
  uninterpreted_option: "`uninterpreted_option` is protoc's own; expected another option",
  map_entry: "`map_entry` is not set by hand; write `map<key, value>`"
}

/** Interprets what one declaration has. */
export const interpret = (run: Run, scope: Scope, optioned: ProtoScope.Optioned): void => {
  const context: Context = { run, scope, container: optioned.container, kind: optioned.kind }
  const root = new Builder(standard(context, optioned.kind))
  for (const option of optioned.ast) {
    if (optioned.kind === "FieldOptions" && isPseudo(option)) continue
    const [first] = option.parts
    const fault = first!.isExtension ? undefined : forbidden[first!.text]
    if (fault === undefined) apply(context, root, option)
    else ProtoScope.report(scope, first!.span, fault)
  }
  optioned.target.options = root.finish()
}

/** The value of an option that is set, by its name or, for a custom one, its full name. */
export const get = (options: ProtoIr.Options, name: string): ProtoIr.Value | undefined =>
  options.fields.find(([field]) => (field.kind === "extension" ? field.fullName : field.name) === name)?.[1]
