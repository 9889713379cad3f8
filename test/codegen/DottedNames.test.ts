import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as ThriftFrontEnd from "../../src/codegen/ThriftFrontEnd.ts"

const compile = (text: string) =>
  ThriftFrontEnd.compile(["a.thrift"], { read: (path) => (path === "a.thrift" ? text : undefined) })

/** A dot leads into an included file, so nothing can be declared with one: Apache's compiler refuses it too. */
describe("a name with a dot", () => {
  it.each([
    ["struct A { 1: i32 x.y }", 19, "x.y"],
    ["struct A.b {}", 8, "A.b"],
    ["enum E { A.b = 1 }", 10, "A.b"],
    ["const i32 c.d = 1", 11, "c.d"],
    ["typedef i32 t.u", 13, "t.u"],
    ["service S { void f.g() }", 18, "f.g"],
    ["service S { void f(1: i32 a.b) }", 27, "a.b"]
  ])("is refused where it is declared: %s", (text, column, name) => {
    const program = compile(text)
    assert.isTrue(Result.isFailure(program))
    if (!Result.isFailure(program)) return
    const [first] = program.failure
    assert.strictEqual(first?.position.column, column)
    assert.include(first?.message, `\`${name}\``)
    assert.include(first?.message, "dot")
  })

  it("is right where it refers to something", () => {
    const text = "namespace js a.b\nservice B {}\nservice S extends B { void f() (cpp.x = 'y') }"
    assert.isTrue(Result.isSuccess(compile(text)))
  })
})
