import { assert, describe, it } from "@effect/vitest"
import * as Diagnostic from "../../src/codegen/Diagnostic.ts"
import * as Source from "../../src/codegen/Source.ts"
import * as Thrifts from "./Thrifts.ts"

/** Errors and warnings as a terminal shows them. */
const shown = (text: string): string => Thrifts.findings(text).map(Diagnostic.render).join("\n")

const of = (text: string, start: number, end: number, severity: Diagnostic.Severity = "error") =>
  Diagnostic.make(Source.make("d/t.thrift", text), { start, end }, severity, "wrong")

describe("render", () => {
  it("place, message, source line and carets below the place", () =>
    assert.strictEqual(
      shown("struct A {\n  1: Nope a\n  1: i32 b = 'x'\n}\nconst i8 c = 300"),
      [
        "t.thrift:2:6: unknown type `Nope`; expected a name that this file declares, or one of an included file with its prefix",
        "    1: Nope a",
        "       ^^^^",
        "t.thrift:3:3: field id 1 is taken by `a` (line 2); expected an id of its own",
        "    1: i32 b = 'x'",
        "    ^",
        "t.thrift:3:14: a string is no value of type `i32`; expected an integer",
        "    1: i32 b = 'x'",
        "               ^^^",
        "t.thrift:5:14: this number does not fit `i8`; expected -128 to 127",
        "  const i8 c = 300",
        "               ^^^"
      ].join("\n")
    ))

  it("warnings say so", () =>
    assert.strictEqual(
      shown("enum E { A = 1, B = 1 }"),
      [
        "t.thrift:1:17: warning: `B` has the value 1, as `A` has (line 1); expected a value of its own",
        "  enum E { A = 1, B = 1 }",
        "                  ^"
      ].join("\n")
    ))

  it("tabs stay tabs, so that the caret stands below", () =>
    assert.strictEqual(Diagnostic.render(of("\t\tab c", 5, 6)), "d/t.thrift:1:6: wrong\n  \t\tab c\n  \t\t   ^"))

  it("line ends of all kinds", () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      const text = `one${end}two${end}`
      assert.strictEqual(
        Diagnostic.render(of(text, 3 + end.length, 6 + end.length)),
        "d/t.thrift:2:1: wrong\n  two\n  ^^^"
      )
    }
  })

  it("a range over several lines is underlined on its first", () =>
    assert.strictEqual(Diagnostic.render(of("ab {\n}", 3, 6)), "d/t.thrift:1:4: wrong\n  ab {\n     ^"))

  it("the end of the text, and an empty line", () => {
    assert.strictEqual(Diagnostic.render(of("ab", 2, 2)), "d/t.thrift:1:3: wrong\n  ab\n    ^")
    assert.strictEqual(Diagnostic.render(of("ab\n", 3, 3)), "d/t.thrift:2:1: wrong")
  })

  it("of a long line the part around the place", () => {
    const text = `${"a".repeat(500)}bad${"c".repeat(500)}`
    const [head, line, carets] = Diagnostic.render(of(text, 500, 503)).split("\n")
    assert.strictEqual(head, "d/t.thrift:1:501: wrong")
    assert.strictEqual(line?.length, 142)
    assert.strictEqual(line?.indexOf("bad"), carets?.indexOf("^^^"))
    assert.strictEqual(carets?.trim(), "^^^")
  })

  it("a file without text has its first place and no line", () =>
    assert.strictEqual(Diagnostic.render(Diagnostic.ofFile("a.thrift", "gone")), "a.thrift:1:1: gone"))
})

describe("sort", () => {
  it("by file, line and column, and as they were made in one place", () => {
    const at = (file: string, line: number, column: number, message: string): Diagnostic.Diagnostic => ({
      severity: "error",
      position: { file, line, column },
      message,
      line: "",
      length: 1
    })
    const sorted = Diagnostic.sort([
      at("b", 1, 1, "5"),
      at("a", 10, 1, "4"),
      at("a", 2, 9, "2"),
      at("a", 2, 9, "3"),
      at("a", 2, 1, "1")
    ])
    assert.deepStrictEqual(
      sorted.map(({ message }) => message),
      ["1", "2", "3", "4", "5"]
    )
  })
})
