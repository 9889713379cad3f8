/**
 * The names in options: which field or extension they mean.
 */
import type * as Ast from "./ProtoAst.ts"
import { nothing } from "./ProtoDeclare.ts"
import type * as ProtoIr from "./ProtoIr.ts"
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

/** The place whose options are read. */
export interface Context {
  readonly run: Run
  readonly scope: Scope
  readonly container: string
  readonly kind: ProtoScope.OptionKind
}

const lookup = ({ container, scope }: Context, name: string): ProtoScope.Outcome =>
  ProtoScope.find(scope, container, name, { typesOnly: false, among: scope.visibleToOptions })

/** A message of google.protobuf: the one that the file reaches, else the compiler's own. */
export const standard = ({ run, scope }: Context, name: string): ProtoIr.Message => {
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

/** The extension of a message that a name means; reports what it is instead. */
export const extensionOf = (
  context: Context,
  message: ProtoIr.Message,
  name: Ast.Name
): ProtoIr.Extension | undefined => {
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

/** The field or extension that a part of an option's name means; reports what it is instead. */
export const fieldOf = (context: Context, message: ProtoIr.Message, part: Ast.NamePart): ProtoIr.Field | undefined => {
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
