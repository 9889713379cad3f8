/**
 * Whether options stand where they were meant to stand, and whether the file's edition has them: what options say about
 * themselves with `targets` and `feature_support`. To be asked once all options are interpreted.
 */
import type * as Ast from "./ProtoAst.ts"
import type * as ProtoIr from "./ProtoIr.ts"
import type { Use } from "./ProtoOptionNames.ts"
import * as ProtoOptions from "./ProtoOptions.ts"
import * as ProtoScope from "./ProtoScope.ts"

const targets: Record<ProtoScope.OptionKind, readonly [name: string, what: string]> = {
  FileOptions: ["TARGET_TYPE_FILE", "a file"],
  MessageOptions: ["TARGET_TYPE_MESSAGE", "a message"],
  FieldOptions: ["TARGET_TYPE_FIELD", "a field"],
  OneofOptions: ["TARGET_TYPE_ONEOF", "a oneof"],
  EnumOptions: ["TARGET_TYPE_ENUM", "an enum"],
  EnumValueOptions: ["TARGET_TYPE_ENUM_ENTRY", "an enum's value"],
  ServiceOptions: ["TARGET_TYPE_SERVICE", "a service"],
  MethodOptions: ["TARGET_TYPE_METHOD", "a method"],
  ExtensionRangeOptions: ["TARGET_TYPE_EXTENSION_RANGE", "an extension range"]
}

/** `google.protobuf.Edition`'s numbers. */
const editions: Record<Ast.Document["edition"], number> = {
  proto2: 998,
  proto3: 999,
  "2023": 1000,
  "2024": 1001,
  "2026": 1002
}

const checkTarget = ({ field, kind, scope, span }: Use): void => {
  const wanted = ProtoOptions.get(field.options, "targets")
  if (wanted?.kind !== "list") return
  const names = new Set(wanted.elements.map((each) => (each.kind === "enum" ? each.member.name : "")))
  const [own, what] = targets[kind]
  if (names.has(own)) return
  const others = Object.values(targets).filter(([name]) => names.has(name))
  const expected = others.map(([, other]) => other).join(", ")
  ProtoScope.report(scope, span, `\`${field.name}\` cannot be set on ${what}; it is for ${expected}`)
}

const editionOf = (support: ProtoIr.MessageValue, name: string): ProtoIr.EnumMember | undefined => {
  const value = ProtoOptions.get(support, name)
  return value?.kind === "enum" ? value.member : undefined
}

const shown = (edition: ProtoIr.EnumMember): string => edition.name.replace(/^EDITION_/, "").toLowerCase()

const checkLifetime = ({ scope, span }: Use, name: string, options: ProtoIr.Options): void => {
  const support = ProtoOptions.get(options, "feature_support")
  if (support?.kind !== "message") return
  const now = editions[scope.file.edition]
  const introduced = editionOf(support, "edition_introduced")
  if (introduced !== undefined && introduced.value > now) {
    const message = `\`${name}\` comes with edition ${shown(introduced)}; this file has ${scope.file.edition}`
    return ProtoScope.report(scope, span, message)
  }
  const removed = editionOf(support, "edition_removed")
  if (removed !== undefined && removed.value <= now) {
    const why = ProtoOptions.get(support, "removal_error")
    const hint = why?.kind === "string" ? `: ${why.value}` : ""
    return ProtoScope.report(scope, span, `\`${name}\` is gone since edition ${shown(removed)}${hint}`)
  }
  const deprecated = editionOf(support, "edition_deprecated")
  if (deprecated !== undefined && deprecated.value <= now) {
    const message = `\`${name}\` is deprecated since edition ${shown(deprecated)}`
    ProtoScope.report(scope, span, message, "warning")
  }
}

/** Reports uses in the wrong place or edition; what is deprecated is a warning. */
export const check = (uses: ReadonlyArray<Use>): void => {
  for (const use of uses) {
    if (use.scope.unit.builtIn) continue
    checkTarget(use)
    checkLifetime(use, use.field.name, use.field.options)
    const { value } = use
    const values = value?.kind === "list" ? value.elements : value === undefined ? [] : [value]
    for (const each of values) {
      if (each.kind === "enum") checkLifetime(use, each.member.name, each.member.options)
    }
  }
}
