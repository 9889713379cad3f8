/** Other people's .proto files, which lie beside the checkout or not. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const corpus = fileURLToPath(new URL("../../../shared/corpus/proto", import.meta.url))
export const isThere = existsSync(corpus)

export interface Entry {
  readonly file: string
  readonly verdict: "accept" | "accept-new" | "reject" | "incomplete"
  /** What each compiler says; protoc's newest is the last. */
  readonly accepts: Readonly<Record<string, string>>
}

export const entries: ReadonlyArray<Entry> = isThere
  ? readFileSync(join(corpus, "INDEX.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
  : []

const rootsOf: Readonly<Record<string, ReadonlyArray<string>>> = isThere
  ? JSON.parse(readFileSync(join(corpus, "ROOTS.json"), "utf8"))
  : {}

const repositories = isThere ? readdirSync(corpus).filter((name) => name.includes("+")) : []

/** The roots that hold the file go first, the nearest before all; then its repository's, then everybody's. */
export const includeRoots = (file: string): ReadonlyArray<string> => {
  const own = rootsOf[file.split("/")[0]!] ?? []
  const holding = own.filter((root) => file.startsWith(`${root}/`)).sort((a, b) => b.length - a.length)
  const all = new Set([...holding, ...own, ...repositories, ...Object.values(rootsOf).flat()])
  return [...all].map((root) => join(corpus, root))
}

/** Those that protoc takes. */
export const accepted: ReadonlyArray<Entry> = entries.filter(
  ({ verdict }) => verdict === "accept" || verdict === "accept-new"
)
