/**
 * The law of the house: a folder of src imports itself and what stands to its left; thrift, grpc and http never import each other;
 * no file imports itself over other files. Type-only imports count for the order: who needs another folder's types depends on it.
 * They do not make a cycle: they are gone at run time, and an interface may well name what its parts are given.
 */
import { posix } from "node:path"
import type { Import } from "./Imports.ts"

/** From left to right. Folders of one entry never import each other. */
export const order: ReadonlyArray<ReadonlyArray<string>> = [
  ["core"],
  ["wire"],
  ["discovery"],
  ["transport"],
  ["balancing"],
  ["resilience"],
  ["observability"],
  ["thrift", "grpc", "http"],
  ["testing"],
  ["codegen"],
  ["cli"]
]

/** Imports of each file, by its path from the root (`src/thrift/Binary.ts`). */
export type Graph = ReadonlyMap<string, ReadonlyArray<Import>>

const folderOf = (path: string): string => {
  const parts = path.split("/")
  return parts.length === 2 ? "core" : (parts[1] ?? "")
}

const rankOf = (folder: string): number => order.findIndex((group) => group.includes(folder))

/** The imported file's path; undefined for packages. */
const targetOf = (path: string, specifier: string): string | undefined =>
  specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : undefined

/** A sentence for each import that breaks the order. */
export const violations = (graph: Graph): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (const [path, imports] of graph) {
    const from = folderOf(path)
    if (rankOf(from) === -1) found.push(`${path}: folder "${from}" has no place in the order; see scripts/Order.ts`)
    for (const { line, specifier } of imports) {
      const target = targetOf(path, specifier)
      if (target === undefined) continue
      const problem = forbidden(path, from, target)
      if (problem !== undefined) found.push(`${path}:${line}: imports ${target}: ${problem}`)
    }
  }
  return found
}

const forbidden = (path: string, from: string, target: string): string | undefined => {
  if (!target.startsWith("src/")) return "src imports nothing outside of src"
  const to = folderOf(target)
  if (from === to || path === "src/index.ts") return undefined
  if (/(^|\/)index\.ts$/.test(target)) return "index.ts is for users; import the file itself"
  if (rankOf(to) < rankOf(from)) return undefined
  return rankOf(to) === rankOf(from)
    ? `${from} and ${to} must not know each other`
    : `${from} stands to the left of ${to}, so it must not import it`
}

/** Each cycle of imports that exist at run time, once, as the path that closes it. */
export const cycles = (graph: Graph): ReadonlyArray<string> => {
  const found = new Set<string>()
  const done = new Set<string>()
  const trail: Array<string> = []
  const visit = (path: string): void => {
    const at = trail.indexOf(path)
    if (at !== -1) found.add(describe(trail.slice(at)))
    if (at !== -1 || done.has(path)) return
    trail.push(path)
    for (const { specifier, typeOnly } of graph.get(path) ?? []) {
      const target = typeOnly ? undefined : targetOf(path, specifier)
      if (target !== undefined && graph.has(target)) visit(target)
    }
    trail.pop()
    done.add(path)
  }
  for (const path of graph.keys()) visit(path)
  return [...found]
}

/** Rotated to start at the smallest path, so that one cycle has one name. */
const describe = (cycle: ReadonlyArray<string>): string => {
  const start = cycle.indexOf(cycle.toSorted()[0] ?? "")
  const rotated = [...cycle.slice(start), ...cycle.slice(0, start + 1)]
  return `import cycle: ${rotated.join(" -> ")}`
}
