/**
 * Which names there are, and which of them a place in a file sees.
 */
import * as Diagnostic from "./Diagnostic.ts"
import type * as Ir from "./Ir.ts"
import type * as Ast from "./ProtoAst.ts"
import type * as Features from "./ProtoFeatures.ts"
import type * as ProtoIr from "./ProtoIr.ts"
import type { Unit } from "./ProtoLoader.ts"
import * as Source from "./Source.ts"
import { type Mutable } from "./ThriftScope.ts"

export type { Mutable } from "./ThriftScope.ts"

/** A field, the tree that it came from, and its features. */
export interface DeclaredField {
  readonly ast: Ast.Field
  readonly field: Mutable<ProtoIr.Field>
  readonly features: Features.Features
  /** Where it stands: the names around it are looked up first. */
  readonly container: string
  readonly extend: Ast.Extend | undefined
}

/** A message, the tree that it came from, and its features. */
export interface DeclaredMessage {
  readonly ast: Ast.Message
  readonly message: Mutable<ProtoIr.Message>
  readonly features: Features.Features
  readonly fields: Array<DeclaredField>
  readonly isLocal: boolean
}

/** An enum, the tree that it came from, and its features. */
export interface DeclaredEnum {
  readonly ast: Ast.Enum
  readonly enum: Mutable<ProtoIr.Enum>
  readonly features: Features.Features
  readonly isLocal: boolean
}

/** A service and the tree that it came from. */
export interface DeclaredService {
  readonly ast: Ast.Service
  readonly service: Mutable<ProtoIr.Service>
}

/** What a full name may stand for. */
export type Meaning =
  | { readonly kind: "message"; readonly declared: DeclaredMessage }
  | { readonly kind: "enum"; readonly declared: DeclaredEnum }
  | { readonly kind: "extension"; readonly extension: ProtoIr.Extension }
  | { readonly kind: "field" | "oneof" | "value" | "service" | "method" | "package" | "map entry" }

/** A full name and what it stands for. */
export type Named = Meaning & {
  readonly fullName: string
  readonly scope: Scope
  readonly span: Source.Span
}

/** Something that has options, and where they go once they are interpreted. */
export interface Optioned {
  readonly kind: OptionKind
  readonly ast: ReadonlyArray<Ast.Option>
  readonly target: { options: ProtoIr.Options }
  readonly container: string
}

/** What has options, as `google.protobuf` names the messages that hold them. */
export type OptionKind =
  | "FileOptions"
  | "MessageOptions"
  | "FieldOptions"
  | "OneofOptions"
  | "EnumOptions"
  | "EnumValueOptions"
  | "ServiceOptions"
  | "MethodOptions"
  | "ExtensionRangeOptions"

/** What all files of one compilation share. */
export interface Run {
  /** Every name of every file, by its full name. */
  readonly index: Map<string, Array<Named>>
  /** The extensions of a message's number, by `message:number`. */
  readonly extensions: Map<
    string,
    ReadonlyArray<{ readonly scope: Scope; readonly span: Source.Span; readonly fullName: string }>
  >
}

/** One file under way: what it declares and what it sees. */
export interface Scope {
  readonly run: Run
  readonly unit: Unit
  readonly file: Mutable<ProtoIr.File>
  readonly package: string
  readonly features: Features.Features
  /** Itself, what it imports, and what those import publicly. */
  readonly visible: Set<Scope>
  /** The same with `import option`. */
  readonly visibleToOptions: Set<Scope>
  /** Itself and all that it reaches by imports. */
  readonly closure: Set<Scope>
  /** What each import line shows. */
  readonly imports: Array<{ readonly node: Ast.Import; readonly shows: ReadonlySet<Scope> }>
  /** Files that some name leads to. */
  readonly used: Set<Scope>
  /** An import is missing, so that a name without meaning may be excused. */
  readonly isIncomplete: boolean
  readonly messages: Array<DeclaredMessage>
  readonly enums: Array<DeclaredEnum>
  readonly extensions: Array<DeclaredField & { readonly field: Mutable<ProtoIr.Extension> }>
  readonly services: Array<DeclaredService>
  readonly optioned: Array<Optioned>
  readonly diagnostics: Array<Diagnostic.Diagnostic>
}

/** Where a range of the file begins. */
export const position = (self: Scope, span: Source.Span): Ir.Position => Source.position(self.unit.source, span.start)

/** Adds a finding about the file. */
export const report = (
  self: Scope,
  span: Source.Span,
  message: string,
  severity: Diagnostic.Severity = "error"
): void => {
  self.diagnostics.push(Diagnostic.make(self.unit.source, span, severity, message))
}

/** `line 3`, or `line 3 of other.proto` from another file. */
export const place = (self: Scope, other: { readonly scope: Scope; readonly span: Source.Span }): string => {
  const { line } = position(other.scope, other.span)
  return other.scope === self ? `line ${line}` : `line ${line} of ${other.scope.unit.path}`
}

/** A full name from that of the scope around it; "" is no scope. */
export const join = (container: string, name: string): string => (container === "" ? name : `${container}.${name}`)

const articleOf = (kind: string): string => (/^[aeio]/.test(kind) ? "an" : "a")

