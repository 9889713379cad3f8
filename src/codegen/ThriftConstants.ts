/**
 * Constants and defaults: their values checked against their types, every name in them resolved.
 */
import type * as Ir from "./Ir.ts"
import type { Span } from "./Source.ts"
import type * as Ast from "./ThriftAst.ts"
import * as ThriftScalars from "./ThriftScalars.ts"
import * as ThriftScope from "./ThriftScope.ts"
import * as ThriftTypes from "./ThriftTypes.ts"

/** How many levels of values and of constants that refer to one another may stand within one another. */
export const maximumDepth = 500

/** How many values the constants that are written out again, for another type than their own, may come to. */
const maximumCopied = 100_000

/** What one run of the checker knows of all files. */
export interface Run {
  /** Fields that have a default, checked or not yet. */
  readonly defaulted: Set<Ir.Field>
  readonly members: Map<Ir.Enum, Members>
  depth: number
  copied: number
}

interface Members {
  readonly byName: ReadonlyMap<string, Ir.EnumMember>
  readonly byValue: ReadonlyMap<number, Ir.EnumMember>
}

/** What is known before the first constant. */
export const makeRun = (): Run => ({ defaulted: new Set(), members: new Map(), depth: 0, copied: 0 })

/** Where a value stands. */
export interface Context extends ThriftScalars.Context {
  readonly scope: ThriftScope.Scope
  readonly run: Run
  /** Whether a constant is being written out again for another type. */
  readonly isCopy: boolean
}

/** The context of values that a file writes: findings go to that file. */
export const context = (scope: ThriftScope.Scope, run: Run): Context => ({
  scope,
  run,
  report: (span, message, severity) => ThriftScope.report(scope, span, message, severity),
  isCopy: false
})

const membersOf = (run: Run, declared: Ir.Enum): Members => {
  const known = run.members.get(declared)
  if (known !== undefined) return known
  const byName = new Map<string, Ir.EnumMember>()
  const byValue = new Map<number, Ir.EnumMember>()
  for (const member of declared.members) {
    if (!byName.has(member.name)) byName.set(member.name, member)
    if (!byValue.has(member.value)) byValue.set(member.value, member)
  }
  const members: Members = { byName, byValue }
  run.members.set(declared, members)
  return members
}

const toEnum = (cx: Context, type: Ir.Type, target: Ir.Enum, value: Ast.Value): Ir.Value | undefined => {
  if (value.kind !== "int") return ThriftScalars.mismatch(cx, type, value, `a member of \`${target.name}\``)
  if (!ThriftScalars.fits(value.value, 32)) {
    return void cx.report(value.span, `this number does not fit an enum; expected a member of \`${target.name}\``)
  }
  const number = Number(value.value)
  const member = membersOf(cx.run, target).byValue.get(number)
  if (member === undefined) {
    cx.report(value.span, `\`${target.name}\` names no member ${number}; expected one of its members`, "warning")
  }
  return { kind: "enum", enum: target, value: number, member }
}

const keyOf = (value: Ir.Value): string | undefined =>
  value.kind === "bool" || value.kind === "int" || value.kind === "double" || value.kind === "string"
    ? `${value.kind} ${value.value}`
    : value.kind === "enum" || value.kind === "uuid"
      ? `${value.value}`
      : undefined

/** Warns of a key, or an element of a set, that stands there for the second time. */
const checkOnce = (cx: Context, seen: Set<string>, value: Ir.Value | undefined, span: Span, what: string): void => {
  const key = value === undefined ? undefined : keyOf(value)
  if (key === undefined) return
  if (seen.has(key)) cx.report(span, `this ${what} stands here already; expected each once`, "warning")
  seen.add(key)
}

const toList = (cx: Context, type: Ir.Type, element: Ir.Type, value: Ast.Value): Ir.Value | undefined => {
  const isEmptyMap = value.kind === "map" && value.entries.length === 0
  if (value.kind !== "list" && !isEmptyMap) return ThriftScalars.mismatch(cx, type, value, "a list, in `[` and `]`")
  const seen = new Set<string>()
  const isSet = ThriftTypes.dereference(type).kind === "set"
  const elements = (value.kind === "list" ? value.elements : []).map((each) => {
    const checked = check(cx, element, each)
    if (isSet) checkOnce(cx, seen, checked, each.span, "element")
    return checked
  })
  return { kind: "list", elements: elements.filter((each) => each !== undefined) }
}

type MapType = Ir.Type & { readonly kind: "map" }

