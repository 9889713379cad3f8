/**
 * From parsed files to the IR: names declared and resolved, options interpreted, rules checked.
 */
import type * as Diagnostic from "./Diagnostic.ts"
import type * as Ir from "./Ir.ts"
import * as ProtoDeclare from "./ProtoDeclare.ts"
import * as ProtoEnums from "./ProtoEnums.ts"
import * as ProtoExtensions from "./ProtoExtensions.ts"
import * as ProtoFeatures from "./ProtoFeatures.ts"
import * as ProtoFieldRules from "./ProtoFieldRules.ts"
import * as ProtoFields from "./ProtoFields.ts"
import type * as ProtoIr from "./ProtoIr.ts"
import * as ProtoJsonNames from "./ProtoJsonNames.ts"
import type * as ProtoLoader from "./ProtoLoader.ts"
import * as ProtoNumbers from "./ProtoNumbers.ts"
import type * as ProtoOptionNames from "./ProtoOptionNames.ts"
import * as ProtoOptions from "./ProtoOptions.ts"
import * as ProtoOptionUses from "./ProtoOptionUses.ts"
import * as ProtoScope from "./ProtoScope.ts"
import type { Mutable, Run, Scope } from "./ProtoScope.ts"
import * as ProtoServices from "./ProtoServices.ts"
import * as ProtoStyle from "./ProtoStyle.ts"

/** The IR of all files, and what is wrong with them; whole only where nothing is. */
export interface Checked {
  readonly program: Ir.Program<ProtoIr.File>
  readonly diagnostics: ReadonlyArray<Diagnostic.Diagnostic>
}

const makeFile = (unit: ProtoLoader.Unit, imports: ReadonlyArray<ProtoIr.Import>): Mutable<ProtoIr.File> => ({
  language: "proto",
  path: unit.path,
  source: unit.source.path,
  package: unit.document.package?.text ?? "",
  edition: unit.document.edition,
  doc: unit.document.doc,
  imports,
  includes: imports.map((each) => each.file),
  messages: [],
  enums: [],
  extensions: [],
  services: [],
  options: ProtoDeclare.nothing.options,
  builtIn: unit.builtIn
})

/** Adds a file and all that it imports publicly. */
const see = (visible: Set<Scope>, scope: Scope, publics: ReadonlyMap<Scope, ReadonlyArray<Scope>>): void => {
  if (visible.has(scope)) return
  visible.add(scope)
  for (const each of publics.get(scope) ?? []) see(visible, each, publics)
}

const link = (
  scope: Scope,
  scopes: ReadonlyMap<ProtoLoader.Unit, Scope>,
  publics: Map<Scope, ReadonlyArray<Scope>>
): void => {
  scope.visible.add(scope)
  scope.visibleToOptions.add(scope)
  scope.closure.add(scope)
  const own: Array<Scope> = []
  for (const { node, unit } of scope.unit.imports) {
    const other = unit === undefined ? undefined : scopes.get(unit)
    if (other === undefined) continue
    if (node.kind === "public") own.push(other)
    if (node.kind !== "option") see(scope.visible, other, publics)
    see(scope.visibleToOptions, other, publics)
    const shows = new Set<Scope>()
    see(shows, other, publics)
    scope.imports.push({ node, shows })
    for (const each of other.closure) scope.closure.add(each)
  }
  publics.set(scope, own)
}

const makeScopes = (units: ReadonlyArray<ProtoLoader.Unit>): ReadonlyMap<ProtoLoader.Unit, Scope> => {
  const run: Run = { index: new Map(), extensions: new Map() }
  const scopes = new Map<ProtoLoader.Unit, Scope>()
  const publics = new Map<Scope, ReadonlyArray<Scope>>()
  for (const unit of units) {
    const imports = unit.imports.flatMap(({ node, unit: other }): ReadonlyArray<ProtoIr.Import> => {
      const found = other === undefined ? undefined : scopes.get(other)
      return found === undefined ? [] : [{ file: found.file, kind: node.kind }]
    })
    const { document } = unit
    const scope: Scope = {
      run,
      unit,
      file: makeFile(unit, imports),
      package: document.package?.text ?? "",
      features: ProtoFeatures.within(ProtoFeatures.ofEdition(document.edition), document.options),
      visible: new Set(),
      visibleToOptions: new Set(),
      closure: new Set(),
      imports: [],
      used: new Set(),
      isIncomplete: unit.imports.some((each) => each.unit === undefined || scopes.get(each.unit)?.isIncomplete),
      messages: [],
      enums: [],
      extensions: [],
      services: [],
      optioned: [],
      diagnostics: []
    }
    link(scope, scopes, publics)
    scopes.set(unit, scope)
  }
  return scopes
}

const resolve = (scope: Scope): void => {
  for (const message of scope.messages) for (const field of message.fields) ProtoFields.resolve(scope, field)
  for (const extension of scope.extensions) {
    ProtoFields.resolve(scope, extension)
    ProtoExtensions.resolve(scope, extension)
  }
  for (const service of scope.services) ProtoServices.resolve(scope, service)
}

const setDefaults = (scope: Scope): void => {
  for (const message of scope.messages) for (const field of message.fields) ProtoFields.setDefault(scope, field)
  for (const extension of scope.extensions) ProtoFields.setDefault(scope, extension)
}

const checkRules = (scope: Scope): void => {
  for (const message of scope.messages) {
    ProtoNumbers.checkMessage(scope, message)
    ProtoJsonNames.checkMessage(scope, message)
    ProtoFieldRules.checkMessage(scope, message)
  }
  for (const each of scope.enums) {
    ProtoNumbers.checkEnum(scope, each)
    ProtoEnums.check(scope, each)
    ProtoJsonNames.checkEnum(scope, each)
  }
  ProtoExtensions.check(scope)
  for (const extension of scope.extensions) ProtoFieldRules.checkField(scope, extension)
  ProtoFieldRules.checkFile(scope)
  ProtoStyle.check(scope)
}

/** Tells of imports of the files that were asked for which nothing needs; others are not the user's to mend. */
const reportUnused = (scope: Scope): void => {
  if (!scope.unit.isGiven || scope.isIncomplete || scope.unit.document.damaged.size > 0) return
  for (const { node, shows } of scope.imports) {
    if (node.kind === "public" || node.kind === "weak" || !shows.isDisjointFrom(scope.used)) continue
    ProtoScope.report(scope, node.span, `nothing of \`${node.path}\` is used; leave the import out`, "warning")
  }
}

/** Checks the units, which stand in dependency order. */
export const check = ({ descriptor, units }: ProtoLoader.Loaded): Checked => {
  const scopes = makeScopes(units.includes(descriptor) ? units : [descriptor, ...units])
  const all = [...scopes.values()]
  for (const each of all) ProtoDeclare.file(each)
  for (const each of all) resolve(each)
  for (const each of all) setDefaults(each)
  const options: ProtoOptionNames.Run = { descriptor: scopes.get(descriptor)!, uses: [] }
  for (const each of all) for (const item of each.optioned) ProtoOptions.interpret(options, each, item)
  for (const each of all) for (const service of each.services) ProtoServices.finish(each, service)
  for (const each of all) checkRules(each)
  ProtoOptionUses.check(options.uses)
  for (const each of all) reportUnused(each)
  const wanted = all.filter((each) => units.includes(each.unit))
  return {
    program: { files: wanted.map((each) => each.file) },
    diagnostics: all.flatMap((each) => each.diagnostics)
  }
}
