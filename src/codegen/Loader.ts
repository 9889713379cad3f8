/**
 * The include graph: from the paths that were asked for to every file that they need, each read and parsed once.
 */
import { posix } from "node:path"
import * as Diagnostic from "./Diagnostic.ts"
import * as IncludePaths from "./IncludePaths.ts"
import * as Source from "./Source.ts"
import type * as Ast from "./ThriftAst.ts"
import * as ThriftParser from "./ThriftParser.ts"

/** Where files come from; `NodeFiles.ts` has the file system's. */
export interface Files {
  /** The text of a file, or undefined when there is no such file. */
  readonly read: (path: string) => string | undefined
  /** One spelling for all paths of one file; by default the path without `.` and `..` steps. */
  readonly identity?: (path: string) => string
}

/** Where files come from, and where includes are looked for. */
export interface Options extends Files {
  /** Folders in which includes are looked for after the including file's own, in this order; none by default. */
  readonly includeRoots?: ReadonlyArray<string>
}

/** An include line and the file that it stands for; no unit when there is none. */
export interface Included {
  /** What names of that file are written with: its name without folders and ending. */
  readonly prefix: string
  readonly node: Ast.Include
  readonly unit: Unit | undefined
  /** Why there is no unit; undefined where that was reported already. */
  readonly missing: string | undefined
}

/** One file, parsed. */
export interface Unit {
  readonly source: Source.Source
  /** `/`-separated, relative to its include root. */
  path: string
  readonly document: Ast.Document
  readonly includes: ReadonlyArray<Included>
}

/** All files that are needed, and what is wrong with them. */
export interface Loaded {
  /** In dependency order: a unit stands after everything that it includes. */
  readonly units: ReadonlyArray<Unit>
  readonly diagnostics: ReadonlyArray<Diagnostic.Diagnostic>
}

/** How many includes may lead from one file to the next. */
export const maximumIncludeDepth = 200

interface State {
  readonly options: Options
  readonly identity: (path: string) => string
  readonly units: Map<string, Unit>
  readonly diagnostics: Array<Diagnostic.Diagnostic>
  /** Paths from the file that was asked for to the one being loaded. */
  readonly stack: Array<{ readonly id: string; readonly path: string }>
}

const prefixOf = (path: string): string => posix.basename(IncludePaths.slashes(path)).replace(/\.[^.]*$/, "")

const candidates = (state: State, from: string, path: string): ReadonlyArray<string> => {
  if (IncludePaths.isAbsolute(path)) return [path]
  const folders = [posix.dirname(from), ...(state.options.includeRoots ?? []).map(IncludePaths.slashes)]
  return [...new Set(folders.map((folder) => posix.join(folder, path)))]
}

const cycle = (state: State, id: string): string => {
  const from = state.stack.findIndex((each) => each.id === id)
  const steps = state.stack.slice(from).map((each) => each.path)
  const shown = steps.length > 8 ? [...steps.slice(0, 4), "...", ...steps.slice(-3)] : steps
  return `includes go in a circle: ${[...shown, steps[0]].join(" -> ")}`
}

const include = (state: State, source: Source.Source, node: Ast.Include): Included => {
  const prefix = prefixOf(node.path)
  const broken = (message: string): Included => {
    state.diagnostics.push(Diagnostic.make(source, node.span, "error", message))
    return { prefix, node, unit: undefined, missing: undefined }
  }
  const tried = candidates(state, source.path, IncludePaths.slashes(node.path))
  for (const path of tried) {
    const id = state.identity(path)
    if (state.stack.some((each) => each.id === id)) return broken(cycle(state, id))
    const known = state.units.get(id)
    if (known !== undefined) return { prefix, node, unit: known, missing: undefined }
    const text = state.options.read(path)
    if (text === undefined) continue
    if (state.stack.length >= maximumIncludeDepth)
      return broken(`includes nest deeper than ${maximumIncludeDepth} files`)
    return { prefix, node, unit: load(state, id, path, text), missing: undefined }
  }
  const folders = tried.map((path) => `\`${path}\``).join(", ")
  return { prefix, node, unit: undefined, missing: `there is no file \`${node.path}\`; looked for ${folders}` }
}

const load = (state: State, id: string, path: string, text: string): Unit => {
  const source = Source.make(path, text)
  const parsed = ThriftParser.parse(source)
  state.diagnostics.push(...parsed.diagnostics)
  state.stack.push({ id, path })
  const includes = parsed.document.includes.map((node) => include(state, source, node))
  state.stack.pop()
  const unit: Unit = { source, path, document: parsed.document, includes }
  state.units.set(id, unit)
  return unit
}

/** Reads and parses the files and all that they include. Never throws, unless `read` does. */
export const loadAll = (paths: ReadonlyArray<string>, options: Options): Loaded => {
  const identity = options.identity ?? IncludePaths.normalise
  const state: State = { options, identity, units: new Map(), diagnostics: [], stack: [] }
  for (const given of paths) {
    const path = IncludePaths.normalise(given)
    const id = identity(path)
    if (state.units.has(id)) continue
    const text = options.read(path)
    if (text === undefined) {
      state.diagnostics.push(Diagnostic.ofFile(path, "this file cannot be read; give the path of a Thrift file"))
    } else {
      load(state, id, path, text)
    }
  }
  const roots = (options.includeRoots ?? []).map((root) => identity(IncludePaths.slashes(root)))
  state.diagnostics.push(...IncludePaths.assign(state.units, roots))
  return { units: [...state.units.values()], diagnostics: state.diagnostics }
}