/** Adds a name; reports it where the file or one that it reaches has it already. */
export const declare = (self: Scope, fullName: string, span: Source.Span, meaning: Meaning): boolean => {
  const others = self.run.index.get(fullName)
  const named: Named = { ...meaning, fullName, scope: self, span }
  if (others === undefined) {
    self.run.index.set(fullName, [named])
    return true
  }
  const isBoth = (other: Named): boolean => other.kind === "package" && meaning.kind === "package"
  const clash = others.find((other) => self.closure.has(other.scope) && !isBoth(other))
  if (clash === undefined) {
    others.push(named)
    return true
  }
  const what = `\`${fullName}\` is ${articleOf(clash.kind)} ${clash.kind} already, in ${place(self, clash)}`
  const isValue = meaning.kind === "value" || clash.kind === "value"
  const hint = isValue ? "; an enum's values stand beside the enum, not in it" : ""
  report(self, span, `${what}; expected a name that nothing else has${hint}`)
  return false
}

const isAggregate = ({ kind }: Named): boolean =>
  kind === "message" || kind === "enum" || kind === "package" || kind === "service"

const isType = ({ kind }: Named): boolean => kind === "message" || kind === "enum" || kind === "map entry"

/** What a search takes into account. */
export interface Lookup {
  readonly typesOnly: boolean
  readonly among: ReadonlySet<Scope>
}

/** What a search came to. */
export interface Outcome {
  readonly named: Named | undefined
  /** The full name that was settled on, which nothing has. */
  readonly settled: string | undefined
}

const pick = (self: Scope, fullName: string, { among }: Lookup): Named | undefined => {
  let found: Named | undefined
  for (const each of self.run.index.get(fullName) ?? []) {
    if (each.scope === self) return each
    if (found === undefined && among.has(each.scope)) found = each
  }
  return found
}

/** Finds a name among the files that are given, and notes the file that has it as used. */
export const find = (self: Scope, container: string, name: string, lookup: Lookup): Outcome => {
  const outcome = search(self, container, name, lookup)
  if (outcome.named !== undefined) self.used.add(outcome.named.scope)
  return outcome
}

/** As C++ and protoc do it: the first part decides which scope is meant, from the innermost outwards. */
const search = (self: Scope, container: string, name: string, lookup: Lookup): Outcome => {
  if (name.startsWith(".")) return { named: pick(self, name.slice(1), lookup), settled: undefined }
  const dot = name.indexOf(".")
  const first = dot < 0 ? name : name.slice(0, dot)
  for (let at = container; ; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
    const found = pick(self, join(at, first), lookup)
    if (found !== undefined && dot < 0 && (!lookup.typesOnly || isType(found)))
      return { named: found, settled: undefined }
    if (found !== undefined && dot >= 0 && isAggregate(found)) {
      const fullName = join(at, name)
      const named = pick(self, fullName, lookup)
      return { named, settled: named === undefined ? fullName : undefined }
    }
    if (at === "") return { named: undefined, settled: undefined }
  }
}

const elsewhere = (self: Scope, container: string, name: string): Named | undefined => {
  const own = name.startsWith(".") ? name.slice(1) : name
  for (let at = name.startsWith(".") ? "" : container; ; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
    const found = self.run.index.get(join(at, own))?.find((each) => each.kind !== "package")
    if (found !== undefined || at === "") return found
  }
}

/** Why a name leads nowhere, as the second half of a sentence; undefined where that is reported already. */
export const whyUnknown = (
  self: Scope,
  container: string,
  name: string,
  outcome: Outcome,
  expected: string
): string | undefined => {
  if (name.split(".").some((part) => self.unit.document.damaged.has(part))) return undefined
  const other = elsewhere(self, container, name)
  if (other !== undefined && outcome.settled === undefined && !self.visible.has(other.scope)) {
    return `\`${name}\` is declared in ${other.scope.unit.path}, which this file does not import`
  }
  if (self.isIncomplete) return undefined
  if (outcome.settled !== undefined && outcome.settled !== name) {
    const hint = `begin it with a dot if it means another \`${name.split(".")[0]}\``
    return `\`${name}\` is \`${outcome.settled}\` here, which nothing declares; ${hint}`
  }
  return `nothing declares \`${name}\`; expected ${expected}`
}

const use = (
  self: Scope,
  container: string,
  name: Ast.Name,
  typesOnly: boolean,
  expected: string
): Named | undefined => {
  const outcome = find(self, container, name.text, { typesOnly, among: self.visible })
  const { named } = outcome
  if (named === undefined) {
    const why = whyUnknown(self, container, name.text, outcome, expected)
    if (why !== undefined) report(self, name.span, why)
    return undefined
  }
  if (named.kind === "message" || named.kind === "enum") {
    if (named.declared.isLocal && named.scope !== self) {
      report(self, name.span, `\`${named.fullName}\` is local to ${named.scope.unit.path}; export it there to use it`)
    }
    return named
  }
  const hint = named.kind === "map entry" ? "; the entries of a map have no type to name" : ""
  report(self, name.span, `\`${name.text}\` is ${articleOf(named.kind)} ${named.kind}; expected ${expected}${hint}`)
  return undefined
}

/** Finds a field's type, passing over what is none, and reports what stands in the way of using it. */
export const findType = (self: Scope, container: string, name: Ast.Name): Named | undefined =>
  use(self, container, name, true, "a scalar type, an enum or a message")

/** Finds a message where only one can stand, so that the nearest name counts, and reports what stands in the way. */
export const findMessage = (self: Scope, container: string, name: Ast.Name): DeclaredMessage | undefined => {
  const named = use(self, container, name, false, "a message")
  if (named === undefined) return undefined
  if (named.kind === "message") return named.declared
  report(self, name.span, `\`${name.text}\` is ${articleOf(named.kind)} ${named.kind}; expected a message`)
  return undefined
}
