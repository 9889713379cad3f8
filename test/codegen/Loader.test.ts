import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Loader from "../../src/codegen/Loader.ts"
import * as NodeFiles from "../../src/codegen/NodeFiles.ts"

const load = (
  files: Record<string, string>,
  paths: ReadonlyArray<string> = ["t.thrift"],
  options: Partial<Loader.Options> = {}
) => {
  const read: Array<string> = []
  const loaded = Loader.loadAll(paths, {
    ...options,
    read: (path) => {
      if (path in files) read.push(path)
      return files[path]
    }
  })
  return {
    read,
    paths: loaded.units.map(({ path }) => path),
    missing: loaded.units.flatMap(({ includes }) => includes.map(({ missing }) => missing)),
    errors: loaded.diagnostics.map(
      ({ message, position }) => `${position.file}:${position.line}:${position.column} ${message}`
    )
  }
}

describe("the include graph", () => {
  it("every file once, after what it includes", () => {
    const { errors, paths, read } = load({
      "t.thrift": "include 'a.thrift' include 'b.thrift'",
      "a.thrift": "include 'c.thrift'",
      "b.thrift": "include 'a.thrift' include './c.thrift'",
      "c.thrift": ""
    })
    assert.deepStrictEqual(paths, ["c.thrift", "a.thrift", "b.thrift", "t.thrift"])
    assert.strictEqual(new Set(read).size, read.length)
    assert.deepStrictEqual(errors, [])
  })

  it("files that are named twice, or named and included", () => {
    const files = { "t.thrift": "include 'a.thrift'", "a.thrift": "" }
    assert.deepStrictEqual(load(files, ["t.thrift", "./t.thrift", "x/../a.thrift"]).paths, ["a.thrift", "t.thrift"])
  })

  it("the including file's folder comes before the include roots, and these in order", () => {
    const files = {
      "d/t.thrift": "include 'a.thrift' include 'b.thrift' include 'c.thrift'",
      "d/a.thrift": "",
      "r1/a.thrift": "",
      "r1/b.thrift": "",
      "r2/b.thrift": "",
      "r2/c.thrift": ""
    }
    const { errors, read } = load(files, ["d/t.thrift"], { includeRoots: ["r1", "r2"] })
    assert.deepStrictEqual(read, ["d/t.thrift", "d/a.thrift", "r1/b.thrift", "r2/c.thrift"])
    assert.deepStrictEqual(errors, [])
  })

  it("paths are below their root, else below the folder that all have in common", () => {
    const files = {
      "/s/p/x/t.thrift": "include '../a.thrift' include 'q/b.thrift'",
      "/s/p/a.thrift": "",
      "/r/q/b.thrift": ""
    }
    const { paths } = load(files, ["/s/p/x/t.thrift"], { includeRoots: ["/r"] })
    assert.deepStrictEqual(paths, ["a.thrift", "q/b.thrift", "x/t.thrift"])
  })

  it("backslashes are slashes", () =>
    assert.deepStrictEqual(load({ "t.thrift": 'include "d\\\\a.thrift"', "d/a.thrift": "" }).paths, [
      "d/a.thrift",
      "t.thrift"
    ]))
})

describe("what is wrong with it", () => {
  it("a file that cannot be read", () =>
    assert.deepStrictEqual(load({}, ["d/none.thrift"]).errors, [
      "d/none.thrift:1:1 this file cannot be read; give the path of a Thrift file"
    ]))

  it("an include that is nowhere tells where it was looked for", () =>
    assert.deepStrictEqual(
      load({ "d/t.thrift": "include 'a.thrift'" }, ["d/t.thrift"], { includeRoots: ["r", "d"] }).missing,
      ["there is no file `a.thrift`; looked for `d/a.thrift`, `r/a.thrift`"]
    ))

  it("circles, told once and where they close", () => {
    const { errors, paths } = load({
      "t.thrift": "include 'a.thrift'",
      "a.thrift": "\n  include 'b.thrift'",
      "b.thrift": "include 'a.thrift' include 'c.thrift'",
      "c.thrift": ""
    })
    assert.deepStrictEqual(errors, ["b.thrift:1:1 includes go in a circle: a.thrift -> b.thrift -> a.thrift"])
    assert.deepStrictEqual(paths, ["c.thrift", "b.thrift", "a.thrift", "t.thrift"])
  })

  it("long circles are told in part", () => {
    const files: Record<string, string> = {}
    for (let index = 0; index < 50; index++) files[`f${index}.thrift`] = `include 'f${(index + 1) % 50}.thrift'`
    const [error, ...rest] = load(files, ["f0.thrift"]).errors
    assert.deepStrictEqual(rest, [])
    assert.strictEqual(
      error,
      "f49.thrift:1:1 includes go in a circle: f0.thrift -> f1.thrift -> f2.thrift -> f3.thrift -> ... -> f47.thrift -> f48.thrift -> f49.thrift -> f0.thrift"
    )
  })

  it("a chain that is too long", () => {
    const files: Record<string, string> = {}
    for (let index = 0; index < 1000; index++) files[`f${index}.thrift`] = `include 'f${index + 1}.thrift'`
    const { errors, paths } = load(files, ["f0.thrift"])
    assert.deepStrictEqual(errors, ["f199.thrift:1:1 includes nest deeper than 200 files"])
    assert.strictEqual(paths.length, Loader.maximumIncludeDepth)
  })

  it("two files of one path below their roots", () => {
    const files = { "r1/a.thrift": "", "r2/a.thrift": "" }
    assert.deepStrictEqual(load(files, ["r1/a.thrift", "r2/a.thrift"], { includeRoots: ["r1", "r2"] }).errors, [
      "r2/a.thrift:1:1 its path `a.thrift` below its include root is also that of r1/a.thrift; name another include root"
    ])
  })

  it("errors of syntax in an included file", () =>
    assert.deepStrictEqual(load({ "t.thrift": "include 'a.thrift'", "a.thrift": "\nstruct {}" }).errors, [
      "a.thrift:2:8 expected the struct's name, found `{`"
    ]))
})

describe("the file system", () => {
  it("is read as UTF-8; folders and what is not there count as absent", () => {
    const folder = mkdtempSync(join(tmpdir(), "volant-loader-"))
    try {
      mkdirSync(join(folder, "d"))
      writeFileSync(join(folder, "t.thrift"), "include 'd/a.thrift' include 'd'")
      writeFileSync(join(folder, "d", "a.thrift"), "\ufeffconst string a = 'é'")
      const loaded = Loader.loadAll([join(folder, "t.thrift")], NodeFiles.files)
      assert.deepStrictEqual(loaded.diagnostics, [])
      assert.deepStrictEqual(
        loaded.units.map(({ path }) => path),
        ["d/a.thrift", "t.thrift"]
      )
      assert.include(loaded.units[0]?.source.text, "'é'")
      assert.isUndefined(NodeFiles.files.read(join(folder, "none")))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
