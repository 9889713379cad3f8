/** Input that nobody would write by hand: it ends in an error, or not, but in bounded time and never in an exception. */
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Thrifts from "./Thrifts.ts"

/** The first error, and how many there are. */
const refused = (text: string): readonly [string | undefined, number] => {
  const compiled = Thrifts.compile(text)
  if (Result.isSuccess(compiled)) return [undefined, 0]
  const [first] = compiled.failure
  return [`${first!.position.line}:${first!.position.column} ${first!.message}`, compiled.failure.length]
}

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n")

const huge = 20_000

describe("nesting", () => {
  it("of types", () => {
    const nested = (depth: number) => `typedef ${"list<".repeat(depth)}i32${">".repeat(depth)} T`
    assert.deepStrictEqual(refused(nested(100)), [undefined, 0])
    assert.deepStrictEqual(refused(nested(101)), ["1:514 this type nests deeper than 100 levels", 1])
    assert.deepStrictEqual(refused(nested(huge)), ["1:514 this type nests deeper than 100 levels", 1])
  })

  it("of constants", () => {
    for (const [open, close] of [
      ["[", "]"],
      ["{1:", "}"]
    ] as const) {
      const [message, count] = refused(`const list<i32> a = ${open.repeat(huge)}${close.repeat(huge)}`)
      assert.match(message ?? "", /^1:\d+ this constant nests deeper than 100 levels$/)
      assert.strictEqual(count, 1)
    }
  })

  it("of typedefs", () => {
    const chain = (count: number) => `typedef i32 T0\n${lines(count, (index) => `typedef T${index} T${index + 1}`)}`
    assert.deepStrictEqual(refused(chain(199)), [undefined, 0])
    assert.deepStrictEqual(refused(chain(200)), ["201:14 typedefs nest deeper than 200 levels here", 1])
    assert.isAbove(refused(chain(huge))[1], 1)
    const [circle, count] = refused(`typedef T${huge} T0\n${lines(huge, (index) => `typedef T${index} T${index + 1}`)}`)
    assert.match(circle ?? "", /leads back to itself|nest deeper/)
    assert.isAbove(count, 0)
  })

  it("of typedefs that double what they name stays cheap", () => {
    const text = `typedef i32 T0\n${lines(60, (index) => `typedef map<T${index}, T${index}> T${index + 1}`)}`
    assert.deepStrictEqual(refused(`${text}\nconst T60 a = {}\nconst T60 b = a`), [undefined, 0])
  })

  it("of services", () => {
    const chain = (count: number) =>
      `service S0 {}\n${lines(count, (i) => `service S${i + 1} extends S${i} { void f${i}() }`)}`
    assert.deepStrictEqual(refused(chain(100)), [undefined, 0])
    assert.deepStrictEqual(refused(chain(101)), ["102:22 service `S101` extends more than 100 others", 1])
    assert.isAbove(refused(chain(2000))[1], 0)
  })

  it("of constants that refer to others", () => {
    const chain = lines(huge, (index) => `const i32 c${index} = c${index + 1}`)
    const [message] = refused(`${chain}\nconst i32 c${huge} = 1`)
    assert.match(message ?? "", /^\d+:\d+ constants lead through more than 500 others here$/)
  })

  it("of constants that double what they refer to", () => {
    const doubled = lines(
      40,
      (i) => `const list<${"list<".repeat(i)}i32${">".repeat(i)}> c${i} = ${i === 0 ? "[1]" : `[c${i - 1}, c${i - 1}]`}`
    )
    assert.deepStrictEqual(refused(doubled), [undefined, 0])
    const other = `${doubled}\nconst list<${"list<".repeat(39)}i64${">".repeat(39)}> d = c39`
    const [message] = refused(other)
    assert.match(message ?? "", /constants that refer to others come to more than 100000 values/)
  })

  it("of defaults and of required fields", () => {
    const structs = lines(huge, (i) => `struct S${i} { 1: S${i + 1} s = {}, 2: required S${i + 1} r }`)
    assert.deepStrictEqual(refused(`${structs}\nstruct S${huge} {}`), [undefined, 0])
    const [message, count] = refused(`${structs}\nstruct S${huge} { 1: S0 s = {}, 2: required S0 r }`)
    assert.match(message ?? "", /the default of `s` needs itself: `s` -> `s` -> `s` -> `s` -> \.\.\. -> /)
    assert.strictEqual(count, 1)
  })
})

describe("numbers of things", () => {
  it("fields without ids end at -32768", () => {
    const fields = (count: number) => `struct S {\n${lines(count, (index) => `i32 f${index}`)}\n}`
    assert.deepStrictEqual(refused(fields(32_768)), [undefined, 0])
    assert.deepStrictEqual(refused(fields(32_769)), [
      "32770:5 too many fields without an id; expected an id of 1 to 32767",
      1
    ])
  })

  it("every error of a file is told, however many", () => {
    const [first, count] = refused(`struct S {\n${lines(5000, (index) => `${index + 1}: Gone f${index}`)}\n}`)
    assert.match(first ?? "", /^2:4 unknown type `Gone`/)
    assert.strictEqual(count, 5000)
  })
})

describe("what is no IDL", () => {
  it.each([
    ["open brackets", "{".repeat(huge)],
    ["closed brackets", "}".repeat(huge)],
    ["open structs", "struct S {".repeat(huge)],
    ["open structs, a line each", "struct S {\n".repeat(huge)],
    ["open methods", `service S {${"void f(".repeat(huge)}`],
    ["open annotations", `struct S { 1: i32 a ${"(".repeat(huge)}`],
    ["annotations", `struct S {} ${"(a)".repeat(huge)}`],
    ["quotes", "'\n".repeat(huge + 1)],
    ["quotes of both kinds", `${"'\"".repeat(huge)}\n`],
    ["open comments", "/*".repeat(huge)],
    ["comments", `${"/**/".repeat(huge)}struct`],
    ["line comments", `${"//\n".repeat(huge)}struct`],
    ["commas", ",".repeat(huge)],
    ["words", "a ".repeat(huge)],
    ["one word", "a".repeat(huge * 10)],
    ["dots", `const i32 a = ${"a.".repeat(huge)}a`],
    ["digits", `const i32 a = ${"9".repeat(huge * 10)}`],
    ["fractions", `const double a = ${"9".repeat(huge)}.${"9".repeat(huge)}`],
    ["control characters", "\u0000\u0001\u0002".repeat(huge)],
    ["halves of characters", "\ud800 \udc00 ".repeat(huge)],
    ["replacement characters", "\ufffd".repeat(huge)]
  ])("%s", (_, text) => {
    const start = performance.now()
    const [message, count] = refused(text)
    if (count > 0) assert.match(message ?? "", /^\d+:\d+ ./)
    assert.isBelow(message?.length ?? 0, 400)
    assert.isBelow(performance.now() - start, 5000)
  })

  it("every beginning of a file, and every file that lacks one of its characters", () => {
    const text =
      "namespace js a\nconst map<i32, S> c = {1: {'a': [E.A, 2]}}\nenum E { A = 1 (x = 'y') }\n" +
      "/** d */ struct S { 1: required list<E> a = [1], 2: S s (z) }\nexception X { 1: string m }\n" +
      "service T { oneway void f(1: i32 a), i32 g() throws (1: X x) }\n"
    assert.deepStrictEqual(refused(text), [undefined, 0])
    for (let at = 0; at < text.length; at++) {
      Thrifts.findings(text.slice(0, at))
      Thrifts.findings(text.slice(0, at) + text.slice(at + 1))
    }
  })
})
