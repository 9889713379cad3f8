import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Diagnostic from "../../src/codegen/Diagnostic.ts"
import * as Emit from "../../src/codegen/Emit.ts"
import * as NodeFiles from "../../src/codegen/NodeFiles.ts"
import * as ThriftFrontEnd from "../../src/codegen/ThriftFrontEnd.ts"

const corpus = "../shared/corpus/thrift"
const out = "node_modules/.cache/volant-corpus"

interface Entry {
  readonly file: string
  readonly verdict: string
  readonly extraRoots?: ReadonlyArray<string>
}

const entries = (): ReadonlyArray<Entry> =>
  readFileSync(join(corpus, "INDEX.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))

/** Nothing where the front end refuses the file; the front end's own tests say whether it may. */
const compile = (entry: Entry, options: Emit.Options): ReadonlyArray<Emit.Output> => {
  const roots = [entry.file.split("/")[0]!, ...(entry.extraRoots ?? [])].map((root) => join(corpus, root))
  const program = ThriftFrontEnd.compile([join(corpus, entry.file)], { ...NodeFiles.files, includeRoots: roots })
  if (Result.isFailure(program)) {
    console.log(Diagnostic.render(program.failure[0]!))
    return []
  }
  return Emit.emit(program.success, options)
}

const variants: ReadonlyArray<Emit.Options> = [
  {},
  { i64: "number", names: "idl", keepUnknownFields: true, layout: "flat" }
]

const project = {
  extends: resolve("tsconfig.json"),
  compilerOptions: { noEmit: true, paths: { "volant/codegen/v1": [resolve("src/codegen/v1/index.ts")] } },
  include: ["."],
  exclude: []
}

const isThere = existsSync(corpus)
if (!isThere) console.log(`${corpus} is not here: nothing is generated from it`)

describe.skipIf(!isThere)("every accepted file of the corpus", () => {
  it("generates, and what is generated type-checks", { timeout: 300_000 }, () => {
    rmSync(out, { recursive: true, force: true })

    let files = 0
    variants.forEach((options, variant) => {
      for (const entry of entries().filter(({ verdict }) => verdict === "accept" || verdict === "tolerant")) {
        const outputs = compile(entry, options)
        if (outputs.length > 0) files++
        for (const { path, text } of outputs) {
          const target = join(out, `${variant}`, entry.file.replaceAll("/", "+"), path)
          mkdirSync(dirname(target), { recursive: true })
          writeFileSync(target, text)
        }
      }
    })
    assert.isAbove(files, 650)
    writeFileSync(join(out, "tsconfig.json"), JSON.stringify(project))
    const tsc = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", out], { encoding: "utf8" })
    assert.strictEqual(tsc.stdout.slice(0, 2000), "")
    assert.strictEqual(tsc.status, 0)
  })
})
