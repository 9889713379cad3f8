/**
 * Parsed files to the IR: declares every name, resolves every reference, checks every value. Reports all errors it
 * finds; the IR is whole only when there are none.
 */
import type * as Diagnostic from "./Diagnostic.ts"
import type * as Ir from "./Ir.ts"
import type * as Loader from "./Loader.ts"
import type * as Ast from "./ThriftAst.ts"
import * as ThriftAliases from "./ThriftAliases.ts"
import * as ThriftConstants from "./ThriftConstants.ts"
import * as ThriftCycles from "./ThriftCycles.ts"
import * as ThriftFields from "./ThriftFields.ts"
import * as ThriftScalars from "./ThriftScalars.ts"
import * as ThriftScope from "./ThriftScope.ts"
import * as ThriftServices from "./ThriftServices.ts"
import * as ThriftTypes from "./ThriftTypes.ts"

/** The IR, and all that is to say about its files. */
export interface Checked {
  readonly program: Ir.Program
  readonly diagnostics: ReadonlyArray<Diagnostic.Diagnostic>
}

/** Everything of one file, those whose name was taken included: their bodies are checked as well. */
interface Declared {
  readonly scope: ThriftScope.Scope
  readonly types: Array<ThriftScope.DeclaredType>
  readonly constants: Array<ThriftScope.DeclaredConstant>
  readonly services: Array<ThriftScope.DeclaredService>
}

const placeholder: Ir.Value = { kind: "bool", value: false }

const makeScope = (unit: Loader.Unit, scopes: ReadonlyMap<Loader.Unit, ThriftScope.Scope>): ThriftScope.Scope => {
  const includes = unit.includes.map((included) => ({
    included,
    scope: included.unit === undefined ? undefined : scopes.get(included.unit)
  }))
  const files = includes.flatMap(({ scope }) => (scope === undefined ? [] : [scope.file]))
  const file: Ir.File = {
    language: "thrift",
    path: unit.path,
    source: unit.source.path,
    namespaces: unit.document.namespaces.map(({ scope, name }) => ({ scope, name })),
    doc: unit.document.doc,
    includes: [...new Set(files)],
    constants: [],
    aliases: [],
    enums: [],
    messages: [],
    services: []
  }
  const empty = { types: new Map(), constants: new Map(), services: new Map(), wanted: new Set<Loader.Included>() }
  return { unit, file, includes, ...empty, diagnostics: [] }
}

const isNew = (scope: ThriftScope.Scope, ast: Ast.Declared, other: Ast.Declared | undefined): boolean => {
  if (other === undefined) return true
  const line = ThriftScope.at(ThriftScope.position(scope, other.name.span))
  const message = `\`${ast.name.text}\` is declared already (${line}); expected another name`
  ThriftScope.report(scope, ast.name.span, message)
  return false
}

const base = (scope: ThriftScope.Scope, ast: Ast.Declared) => ({
  name: ast.name.text,
  doc: ast.doc,
  annotations: ast.annotations,
  position: ThriftScope.position(scope, ast.name.span),
  file: scope.file
})

/** What no declaration of the kind can be found under, for the language itself means something by it. */
const checkReserved = (scope: ThriftScope.Scope, ast: Ast.Declaration): void => {
  const name = ast.name.text
  const taken = ast.kind === "const" ? name === "true" || name === "false" : ThriftTypes.isBuiltIn(name)
  if (!taken || ast.kind === "service") return
  ThriftScope.report(scope, ast.name.span, `\`${name}\` is Thrift's own; expected another name`)
}

const makeMembers = (scope: ThriftScope.Scope, ast: Ast.Enum): ReadonlyArray<Ir.EnumMember> => {
  const names = new Map<string, Ast.EnumMember>()
  const numbers = new Map<bigint, Ast.EnumMember>()
  let next = 0n
  return ast.members.map((member) => {
    if (isNew(scope, member, names.get(member.name.text))) names.set(member.name.text, member)
    const value = member.value?.value ?? next
    const isFitting = ThriftScalars.fits(value, 32)
    if (!isFitting) {
      const span = member.value?.span ?? member.name.span
      ThriftScope.report(scope, span, "this enum value does not fit 32 bits; expected -2147483648 to 2147483647")
    }
    const other = numbers.get(value)
    if (other === undefined) numbers.set(value, member)
    else {
      const line = ThriftScope.at(ThriftScope.position(scope, other.name.span))
      const message = `\`${member.name.text}\` has the value ${value}, as \`${other.name.text}\` has (${line})`
      ThriftScope.report(scope, member.name.span, `${message}; expected a value of its own`, "warning")
    }
    next = isFitting ? value + 1n : 0n
    const { file: _file, ...rest } = base(scope, member)
    return { ...rest, value: isFitting ? Number(value) : 0 }
  })
}

/** A senum is a string; what it may be is told in its documentation. */
const senumDoc = (ast: Ast.Senum): string => {
  const values = ast.values.map((value) => JSON.stringify(value)).join(", ")
  const line = values === "" ? "" : `One of ${values}.`
  return ast.doc === "" || line === "" ? ast.doc + line : `${ast.doc}\n${line}`
}

