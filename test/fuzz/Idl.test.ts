import { existsSync, readdirSync, readFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Emit from "../../src/codegen/Emit.ts"
import * as ThriftFrontEnd from "../../src/codegen/ThriftFrontEnd.ts"
import * as Budget from "./Budget.ts"
import { Random } from "./Random.ts"

const seed = 20_265
/** An IDL takes a thousand times as long as a message. */
const inputs = Math.max(300, Math.floor(Budget.inputs / 20))
/** Milliseconds for one IDL. */
const slowest = 2000

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

const own = ["../golden/idl/golden.thrift", "../golden/idl/uuid.thrift", "../interop/thrift-test/ThriftTest.thrift"]

/** Other people's IDLs lie beside the checkout, or not: a clone elsewhere has none, and what we have ourselves is enough. */
const corpus = path("../../../shared/corpus/thrift/apache+thrift/test")
const others = existsSync(corpus)
  ? readdirSync(corpus)
      .filter((name) => name.endsWith(".thrift"))
      .map((name) => `${corpus}/${name}`)
  : []

const seeds = [...own.map(path), ...others].map((file) => readFileSync(file, "utf8"))

const token =
  /[A-Za-z_][\w.]*|[+-]?(?:0x[0-9A-Fa-f]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|"[^"\n]*"|'[^'\n]*'|\s+|\/\/[^\n]*|#[^\n]*|\/\*[^]*?\*\/|[^]/g

/** Words and signs that mean something to the parser or to the checker. */
const words = [
  ..."struct union exception service extends oneway throws const enum typedef namespace include void list set map".split(
    " "
  ),
  ..."required optional i8 i16 i32 i64 double string binary bool uuid async senum xsd_all cpp_include".split(" "),
  ..."0 1 -1 15 32767 32768 2147483648 9223372036854775808 -9223372036854775809 1e400 0x true false".split(" "),
  "{",
  "}",
  "(",
  ")",
  "<",
  ">",
  "[",
  "]",
  ",",
  ";",
  ":",
  "=",
  "*",
  "&",
  "@",
  '"',
  "'",
  "/*",
  "//",
  "\\",
  "\u0000",
  "é",
  "\n",
  ..."Foo Bar self prototype constructor __proto__ toString then await class".split(" ")
]

const mutate = (random: Random): string => {
  const tokens = random.pick(seeds).match(token) ?? []
  const from = random.below(tokens.length)
  // A whole file with one change is often accepted; a part with several is quicker, and wrong in more ways.
  const isWhole = random.below(2) === 0
  const part = isWhole ? [...tokens] : tokens.slice(from, from + 400)
  for (let times = isWhole ? 1 : 1 + random.below(6); times > 0; times--) {
    const at = random.below(part.length + 1)
    const other = random.below(part.length + 1)
    switch (random.below(6)) {
      case 0:
        part.splice(at, 1)
        break
      case 1:
        part.splice(at, 0, random.pick(words))
        break
      case 2:
        part[at] = random.pick(words)
        break
      case 3:
        part.splice(at, 0, ...part.slice(other, other + 1 + random.below(12)))
        break
      case 4:
        part[at] = part[other] ?? ""
        break
      case 5:
        part.splice(at, 0, ...Array.from({ length: 1 + random.below(300) }, () => part[other] ?? "<"))
    }
  }
  return part.join("")
}

const file = "fuzz.thrift"

const compile = (text: string) =>
  ThriftFrontEnd.compile([file], { read: (wanted) => (wanted === file ? text : undefined) })

describe("IDLs that are almost right", () => {
  it(
    "are refused with a place, or give modules that are TypeScript, in bounded time",
    () => {
      const random = new Random(seed)
      const ends = { accepted: 0, refused: 0, slowest: 0 }
      for (let index = 0; index < inputs; index++) {
        const text = mutate(random)
        const start = performance.now()
        try {
          const program = compile(text)
          if (Result.isSuccess(program)) {
            for (const output of Emit.emit(program.success)) stripTypeScriptTypes(output.text)
            ends.accepted++
          } else {
            ends.refused++
            assert.isAbove(program.failure.length, 0)
            for (const { position } of program.failure) assert.isAtLeast(position.line, 1)
          }
        } catch (cause) {
          throw new Error(`seed ${seed}, input ${index}:\n${text}`, { cause })
        }
        let took = performance.now() - start
        if (took > slowest) {
          // The machine may have been busy.
          const again = performance.now()
          compile(text)
          took = performance.now() - again
        }
        ends.slowest = Math.max(ends.slowest, took)
        assert.isBelow(took, slowest, `milliseconds for input ${index} of seed ${seed}:\n${text}`)
      }
      Budget.report("IDLs", ends, inputs)
      assert.isAbove(ends.accepted, inputs / 50)
      assert.isAbove(ends.refused, inputs / 50)
    },
    Budget.timeout
  )
})