const toMap = (cx: Context, type: Ir.Type, map: MapType, value: Ast.Value): Ir.Value | undefined => {
  const isEmptyList = value.kind === "list" && value.elements.length === 0
  if (value.kind !== "map" && !isEmptyList) return ThriftScalars.mismatch(cx, type, value, "a map, in `{` and `}`")
  const entries: Array<readonly [Ir.Value, Ir.Value]> = []
  const seen = new Set<string>()
  for (const [left, right] of value.kind === "map" ? value.entries : []) {
    const key = check(cx, map.key, left)
    checkOnce(cx, seen, key, left.span, "key")
    const entry = check(cx, map.value, right)
    if (key !== undefined && entry !== undefined) entries.push([key, entry])
  }
  return { kind: "map", entries }
}

const checkComplete = (cx: Context, message: Ir.Message, span: Span, set: ReadonlySet<string>): void => {
  if (message.kind === "union" && set.size !== 1) {
    return cx.report(span, `union \`${message.name}\` holds one field, this value has ${set.size}; expected one`)
  }
  const isMissing = (field: Ir.Field): boolean =>
    field.requiredness === "required" && !set.has(field.name) && !cx.run.defaulted.has(field)
  const missing = message.kind === "union" ? [] : message.fields.filter(isMissing)
  if (missing.length === 0) return
  const names = missing.slice(0, 8).map((field) => `\`${field.name}\``)
  // Other compilers take it; whoever sends such a value is told then.
  cx.report(
    span,
    `this value of \`${message.name}\` lacks its required ${names.join(", ")}; expected them all`,
    "warning"
  )
}

const toMessage = (cx: Context, type: Ir.Type, message: Ir.Message, value: Ast.Value): Ir.Value | undefined => {
  if (value.kind !== "map") return ThriftScalars.mismatch(cx, type, value, 'its fields, as in `{"name": value}`')
  const fields: Array<readonly [Ir.Field, Ir.Value]> = []
  const set = new Set<string>()
  for (const [key, entry] of value.entries) {
    if (key.kind !== "string") {
      cx.report(
        key.span,
        `${ThriftScalars.describe(key)} is no field's name; expected a name of \`${message.name}\` in quotes`
      )
      continue
    }
    const field = message.fields.find((each) => each.name === key.value)
    if (field === undefined) {
      cx.report(key.span, `\`${message.name}\` has no field \`${key.value}\`: it is left out`, "warning")
      continue
    }
    if (set.has(field.name)) cx.report(key.span, `field \`${field.name}\` is given twice; expected it once`)
    set.add(field.name)
    const checked = check(cx, field.type, entry)
    if (checked !== undefined) fields.push([field, checked])
  }
  checkComplete(cx, message, value.span, set)
  return { kind: "message", message, fields }
}

const toLiteral = (cx: Context, type: Ir.Type, value: Ast.Value): Ir.Value | undefined => {
  const target = ThriftTypes.dereference(type)
  switch (target.kind) {
    case "scalar":
      return ThriftScalars.toScalar(cx, type, target, value)
    case "enum":
      return toEnum(cx, type, target.enum, value)
    case "list":
    case "set":
      return toList(cx, type, target.element, value)
    case "map":
      return toMap(cx, type, target, value)
    case "message":
      return toMessage(cx, type, target.message, value)
  }
}

interface Member {
  readonly enum: Ir.Enum
  readonly member: Ir.EnumMember
}

const memberOf = (run: Run, declared: Ir.Enum, name: string): Member | undefined => {
  const member = membersOf(run, declared).byName.get(name)
  return member === undefined ? undefined : { enum: declared, member }
}

/** `Enum.MEMBER`, through typedefs too. */
const pickMember = (run: Run, scope: ThriftScope.Scope, name: string): Member | undefined => {
  const dot = name.lastIndexOf(".")
  const declared = dot < 0 ? undefined : scope.types.get(name.slice(0, dot))
  if (declared === undefined || declared.kind === "message") return undefined
  const target = declared.kind === "enum" ? declared.enum : enumOf(declared.alias.type)
  return target === undefined ? undefined : memberOf(run, target, name.slice(dot + 1))
}

const enumOf = (type: Ir.Type): Ir.Enum | undefined => {
  const target = ThriftTypes.dereference(type)
  return target.kind === "enum" ? target.enum : undefined
}

const asMember = (cx: Context, type: Ir.Type, found: Member, value: Ast.Value): Ir.Value | undefined => {
  const target = ThriftTypes.dereference(type)
  if (target.kind === "enum" && target.enum === found.enum) {
    return { kind: "enum", enum: found.enum, value: found.member.value, member: found.member }
  }
  if (target.kind === "scalar" && ThriftScalars.isInteger(target.name))
    return toLiteral(cx, type, { kind: "int", value: BigInt(found.member.value), span: value.span })
  return toLiteral(cx, type, value)
}