const declareType = (
  scope: ThriftScope.Scope,
  ast: Ast.Typedef | Ast.Senum | Ast.Enum | Ast.Message
): ThriftScope.DeclaredType => {
  switch (ast.kind) {
    case "typedef":
      return { kind: "alias", ast, alias: { ...base(scope, ast), type: ThriftTypes.unknown } }
    case "senum": {
      const type: Ir.Type = { kind: "scalar", name: "string", annotations: [] }
      return { kind: "alias", ast, alias: { ...base(scope, ast), doc: senumDoc(ast), type } }
    }
    case "enum":
      return { kind: "enum", ast, enum: { ...base(scope, ast), members: makeMembers(scope, ast) } }
    default:
      return { kind: "message", ast, message: { ...base(scope, ast), kind: ast.kind, fields: [] } }
  }
}

const declare = (scope: ThriftScope.Scope): Declared => {
  const declared: Declared = { scope, types: [], constants: [], services: [] }
  for (const ast of scope.unit.document.declarations) {
    const name = ast.name.text
    checkReserved(scope, ast)
    if (ast.kind === "service") {
      const service = { ast, service: { ...base(scope, ast), extends: undefined, methods: [] } }
      if (isNew(scope, ast, scope.services.get(name)?.ast)) scope.services.set(name, service)
      declared.services.push(service)
    } else if (ast.kind === "const") {
      const constant = { ...base(scope, ast), type: ThriftTypes.unknown, value: placeholder }
      const entry: ThriftScope.DeclaredConstant = { ast, scope, constant, state: "new" }
      if (isNew(scope, ast, scope.constants.get(name)?.ast)) scope.constants.set(name, entry)
      declared.constants.push(entry)
    } else {
      const type = declareType(scope, ast)
      if (isNew(scope, ast, scope.types.get(name)?.ast)) scope.types.set(name, type)
      declared.types.push(type)
    }
  }
  return declared
}

const resolveTypes = ({ scope, types, constants }: Declared, pending: Array<ThriftFields.PendingDefault>): void => {
  for (const each of types) {
    if (each.kind === "message") {
      const { ast } = each
      const owner = { label: `${ast.kind} \`${ast.name.text}\``, isUnion: ast.kind === "union", reserved: new Map() }
      each.message.fields = ThriftFields.make(scope, owner, ast.fields, pending)
    } else if (each.kind === "alias" && each.ast.kind === "typedef") {
      each.alias.type = ThriftTypes.resolve(scope, each.ast.type)
    }
  }
  for (const each of constants) each.constant.type = ThriftTypes.resolve(scope, each.ast.type)
}

const messagesOf = ({ scope, types }: Declared) =>
  types.flatMap((each) => (each.kind === "message" ? [{ message: each.message, scope, span: each.ast.name.span }] : []))

const fillFile = ({ scope, types, constants, services }: Declared): void => {
  const { file } = scope
  file.aliases = types.flatMap((each) => (each.kind === "alias" ? [each.alias] : []))
  file.enums = types.flatMap((each) => (each.kind === "enum" ? [each.enum] : []))
  file.messages = types.flatMap((each) => (each.kind === "message" ? [each.message] : []))
  file.constants = constants.map((each) => each.constant)
  file.services = services.map((each) => each.service)
}

/** A missing file is an error where a name of it is used, and a warning where none is. */
const reportMissing = (scope: ThriftScope.Scope): void => {
  for (const { included } of scope.includes) {
    if (included.missing === undefined) continue
    const isWanted = scope.wanted.has(included)
    const message = isWanted ? included.missing : `${included.missing}; nothing of it is used`
    ThriftScope.report(scope, included.node.span, message, isWanted ? "error" : "warning")
  }
}

/** Two files of one name: what both declare can only be had from the first. */
const reportSamePrefix = (scope: ThriftScope.Scope): void => {
  const first = new Map<string, Loader.Included>()
  for (const { included } of scope.includes) {
    const other = first.get(included.prefix)
    if (other === undefined) first.set(included.prefix, included)
    else if (other.unit !== included.unit && other.unit !== undefined && included.unit !== undefined) {
      const line = ThriftScope.at(ThriftScope.position(scope, other.node.span))
      const message = `names that begin with \`${included.prefix}.\` are looked for in \`${other.node.path}\` (${line}) first`
      ThriftScope.report(scope, included.node.span, `${message}; expected a file of another name`, "warning")
    }
  }
}

/** Checks the units, which stand in dependency order. */
export const check = (units: ReadonlyArray<Loader.Unit>): Checked => {
  const scopes = new Map<Loader.Unit, ThriftScope.Scope>()
  for (const unit of units) scopes.set(unit, makeScope(unit, scopes))
  const all = [...scopes.values()].map(declare)
  const pending: Array<ThriftFields.PendingDefault> = []
  const run = ThriftConstants.makeRun()
  const depths = new Map<Ir.Alias, number>()
  for (const each of all) resolveTypes(each, pending)
  for (const each of all) ThriftAliases.check(each.scope, depths)
  for (const each of all) for (const service of each.services) ThriftServices.link(each.scope, service)
  for (const each of all) for (const service of each.services) ThriftServices.fill(each.scope, service, pending)
  for (const each of all) {
    for (const service of each.services) ThriftServices.checkInheritance(each.scope, service)
  }
  for (const { field } of pending) run.defaulted.add(field)
  for (const each of all) for (const constant of each.constants) ThriftConstants.evaluate(run, constant)
  ThriftFields.checkDefaults(run, pending)
  ThriftCycles.checkDefaults(pending)
  ThriftCycles.checkRequired(all.flatMap(messagesOf))
  for (const each of all) {
    reportSamePrefix(each.scope)
    fillFile(each)
    reportMissing(each.scope)
  }
  return {
    program: { files: all.map(({ scope }) => scope.file) },
    diagnostics: all.flatMap(({ scope }) => scope.diagnostics)
  }
}
