/** The files of this checkout that people and tools wrote: what was installed, built or cached is left out. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const root: string = fileURLToPath(new URL("..", import.meta.url))

const skipped = new Set([".git", "node_modules", "dist", ".cache", "coverage"])

/** Paths below `folder`, relative to the root, with `/`, sorted. */
export const files = (folder = ""): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) found.push(...files(path))
    else if (entry.isFile()) found.push(path)
  }
  return found.toSorted()
}

export const read = (path: string): string => readFileSync(join(root, path), "utf8")

/** Generated code says so in its first lines; rules about size and style leave it out. */
export const isGenerated = (text: string): boolean => /^\/[/*].*\bgenerated\b/im.test(text.slice(0, 400))

/** Prints what a check found and sets the exit code. */
export const report = (problems: ReadonlyArray<string>, passed: string): void => {
  if (problems.length === 0) return console.log(passed)
  for (const problem of problems) console.error(problem)
  process.exitCode = 1
}