/** The value of a constant once more, for another type than its own. */
const copy = (cx: Context, type: Ir.Type, declared: ThriftScope.DeclaredConstant, span: Span): Ir.Value | undefined => {
  let problem: string | undefined
  const report: Context["report"] = (_span, message, severity) => {
    if (severity !== "warning") problem ??= message
  }
  const value = check({ ...cx, scope: declared.scope, report, isCopy: true }, type, declared.ast.value)
  if (problem === undefined) return value
  const own = ThriftTypes.render(declared.constant.type)
  const wanted = ThriftTypes.render(type)
  const message = `constant \`${declared.ast.name.text}\` has type \`${own}\`, which gives no \`${wanted}\`: ${problem}`
  return void cx.report(span, message)
}

/** Resolves a declared constant's value, once. */
export const evaluate = (run: Run, declared: ThriftScope.DeclaredConstant): void => {
  if (declared.state !== "new") return
  declared.state = "running"
  const value = check(context(declared.scope, run), declared.constant.type, declared.ast.value)
  declared.state = value === undefined ? "failed" : "done"
  if (value !== undefined) declared.constant.value = value
}

const reference = (
  cx: Context,
  type: Ir.Type,
  declared: ThriftScope.DeclaredConstant,
  value: Ast.Value
): Ir.Value | undefined => {
  evaluate(cx.run, declared)
  if (declared.state === "running") {
    return void cx.report(value.span, `constant \`${declared.ast.name.text}\` leads back to itself; expected a value`)
  }
  if (declared.state === "failed" || declared.constant.type === ThriftTypes.unknown) return undefined
  if (ThriftTypes.isSame(type, declared.constant.type)) return { kind: "constant", constant: declared.constant }
  return copy(cx, type, declared, value.span)
}

const pickConstant = (scope: ThriftScope.Scope, name: string): ThriftScope.DeclaredConstant | undefined =>
  scope.constants.get(name)

/** Apache's compiler looks at nothing but the last part of a member's name where the enum is known. */
const lastPartOf = (cx: Context, target: Ir.Enum, value: Ast.Value & { readonly kind: "name" }): Member | undefined => {
  const last = value.name.slice(value.name.lastIndexOf(".") + 1)
  const member = memberOf(cx.run, target, last)
  if (member !== undefined) {
    const message = `\`${value.name}\` is read as \`${target.name}.${last}\`; expected that name`
    cx.report(value.span, message, "warning")
  }
  return member
}

const toNamed = (cx: Context, type: Ir.Type, value: Ast.Value & { readonly kind: "name" }): Ir.Value | undefined => {
  const target = ThriftTypes.dereference(type)
  const bare = target.kind === "enum" ? memberOf(cx.run, target.enum, value.name) : undefined
  if (bare !== undefined) return asMember(cx, type, bare, value)
  if (value.name === "true" || value.name === "false") {
    if (target.kind !== "scalar" || target.name !== "bool") return toLiteral(cx, type, value)
    return { kind: "bool", value: value.name === "true" }
  }
  const member = ThriftScope.find(cx.scope, value.name, (scope, name) => pickMember(cx.run, scope, name))
  if (typeof member === "object") return asMember(cx, type, member.value, value)
  const constant = ThriftScope.find(cx.scope, value.name, pickConstant)
  if (typeof constant === "object") return reference(cx, type, constant.value, value)
  if (member === "excused" || constant === "excused") return undefined
  const named = target.kind === "enum" ? lastPartOf(cx, target.enum, value) : undefined
  if (named !== undefined) return asMember(cx, type, named, value)
  const wanted = target.kind === "enum" ? `expected a member of \`${target.enum.name}\` or a constant` : undefined
  const hint = memberHint(cx, value.name) ?? wanted ?? ThriftScope.hint(cx.scope, value.name)
  return void cx.report(value.span, `unknown constant \`${value.name}\`; ${hint}`)
}

/** What to do about `Enum.NAME` when the enum is there and the member is not. */
const memberHint = (cx: Context, name: string): string | undefined => {
  const dot = name.lastIndexOf(".")
  const found = dot < 0 ? undefined : ThriftTypes.findDeclared(cx.scope, name.slice(0, dot))
  const isEnum = typeof found === "object" && found.value.kind === "enum"
  return isEnum ? `expected a member of \`${name.slice(0, dot)}\`` : undefined
}

/** A value for a type, or undefined after a report. */
export const check = (cx: Context, type: Ir.Type, value: Ast.Value): Ir.Value | undefined => {
  if (ThriftTypes.dereference(type) === ThriftTypes.unknown) return undefined
  if (cx.isCopy && ++cx.run.copied > maximumCopied) {
    return void cx.report(value.span, `constants that refer to others come to more than ${maximumCopied} values`)
  }
  if (cx.run.depth >= maximumDepth) {
    return void cx.report(value.span, `constants lead through more than ${maximumDepth} others here`)
  }
  cx.run.depth++
  const checked = value.kind === "name" ? toNamed(cx, type, value) : toLiteral(cx, type, value)
  cx.run.depth--
  return checked
}
