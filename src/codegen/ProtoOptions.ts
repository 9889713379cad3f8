/**
 * Options: names resolved, values checked against the messages that declare them, custom ones included.
 */
import type * as Ast from "./ProtoAst.ts"
import type * as ProtoIr from "./ProtoIr.ts"
import { type Context, fieldOf, type Run, standard } from "./ProtoOptionNames.ts"
import * as ProtoScope from "./ProtoScope.ts"
import type { Scope } from "./ProtoScope.ts"
import { assign, Builder, setOnce, use } from "./ProtoValues.ts"

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
