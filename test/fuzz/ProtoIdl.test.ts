import { existsSync, globSync, readdirSync, readFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as EmitProto from "../../src/codegen/EmitProto.ts"
import * as ProtoFrontEnd from "../../src/codegen/ProtoFrontEnd.ts"
import * as Budget from "./Budget.ts"
import { Random } from "./Random.ts"

const seed = 20_266
/** An IDL takes a thousand times as long as a message. */
const inputs = Math.max(300, Math.floor(Budget.inputs / 20))
/** Milliseconds for one IDL. */
const slowest = 2000

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

const library = path("../../src/codegen/protos")
const own = globSync("**/*.proto", { cwd: library }).map((name) => `${library}/${name}`)

/** Other people's files lie beside the checkout, or not: a clone elsewhere has none, and our own are enough. */
const corpus = path("../../../shared/corpus/proto/bufbuild+protocompile/internal/testdata")
const others = existsSync(corpus)
  ? readdirSync(corpus)
      .filter((name) => name.endsWith(".proto"))
      .map((name) => `${corpus}/${name}`)
  : []

const kitchen = `syntax = "proto3"; package k; import "google/protobuf/any.proto"; import "volant/errors.proto";
// A message.
message M { int32 a = 1; repeated M b = 2 [deprecated = true]; map<string, M> c = 3; oneof o { string d = 4; E e = 5; }
  message N { optional bytes f = 1; google.protobuf.Any g = 2; } N n = 6; reserved 7, 9 to max; reserved "x"; }
enum E { option allow_alias = true; A = 0; B = 0; C = -1 [deprecated = true]; }
message Bad { option (volant.status) = NOT_FOUND; string id = 1; }
service S { rpc F(M) returns (stream M.N) { option (volant.errors) = "Bad"; } rpc G(stream M) returns (M); }`

const old = `syntax = "proto2"; package k; message M { required int32 a = 1 [default = -3]; optional group G = 2 { repeated
  double x = 1 [packed = true]; } extensions 100 to max; extend M { optional M self = 100; } }
extend M { repeated string s = 101; } enum E { Z = 4; } message Set { optional E e = 1 [default = Z]; }`

const modern = `edition = "2023"; package k; option features.field_presence = IMPLICIT; message M { int32 a = 1; M b = 2
  [features.message_encoding = DELIMITED]; string c = 3 [features = { field_presence: EXPLICIT }, json_name = "cc"]; }
enum E { option features.enum_type = CLOSED; X = 3; reserved Y; }`

// The short ones have the most in a line, so they come up as often as all files together.
const files = [...own, ...others].map((file) => readFileSync(file, "utf8"))
const seeds = [...files, ...Array.from({ length: files.length }, (_, index) => [kitchen, old, modern][index % 3]!)]

const token =
  /[A-Za-z_]\w*|0x[0-9A-Fa-f]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|"[^"\n]*"|'[^'\n]*'|\s+|\/\/[^\n]*|\/\*[^]*?\*\/|[^]/g

/** Words and signs that mean something to the parser or to the checker. */
const words = [
  ..."syntax edition package import public weak option message enum oneof service rpc returns stream extend".split(" "),
  ..."extensions reserved to max optional required repeated map group export local default json_name packed".split(" "),
  ..."int32 uint64 sint32 fixed64 float double bool string bytes features deprecated allow_alias".split(" "),
  ..."0 1 -1 2 15 19000 536870911 536870912 2147483648 18446744073709551616 1e400 0x 09 true false inf nan".split(" "),
  ..."{ } ( ) < > [ ] , ; : = - + . / ' \" /* //".split(" "),
  "\\",
  "\u0000",
  "é",
  "\n",
  '"proto2"',
  '"proto3"',
  '"2024"',
  ..."M N E S A k Foo google protobuf self prototype constructor __proto__ toString then".split(" ")
]

const mutate = (random: Random): string => {
  const tokens = random.pick(seeds).match(token) ?? []
  const from = random.below(tokens.length)
  const isWhole = random.below(2) === 0
  const part = isWhole ? [...tokens] : tokens.slice(from, from + 400)
  for (let times = isWhole ? 1 : 1 + random.below(6); times > 0; times--) {
    const at = random.below(part.length + 1)
    const other = random.below(part.length + 1)
    const kind = random.below(5)
    if (kind === 0) part.splice(at, 1)
    else if (kind === 1) part.splice(at, 0, random.pick(words))
    else if (kind === 2) part[at] = random.pick(words)
    else if (kind === 3) part.splice(at, 0, ...part.slice(other, other + 1 + random.below(12)))
    else part.splice(at, 0, ...Array.from({ length: 1 + random.below(300) }, () => part[other] ?? "{"))
  }
  return part.join("")
}

const file = "fuzz.proto"

const compile = (text: string) =>
  ProtoFrontEnd.compile([file], { read: (wanted) => (wanted === file ? text : undefined) })

describe(".proto files that are almost right", () => {
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
            for (const output of EmitProto.emit(program.success.files)) stripTypeScriptTypes(output.text)
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
      Budget.report(".proto files", ends, inputs)
      assert.isAbove(ends.accepted, inputs / 50)
      assert.isAbove(ends.refused, inputs / 50)
    },
    Budget.timeout
  )
})
