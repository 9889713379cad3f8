import { assert, describe, it } from "@effect/vitest"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"
import { volant } from "./Program.ts"

const cwd = mkdtempSync(join(tmpdir(), "volant-cli-"))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

writeFileSync(join(cwd, "good.thrift"), "include 'part.thrift'\nstruct A { 1: optional i32 n, 2: part.B b }\n")
writeFileSync(join(cwd, "part.thrift"), "struct B { 1: i64 l }\n")
writeFileSync(join(cwd, "bad.thrift"), "struct A { 1: Missing a }\nstruct A {}\n")
writeFileSync(join(cwd, "worse.thrift"), "struct {\n")

describe.concurrent("volant", () => {
  it("check reports every error of every file, each with its place", async () => {
    const { code, stderr } = await volant(["check", "bad.thrift", "good.thrift", "worse.thrift"], { cwd })
    assert.strictEqual(code, 1)
    assert.match(stderr, /^bad\.thrift:1:15: .*Missing/m)
    assert.match(stderr, /^bad\.thrift:2:8: /m)
    assert.match(stderr, /^worse\.thrift:1:8: /m)
    assert.notMatch(stderr, /^good\.thrift/m)
    assert.match(stderr, /^\d errors in 2 files$/m)
  })

  it("takes IDL files alone", async () => {
    assert.deepStrictEqual(await volant(["gen", "good.thrift", "README.md", "out"], { cwd }), {
      code: 1,
      stdout: "",
      stderr:
        "README.md is no IDL file by its name: those end in .thrift or .proto\n" +
        "out is no IDL file by its name: those end in .thrift or .proto\n"
    })
  })

  it("check accepts", async () => {
    assert.deepStrictEqual(await volant(["check", "good.thrift"], { cwd }), {
      code: 0,
      stdout: "2 files, no error\n",
      stderr: ""
    })
  })

  it("gen writes once, and says what is stale", async () => {
    const gen = (...args: ReadonlyArray<string>) =>
      volant(["gen", "--out", "out/deep", ...args, "good.thrift"], { cwd })
    const first = await gen()
    assert.deepStrictEqual(first, { code: 0, stdout: "out/deep/part.ts\nout/deep/good.ts\n", stderr: "" })
    assert.match(readFileSync(join(cwd, "out/deep/part.ts"), "utf8"), /bigint/)
    assert.match((await gen()).stdout, /^all of 2 up to date/)
    assert.strictEqual((await gen("--check")).code, 0)
    const other = await gen("--check", "--i64", "number")
    assert.deepStrictEqual(other, { code: 1, stdout: "", stderr: "out/deep/part.ts is not what its IDL gives\n" })
    await gen("--i64=number")
    assert.notMatch(readFileSync(join(cwd, "out/deep/part.ts"), "utf8"), /: bigint/)
  })

  it("gen writes nothing when a file has an error", async () => {
    const { code, stdout } = await volant(["gen", "--out", "none", "bad.thrift"], { cwd })
    assert.deepStrictEqual({ code, stdout }, { code: 1, stdout: "" })
    assert.throws(() => readFileSync(join(cwd, "none/bad.ts")))
  })

  it("decode and encode a single value, as arguments and through pipes", async () => {
    const form = ["--idl", "good.thrift", "--type", "A", "--protocol", "compact"]
    const value = { n: 1, b: { l: "-9007199254740993" } }
    const encoded = await volant(["encode", ...form, "--json", JSON.stringify(value)], { cwd })
    assert.strictEqual(encoded.code, 0)
    const expected = { code: 0, stdout: `${JSON.stringify(value)}\n`, stderr: "" }
    assert.deepStrictEqual(await volant(["decode", ...form, "--hex", encoded.stdout.trim()], { cwd }), expected)
    assert.deepStrictEqual(await volant(["decode", ...form], { cwd, input: encoded.stdout }), expected)
    const bytes = Buffer.from(encoded.stdout.trim(), "hex")
    assert.deepStrictEqual(await volant(["decode", ...form], { cwd, input: bytes }), expected)
    const piped = await volant(["encode", ...form], { cwd, input: JSON.stringify(value) })
    assert.deepStrictEqual(piped, encoded)
  })

  it.each([
    ["bytes that end", ["--type", "A", "--protocol", "binary", "--hex", "08"], /^Truncated: /],
    ["no such type", ["--type", "C", "--protocol", "binary", "--hex", "00"], /^UnknownName: .*"C"/],
    ["no protocol", ["--type", "A", "--hex", "00"], /--protocol/]
  ])("decode: %s", async (_, args, message) => {
    const { code, stderr, stdout } = await volant(["decode", "--idl", "good.thrift", ...args], { cwd })
    assert.deepStrictEqual({ code, stdout }, { code: 1, stdout: "" })
    assert.match(stderr, message)
  })

  it("says what it can do, and its version", async () => {
    const { stdout } = await volant(["--help"], { cwd })
    for (const command of ["gen", "check", "decode", "encode"]) assert.include(stdout, command)
    assert.match((await volant(["--version"], { cwd })).stdout, /0\.1\.0/)
    assert.strictEqual((await volant(["gen"], { cwd })).code, 1)
  })
})
