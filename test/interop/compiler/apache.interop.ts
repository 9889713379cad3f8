import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as NodeFiles from "../../../src/codegen/NodeFiles.ts"
import * as ThriftFrontEnd from "../../../src/codegen/ThriftFrontEnd.ts"
import { type Cell, table } from "../Cells.ts"
import * as Facts from "./Facts.ts"

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

interface Entry {
  readonly file: string
  readonly roots: ReadonlyArray<string>
}

const own: ReadonlyArray<Entry> = [
  "../../golden/idl/golden.thrift",
  "../rolling/worker.thrift",
  "../../../examples/items/item.thrift",
  "../../../bench/echo.thrift",
  "../../../bench/order.thrift"
].map((relative) => ({ file: path(relative), roots: [] }))

/** Other people's IDLs, which lie beside the checkout. */
const corpus = path("../../../../shared/corpus/thrift")

interface Indexed {
  readonly file: string
  readonly verdict: string
  readonly accepts: Readonly<Record<string, string>>
  readonly extraRoots?: ReadonlyArray<string>
}

const others = (): ReadonlyArray<Entry> =>
  readFileSync(join(corpus, "INDEX.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line): Indexed => JSON.parse(line))
    .filter(({ accepts, verdict }) => verdict === "accept" && accepts["thrift-0.17"] === "ok")
    .map(({ extraRoots, file }) => ({
      file: join(corpus, file),
      roots: [file.split("/")[0]!, ...(extraRoots ?? [])].map((root) => join(corpus, root))
    }))

/** undefined when its generator writes what is no JSON, as it does for some strings. */
const apache = ({ file, roots }: Entry): Facts.ApacheJson | undefined => {
  const out = mkdtempSync(join(tmpdir(), "volant-apache-"))
  try {
    const includes = roots.flatMap((root) => ["-I", root])
    const { status } = spawnSync("thrift", ["-nowarn", ...includes, "--gen", "json", "-out", out, file])
    const [name] = readdirSync(out)
    if (status !== 0 || name === undefined) return undefined
    return JSON.parse(readFileSync(join(out, name), "utf8"))
  } catch {
    return undefined
  } finally {
    rmSync(out, { recursive: true })
  }
}

const ours = ({ file, roots }: Entry) => {
  const program = ThriftFrontEnd.compile([file], { ...NodeFiles.files, includeRoots: roots })
  return Result.isSuccess(program) ? program.success.files.at(-1) : undefined
}

const cells: Array<Cell> = []
afterAll(() => console.log(table("our Thrift compiler beside Apache's", cells)))

const compare = (row: string, entries: ReadonlyArray<Entry>, atLeast: number): void => {
  const differences: Array<string> = []
  let same = 0
  let unread = 0
  for (const entry of entries) {
    const json = apache(entry)
    if (json === undefined) {
      unread++
      continue
    }
    const file = ours(entry)
    const mine = new Set(file === undefined ? [] : Facts.ofOurs(file))
    const other = new Set(Facts.ofApache(json))
    const only = [
      ...[...mine].filter((fact) => !other.has(fact)).map((fact) => `ours alone: ${fact}`),
      ...[...other].filter((fact) => !mine.has(fact)).map((fact) => `Apache's alone: ${fact}`)
    ]
    if (only.length === 0) same++
    else differences.push(`${entry.file}\n  ${only.slice(0, 5).join("\n  ")}`)
  }
  const text = `${same} the same, ${differences.length} not, ${unread} that Apache's could not write as JSON`
  cells.push({ row, column: "files", ok: differences.length === 0, text, detail: differences.join("\n") })
  assert.deepStrictEqual(differences, [])
  assert.isAtLeast(same, atLeast)
}

describe("our Thrift compiler and Apache's", () => {
  const hasThrift = spawnSync("thrift", ["--version"]).status === 0
  if (!hasThrift) console.warn("NOT RUN: our compiler beside Apache's: there is no `thrift` (Debian's thrift-compiler)")

  it.runIf(hasThrift)("read our own IDLs alike", () => compare("our own", own, own.length))

  if (!existsSync(corpus))
    console.warn("NOT RUN: our compiler beside Apache's on the corpus, which is not beside the checkout")
  it.runIf(hasThrift && existsSync(corpus))("read other people's IDLs alike", () =>
    compare("the corpus", others(), 250)
  )
})
