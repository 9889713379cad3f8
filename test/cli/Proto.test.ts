import { assert, describe, it } from "@effect/vitest"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"
import { volant } from "./Program.ts"

const cwd = mkdtempSync(join(tmpdir(), "volant-cli-"))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const proto =
  'syntax = "proto3"; import "google/protobuf/empty.proto"; import "part.proto"; message A { B b = 1; google.protobuf.Empty e = 2; }\n'
writeFileSync(join(cwd, "good.proto"), proto)
writeFileSync(join(cwd, "part.proto"), 'syntax = "proto3"; message B { int64 l = 1; }\n')
writeFileSync(join(cwd, "vain.proto"), 'syntax = "proto3";\nimport "part.proto";\nmessage C {}\n')
writeFileSync(join(cwd, "good.thrift"), "struct A { 1: i32 n }\n")
writeFileSync(join(cwd, "other.thrift"), "struct A { 1: i32 n }\n")
writeFileSync(join(cwd, "bad.proto"), 'syntax = "proto3"; message A { Missing a = 1; }\nmessage A {}\n')

describe.concurrent("volant with .proto files", () => {
  it("check reports every error with its place", async () => {
    const { code, stderr } = await volant(["check", "bad.proto", "good.proto"], { cwd })
    assert.strictEqual(code, 1)
    assert.match(stderr, /^bad\.proto:1:32: .*Missing/m)
    assert.match(stderr, /^bad\.proto:2:9: /m)
    assert.match(stderr, /^2 errors in 1 file$/m)
  })

  it("warnings go to standard error, each with its place, and do not fail", async () => {
    const { code, stderr, stdout } = await volant(["check", "vain.proto"], { cwd })
    assert.deepStrictEqual({ code, stdout }, { code: 0, stdout: "2 files, no error\n" })
    assert.match(stderr, /^vain\.proto:2:8: warning: .*part\.proto/m)
  })

  it("check takes both languages, and counts what is the user's", async () => {
    assert.deepStrictEqual(await volant(["check", "good.proto", "good.thrift"], { cwd }), {
      code: 0,
      stdout: "3 files, no error\n",
      stderr: ""
    })
  })

  it("gen writes the modules of both languages", async () => {
    const { code, stderr } = await volant(["gen", "--out", "out", "good.proto", "other.thrift"], { cwd })
    assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: "" })
    assert.match(readFileSync(join(cwd, "out/part.ts"), "utf8"), /bigint/)
    assert.match(readFileSync(join(cwd, "out/good.ts"), "utf8"), /part\.ts/)
    assert.match(readFileSync(join(cwd, "out/other.ts"), "utf8"), /n\?: number/)
  })

  it("gen refuses two files that would have one module", async () => {
    const { code, stderr } = await volant(["gen", "--out", "none", "good.proto", "good.thrift"], { cwd })
    assert.strictEqual(code, 1)
    assert.match(stderr, /good\.ts would be the module of a \.thrift and of a \.proto file/)
  })
})
