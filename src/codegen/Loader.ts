/**
 * The include graph: from the paths that were asked for to every file that they need, each read and parsed once.
 */
import { posix } from "node:path"
import * as Diagnostic from "./Diagnostic.ts"
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

const slashes = (path: string): string => path.replaceAll("\\", "/")

const isAbsolute = (path: string): boolean => /^(?:\/|[A-Za-z]:\/)/.test(path)

const prefixOf = (path: string): string => posix.basename(slashes(path)).replace(/\.[^.]*$/, "")

const candidates = (state: State, from: string, path: string): ReadonlyArray<string> => {
  if (isAbsolute(path)) return [path]
  const folders = [posix.dirname(from), ...(state.options.includeRoots ?? []).map(slashes)]
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
  const tried = candidates(state, source.path, slashes(node.path))
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

const withSlash = (folder: string): string => (folder === "" || folder.endsWith("/") ? folder : `${folder}/`)

/** The path below a folder, or undefined when it is not below. */
const below = (folder: string, id: string): string | undefined => {
  if (folder === ".") return isAbsolute(id) || id.startsWith("../") ? undefined : id
  return id.startsWith(withSlash(folder)) ? id.slice(withSlash(folder).length) : undefined
}

const commonFolder = (ids: ReadonlyArray<string>): string => {
  const [first = [], ...rest] = ids.map((id) => id.split("/").slice(0, -1))
  let length = first.length
  for (const steps of rest) {
    let same = 0
    while (same < length && steps[same] === first[same]) same++
    length = same
  }
  return first.slice(0, length).join("/")
}

/** Gives every unit its path: below the first include root that holds it, else below the folder common to the rest. */
const assignPaths = (state: State): void => {
  const roots = (state.options.includeRoots ?? []).map((root) => state.identity(slashes(root)))
  const held = (id: string): ReadonlyArray<string> =>
    roots.map((root) => below(root, id)).filter((path) => path !== undefined)
  const loose = [...state.units.keys()].filter((id) => held(id).length === 0)
  const common = commonFolder(loose)
  const taken = new Map<string, string>()
  for (const [id, unit] of state.units) {
    const options = held(id).length > 0 ? held(id) : [common === "" ? id : (below(common, id) ?? id)]
    const path = options.find((each) => !taken.has(each))
    if (path === undefined) {
      const other = taken.get(options[0]!)!
      const message = `its path \`${options[0]}\` below its include root is also that of ${other}; name another include root`
      state.diagnostics.push(Diagnostic.ofFile(unit.source.path, message))
      continue
    }
    taken.set(path, unit.source.path)
    unit.path = path
  }
}

const normalise = (path: string): string => posix.normalize(slashes(path))

/** Reads and parses the files and all that they include. Never throws, unless `read` does. */
export const loadAll = (paths: ReadonlyArray<string>, options: Options): Loaded => {
  const identity = options.identity ?? normalise
  const state: State = { options, identity, units: new Map(), diagnostics: [], stack: [] }
  for (const given of paths) {
    const path = normalise(given)
    const id = identity(path)
    if (state.units.has(id)) continue
    const text = options.read(path)
    if (text === undefined) {
      state.diagnostics.push(Diagnostic.ofFile(path, "this file cannot be read; give the path of a Thrift file"))
    } else {
      load(state, id, path, text)
    }
  }
  assignPaths(state)
  return { units: [...state.units.values()], diagnostics: state.diagnostics }
}
