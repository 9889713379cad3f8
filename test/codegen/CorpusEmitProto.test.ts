import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Diagnostic from "../../src/codegen/Diagnostic.ts"
import * as EmitProto from "../../src/codegen/EmitProto.ts"
import * as NodeFiles from "../../src/codegen/NodeFiles.ts"
import * as ProtoFrontEnd from "../../src/codegen/ProtoFrontEnd.ts"

const corpus = "../shared/corpus/proto"
const out = "node_modules/.cache/volant-corpus-proto"

interface Entry {
  readonly file: string
  readonly verdict: string
}

const isThere = existsSync(corpus)
if (!isThere) console.log(`${corpus} is not here: nothing is generated from it`)

const entries = (): ReadonlyArray<Entry> =>
  readFileSync(join(corpus, "INDEX.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))

/** Where a file's imports are looked for: the roots that hold it, those of its repository, all repositories, all else. */
const rootsOf = (file: string, all: Readonly<Record<string, ReadonlyArray<string>>>): ReadonlyArray<string> => {
  const own = all[file.split("/")[0]!] ?? []
  const holding = own.filter((root) => file.startsWith(`${root}/`)).sort((a, b) => b.length - a.length)
  return [...new Set([...holding, ...own, ...Object.keys(all), ...Object.values(all).flat()])].map((root) =>
    join(corpus, root)
  )
}

/** Nothing where the front end refuses the file; the front end's own tests say whether it may. */
const compile = (file: string, roots: ReadonlyArray<string>, options: EmitProto.Options) => {
  const program = ProtoFrontEnd.compile([join(corpus, file)], { ...NodeFiles.files, includeRoots: roots })
  if (Result.isSuccess(program)) return EmitProto.emit(program.success.files, options)
  console.log(Diagnostic.render(program.failure[0]!))
  return []
}

const variants: ReadonlyArray<EmitProto.Options> = [
  {},
  { i64: "number", names: "idl", keepUnknownFields: false, layout: "flat", descriptors: false }
]

const project = {
  extends: resolve("tsconfig.json"),
  compilerOptions: {
    noEmit: true,
    paths: {
      "volant/codegen/v1/proto": [resolve("src/codegen/v1/proto.ts")],
      "volant/codegen/v1/stream": [resolve("src/codegen/v1/stream.ts")]
    }
  },
  include: ["."],
  exclude: []
}

const write = (
  variant: number,
  modules: ReadonlyArray<{ readonly path: string; readonly text: string }>,
  file: string
) => {
  for (const { path, text } of modules) {
    const target = join(out, `${variant}`, file.replaceAll("/", "+"), path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text)
  }
}

describe.skipIf(!isThere)("every accepted .proto file of the corpus", () => {
  it("generates, and what is generated type-checks", { timeout: 600_000 }, () => {
    rmSync(out, { recursive: true, force: true })
    const all = JSON.parse(readFileSync(join(corpus, "ROOTS.json"), "utf8"))
    const accepted = entries().filter(({ verdict }) => verdict === "accept" || verdict === "accept-new")
    let files = 0
    variants.forEach((options, variant) => {
      for (const [index, { file }] of accepted.entries()) {
        // The second form differs in spelling alone: a third of the files has all of it.
        if (variant === 1 && index % 3 !== 0) continue
        const modules = compile(file, rootsOf(file, all), options)
        if (modules.length > 0) files++
        write(variant, modules, file)
      }
    })
    assert.isAtLeast(files, 790)
    writeFileSync(join(out, "tsconfig.json"), JSON.stringify(project))
    const tsc = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", out], { encoding: "utf8" })
    assert.strictEqual(tsc.stdout.slice(0, 2000), "")
    assert.strictEqual(tsc.status, 0)
  })
})
