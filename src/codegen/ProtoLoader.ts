/**
 * The import graph: from the paths that were asked for to every file that they need, each read and parsed once.
 */
import { posix } from "node:path"
import * as Diagnostic from "./Diagnostic.ts"
import * as IncludePaths from "./IncludePaths.ts"
import type { Options } from "./Loader.ts"
import type * as Ast from "./ProtoAst.ts"
import * as ProtoLibrary from "./ProtoLibrary.ts"
import * as ProtoParser from "./ProtoParser.ts"
import * as Source from "./Source.ts"

/** An import line and the file that it stands for; no unit when there is none, which is reported. */
export interface Imported {
  readonly node: Ast.Import
  readonly unit: Unit | undefined
}

/** One file, parsed. */
export interface Unit {
  readonly source: Source.Source
  /** As import lines name it. */
  path: string
  /** What the first import line that leads to it says. */
  knownAs: string | undefined
  readonly document: Ast.Document
  readonly imports: ReadonlyArray<Imported>
  /** It comes with the compiler. */
  readonly builtIn: boolean
  /** It was asked for, not only imported. */
  isGiven: boolean
}

/** All files that a compilation needs. */
export interface Loaded {
  /** In dependency order: a unit stands after everything that it imports. */
  readonly units: ReadonlyArray<Unit>
  /** The compiler's own descriptor.proto, whether or not it is among the units. */
  readonly descriptor: Unit
  readonly diagnostics: ReadonlyArray<Diagnostic.Diagnostic>
}

/** How many imports may lead from one file to the next. */
export const maximumImportDepth = 200

interface State {
  readonly options: Options
  readonly identity: (path: string) => string
  readonly units: Map<string, Unit>
  readonly diagnostics: Array<Diagnostic.Diagnostic>
  /** Folders that are include roots because an import was found from there. */
  readonly impliedRoots: Set<string>
  /** From the file that was asked for to the one being loaded. */
  readonly stack: Array<{ readonly id: string; readonly path: string }>
}

interface Found {
  readonly id: string
  readonly path: string
  readonly text: string
  readonly builtIn: boolean
}

/** Without a root given, every folder above the importing file may be the one, the nearest first. */
const foldersAbove = (path: string): ReadonlyArray<string> => {
  const folders: Array<string> = []
  for (let folder = posix.dirname(path); ; folder = posix.dirname(folder)) {
    folders.push(folder)
    if (folder === posix.dirname(folder) || folder.endsWith("..")) return folders
  }
}

const locate = (state: State, from: Unit["source"], path: string): Found | undefined => {
  for (const root of state.options.includeRoots ?? []) {
    const file = posix.join(IncludePaths.slashes(root), path)
    const text = state.options.read(file)
    if (text !== undefined) return { id: state.identity(file), path: file, text, builtIn: false }
  }
  const library = ProtoLibrary.read(path)
  if (library !== undefined) return { id: `volant:${path}`, path, text: library, builtIn: true }
  for (const folder of foldersAbove(from.path)) {
    const file = posix.join(folder, path)
    const text = state.options.read(file)
    if (text === undefined) continue
    state.impliedRoots.add(state.identity(folder))
    return { id: state.identity(file), path: file, text, builtIn: false }
  }
  return undefined
}

const cycle = (state: State, id: string): string => {
  const from = state.stack.findIndex((each) => each.id === id)
  const steps = state.stack.slice(from).map((each) => each.path)
  const shown = steps.length > 8 ? [...steps.slice(0, 4), "...", ...steps.slice(-3)] : steps
  return `imports go in a circle: ${[...shown, steps[0]].join(" -> ")}`
}

const isPlain = (path: string): boolean =>
  path !== "" && !path.includes("\\") && path.split("/").every((step) => step !== "" && step !== "." && step !== "..")

const wherever = (state: State, from: Source.Source): string => {
  const roots = state.options.includeRoots ?? []
  const folders = (roots.length > 0 ? roots : foldersAbove(from.path)).map((folder) => `\`${folder}\``)
  const shown = folders.length > 5 ? [...folders.slice(0, 4), `${folders.length - 4} more`] : folders
  return `looked below ${shown.join(", ")}; name the include root that has it`
}

