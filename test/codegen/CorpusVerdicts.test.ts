import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import type * as Diagnostic from "../../src/codegen/Diagnostic.ts"
import * as NodeFiles from "../../src/codegen/NodeFiles.ts"
import * as ThriftFrontEnd from "../../src/codegen/ThriftFrontEnd.ts"

const corpus = fileURLToPath(new URL("../../../shared/corpus/thrift", import.meta.url))
const isThere = existsSync(corpus)
if (!isThere) console.log("NOT RUN: the verdicts on other people's IDLs, which do not lie beside the checkout")

interface Entry {
  readonly file: string
  readonly verdict: "accept" | "tolerant" | "reject" | "incomplete" | "dialect"
  readonly extraRoots?: ReadonlyArray<string>
}

const entries: ReadonlyArray<Entry> = isThere
  ? readFileSync(join(corpus, "INDEX.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
  : []

const compile = ({ extraRoots, file }: Entry, onWarning: (diagnostic: Diagnostic.Diagnostic) => void = () => {}) =>
  ThriftFrontEnd.compile([join(corpus, file)], {
    ...NodeFiles.files,
    includeRoots: [file.split("/")[0]!, ...(extraRoots ?? [])].map((root) => join(corpus, root)),
    onWarning
  })

/** Refused by other compilers for `senum` alone, which we read. */
const taken = new Set(["uber+thriftrw-node/test/thrift/SmallTest.thrift"])

describe.skipIf(!isThere)("other people's IDLs", () => {
  it("are accepted where Apache's compiler or CloudWeGo's accept them", () => {
    const own = entries.filter(({ verdict }) => verdict === "accept" || verdict === "tolerant")
    assert.isAbove(own.length, 300)
    const refused = own.flatMap((entry) => {
      const program = compile(entry)
      return Result.isSuccess(program) ? [] : [`${entry.file}: ${program.failure[0]?.message}`]
    })
    assert.deepStrictEqual(refused, [])
  })

  it("are refused with a place where all compilers refuse them", () => {
    const own = entries.filter(({ file, verdict }) => verdict === "reject" && !taken.has(file))
    assert.isAbove(own.length, 20)
    for (const entry of own) {
      const program = compile(entry)
      assert.isTrue(Result.isFailure(program), `${entry.file} was accepted`)
      if (Result.isFailure(program)) {
        for (const { message, position } of program.failure) {
          assert.isAtLeast(position.line, 1)
          assert.isAtLeast(position.column, 1)
          assert.isAbove(message.length, 0)
        }
      }
    }
  })

  it("in Meta's dialect are refused with a place, or read", () => {
    const own = entries.filter(({ verdict }) => verdict === "dialect")
    assert.isAbove(own.length, 50)
    for (const entry of own) {
      const program = compile(entry)
      if (Result.isFailure(program)) assert.isAtLeast(program.failure[0]!.position.line, 1)
    }
  })

  it("that lack an include parse alone", () => {
    for (const { file } of entries.filter(({ verdict }) => verdict === "incomplete")) {
      const { diagnostics } = ThriftFrontEnd.parse(file, readFileSync(join(corpus, file), "utf8"))
      assert.deepStrictEqual(
        diagnostics.filter(({ severity }) => severity === "error"),
        [],
        file
      )
    }
  })
})

const warningsOf = (text: string): ReadonlyArray<string> | undefined => {
  const warnings: Array<string> = []
  const program = ThriftFrontEnd.compile(["a.thrift"], {
    read: (path) => (path === "a.thrift" ? text : undefined),
    onWarning: ({ message }) => void warnings.push(message)
  })
  return Result.isSuccess(program) ? warnings : undefined
}

describe("what other compilers let pass", () => {
  it("a constant that lacks a required field is a warning", () => {
    const [warning, ...rest] = warningsOf("struct A { 1: required string s }\nconst A a = {}") ?? []
    assert.include(warning, "lacks its required `s`")
    assert.deepStrictEqual(rest, [])
  })

  it("a union's constant has to have its one field all the same", () => {
    assert.isUndefined(warningsOf("union U { 1: i32 a }\nconst U u = {}"))
  })

  it("of the name of an enum's member only the last part counts, with a warning", () => {
    const enums = "enum A { X }\nenum B { Y = 7 }\n"
    const [warning, ...rest] = warningsOf(`${enums}const B b = A.Y`) ?? []
    assert.include(warning, "`A.Y` is read as `B.Y`")
    assert.deepStrictEqual(rest, [])
    assert.deepStrictEqual(warningsOf(`${enums}const B b = B.Y`), [])
    assert.isUndefined(warningsOf(`${enums}const B b = A.Z`))
    assert.isUndefined(warningsOf(`${enums}const i32 i = A.Y`))
  })
})
