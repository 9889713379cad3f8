import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Diagnostic from "../../src/codegen/Diagnostic.ts"
import * as ThriftFrontEnd from "../../src/codegen/ThriftFrontEnd.ts"
import { Random } from "../fuzz/Random.ts"

const seed = 4_101
const mutations = 5_000
/** Milliseconds for one small IDL: far above what any takes, far below what a loop would. */
const slowest = 1_000

const sample = `/** All that the language has. */
namespace * acme.items (k = "v", alone)
include "other.thrift" cpp_include "<vector>"
typedef map cpp_type "std::map" <string (a), list<set<i64>>> Index (deep)
// Two lines
# of it
enum Color { RED = 0x1, GREEN (old), BLUE = -3; } (e)
senum Word { "one", 'two' }
const map<string, list<Color>> COLORS = {"a": [Color.RED, GREEN], 'b\\n\\'': []}
const double E = -2.5e-3; const uuid ID = "00112233-4455-6677-8899-aabbccddeeff"
struct Item xsd_all {
  1: required i64 id = 1 (js.type = "number"), // trailing
  2: optional string & title = other.NAME xsd_optional xsd_nillable
  Color color = Color.BLUE; byte old
  5: Index index /* block */
}
union Either { 1: Item item, 2: binary bytes }
exception NotFound { 1: i64 id } (x)
const Item FIRST = {"id": 0x7fffffffffffffff, "title": "t"}
service Base { oneway void ping(), async void pong(1: i32 a) }
service Items extends Base {
  Item get(1: i64 id = -1, optional bool deep = true) throws (1: NotFound missing, 2: other.Bad bad) (idempotent),
  list<other.Kind> kinds();
}
`
const other = `include "third.thrift"\nconst string NAME = "n"\nenum Kind { A }\nexception Bad { 1: third.T t }\n`
const third = `typedef i32 T\n`

const token = /[A-Za-z_][\w.]*|[+-]?\d[\w.+-]*|"[^"\n]*"|'[^'\n]*'|\s+|[^]/g
const inserted = [
  ..."struct union exception enum senum service const typedef include namespace extends throws oneway void".split(" "),
  ..."required optional list set map i32 string uuid Item Color 0 -1 32768 1e999 0x 99999999999999999999".split(" "),
  ..."{ } ( ) < > [ ] , ; : = * & @ \" ' \\ // /* */ # . - \0 \ud800 é \r \n".split(" ")
]

const mutate = (random: Random, tokens: ReadonlyArray<string>): string => {
  const mutated = [...tokens]
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(mutated.length)
    const extra = random.below(2) === 0 ? random.pick(inserted) : random.pick(tokens)
    const kind = random.below(5)
    if (kind === 0) mutated.splice(at, 1)
    else if (kind === 1) mutated[at] = extra
    else if (kind === 2) mutated.splice(at, 0, extra)
    else if (kind === 3) mutated.splice(at, 1 + random.below(12))
    else mutated.splice(at, 0, ...mutated.slice(at, at + random.below(20)))
  }
  return mutated.join("")
}

const checkPlace = (files: Record<string, string>, diagnostic: Diagnostic.Diagnostic): void => {
  const { column, file, line } = diagnostic.position
  const text = files[file]
  assert.isDefined(text, `${file} is no file of the program`)
  const lines = text!.replace(/^\ufeff/, "").split(/\r\n|\r|\n/)
  assert.strictEqual(diagnostic.line, lines[line - 1])
  assert.isTrue(column >= 1 && column <= diagnostic.line.length + 1, Diagnostic.renderPosition(diagnostic.position))
  assert.isTrue(Diagnostic.render(diagnostic).startsWith(`${file}:${line}:${column}: ${diagnostic.message}`))
}

describe("mutated Thrift", () => {
  it("as it is compiles, so that a mutation has something to break", () => {
    const files: Record<string, string> = { "a.thrift": sample, "other.thrift": other, "third.thrift": third }
    const compiled = ThriftFrontEnd.compile(["a.thrift"], { read: (path) => files[path] })
    assert.deepStrictEqual(Result.isFailure(compiled) ? compiled.failure.map(Diagnostic.render) : [], [])
  })

  it("ends in a program or in errors that stand in the text, soon", { timeout: 60_000 }, () => {
    const random = new Random(seed)
    const tokens = sample.match(token)!
    let accepted = 0
    for (let index = 0; index < mutations; index++) {
      const files: Record<string, string> = {
        "a.thrift": mutate(random, tokens),
        "other.thrift": other,
        "third.thrift": third
      }
      const where = `seed ${seed}, mutation ${index}:\n${files["a.thrift"]}`
      try {
        const start = performance.now()
        const compiled = ThriftFrontEnd.compile(["a.thrift"], { read: (path) => files[path] })
        assert.isBelow(performance.now() - start, slowest)
        if (Result.isSuccess(compiled)) accepted++
        else {
          assert.isAbove(compiled.failure.length, 0)
          for (const diagnostic of compiled.failure) checkPlace(files, diagnostic)
        }
      } catch (error) {
        throw new Error(where, { cause: error })
      }
    }
    assert.isTrue(accepted > mutations / 100 && accepted < mutations / 2, `${accepted} accepted`)
  })
})
