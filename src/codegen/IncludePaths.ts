/**
 * Paths of IDL files: their spelling, and where a file stands below the include roots.
 */
import { posix } from "node:path"
import * as Diagnostic from "./Diagnostic.ts"
import type { Source } from "./Source.ts"

/** With `/` between the steps, on every system. */
export const slashes = (path: string): string => path.replaceAll("\\", "/")

/** Whether a path with `/` between the steps begins at a root. */
export const isAbsolute = (path: string): boolean => /^(?:\/|[A-Za-z]:\/)/.test(path)

/** Without `.` and `..` steps. */
export const normalise = (path: string): string => posix.normalize(slashes(path))

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

/** A file that has been read, and its path below its include root. */
export interface Placed {
  readonly source: Source
  path: string
  /** What other files call it, where that is its path whatever other roots hold it. */
  readonly knownAs?: string | undefined
}

/**
 * Gives every unit its path: below the first include root that holds it, else below the folder common to the rest. Keys and
 * roots are identities. Returns an error for each unit whose path another one has.
 */
export const assign = (
  units: ReadonlyMap<string, Placed>,
  roots: ReadonlyArray<string>
): ReadonlyArray<Diagnostic.Diagnostic> => {
  const diagnostics: Array<Diagnostic.Diagnostic> = []
  const held = (id: string): ReadonlyArray<string> =>
    roots.map((root) => below(root, id)).filter((path) => path !== undefined)
  const loose = [...units.keys()].filter((id) => held(id).length === 0)
  const common = commonFolder(loose)
  const taken = new Map<string, string>()
  for (const [id, unit] of units) {
    const own = held(id).length > 0 ? held(id) : [common === "" ? id : (below(common, id) ?? id)]
    const options = unit.knownAs === undefined ? own : [unit.knownAs, ...own]
    const path = options.find((each) => !taken.has(each))
    if (path === undefined) {
      const other = taken.get(options[0]!)!
      const message = `its path \`${options[0]}\` below its include root is also that of ${other}; name another include root`
      diagnostics.push(Diagnostic.ofFile(unit.source.path, message))
      continue
    }
    taken.set(path, unit.source.path)
    unit.path = path
  }
  return diagnostics
}