const imported = (state: State, source: Source.Source, node: Ast.Import): Imported => {
  const broken = (message: string): Imported => {
    state.diagnostics.push(Diagnostic.make(source, node.span, "error", message))
    return { node, unit: undefined }
  }
  if (!isPlain(node.path)) {
    return broken("expected a path below an include root, with `/` between its steps and no `.`, `..` or empty ones")
  }
  const found = locate(state, source, node.path)
  if (found === undefined) return broken(`there is no file \`${node.path}\`; ${wherever(state, source)}`)
  if (state.stack.some((each) => each.id === found.id)) return broken(cycle(state, found.id))
  const known = state.units.get(found.id)
  if (known === undefined && state.stack.length >= maximumImportDepth) {
    return broken(`imports nest deeper than ${maximumImportDepth} files`)
  }
  const unit = known ?? load(state, found)
  unit.knownAs ??= node.path
  return { node, unit }
}

const load = (state: State, { builtIn, id, path, text }: Found): Unit => {
  const source = Source.make(path, text)
  const parsed = ProtoParser.parse(source)
  state.diagnostics.push(...parsed.diagnostics)
  state.stack.push({ id, path })
  const seen = new Set<string>()
  const imports = parsed.document.imports.flatMap((node) => {
    if (!seen.has(node.path)) {
      seen.add(node.path)
      return [imported(state, source, node)]
    }
    state.diagnostics.push(Diagnostic.make(source, node.span, "error", `\`${node.path}\` is imported twice`))
    return []
  })
  state.stack.pop()
  const unit: Unit = { source, path, knownAs: undefined, document: parsed.document, imports, builtIn, isGiven: false }
  state.units.set(id, unit)
  return unit
}

const givenBuiltIn = (state: State, path: string): void => {
  const id = `volant:${path}`
  const text = ProtoLibrary.read(path)
  if (text === undefined) {
    state.diagnostics.push(Diagnostic.ofFile(path, "this file cannot be read; give the path of a .proto file"))
  } else if (!state.units.has(id)) {
    load(state, { id, path, text, builtIn: true })
  }
}

const given = (state: State, path: string): void => {
  const normal = IncludePaths.normalise(path)
  const id = state.identity(normal)
  const known = state.units.get(id)
  const text = known === undefined ? state.options.read(normal) : undefined
  if (known !== undefined) known.isGiven = true
  else if (text !== undefined) load(state, { id, path: normal, text, builtIn: false }).isGiven = true
  else givenBuiltIn(state, normal)
}

const assignPaths = (state: State): void => {
  const roots = (state.options.includeRoots ?? []).map((root) => state.identity(IncludePaths.slashes(root)))
  const own = new Map([...state.units].filter(([, unit]) => !unit.builtIn))
  state.diagnostics.push(...IncludePaths.assign(own, [...roots, ...state.impliedRoots]))
}

/** Reads and parses the files and all that they import. Never throws, unless `read` does. */
export const loadAll = (paths: ReadonlyArray<string>, options: Options): Loaded => {
  const identity = options.identity ?? IncludePaths.normalise
  const state: State = {
    options,
    identity,
    units: new Map(),
    diagnostics: [],
    impliedRoots: new Set(),
    stack: []
  }
  for (const path of paths) given(state, path)
  assignPaths(state)
  const units = [...state.units.values()]
  const known = state.units.get(`volant:${ProtoLibrary.descriptorPath}`)
  if (known !== undefined) return { units, descriptor: known, diagnostics: state.diagnostics }
  const alone: State = { ...state, units: new Map(), diagnostics: [], stack: [] }
  const text = ProtoLibrary.read(ProtoLibrary.descriptorPath)!
  const path = ProtoLibrary.descriptorPath
  const descriptor = load(alone, { id: path, path, text, builtIn: true })
  return { units, descriptor, diagnostics: state.diagnostics }
}
