import { assert, describe, it } from "@effect/vitest"
import * as ThriftFrontEnd from "../../src/codegen/ThriftFrontEnd.ts"

const parse = (text: string) => {
  const { diagnostics, document } = ThriftFrontEnd.parse("t.thrift", text)
  assert.deepStrictEqual(diagnostics, [], text)
  return document
}

/** The documentation of the first declaration. */
const doc = (text: string): string | undefined => parse(text).declarations[0]?.doc

/** The documentation of the first struct's fields. */
const fieldDocs = (text: string): ReadonlyArray<string> => {
  const struct = parse(text).declarations[0]
  return struct?.kind === "struct" ? struct.fields.map((field) => field.doc) : []
}

describe("documentation of declarations", () => {
  it("comments of every kind directly before", () => {
    assert.strictEqual(doc("/** a */\nstruct S {}"), "a")
    assert.strictEqual(doc("/* a */ struct S {}"), "a")
    assert.strictEqual(doc("// a\n// b\nstruct S {}"), "a\nb")
    assert.strictEqual(doc("# a\nstruct S {}"), "a")
    assert.strictEqual(doc("/// a\n### b\nstruct S {}"), "a\nb")
    assert.strictEqual(doc("// a\n/* b */\nstruct S {}"), "a\nb")
  })

  it("without stars, common indentation and empty lines around", () => {
    assert.strictEqual(doc("/**\n * a\n *\n *   b\n */\nstruct S {}"), "a\n\n  b")
    assert.strictEqual(doc("/**\n   a\n     b\n */\nstruct S {}"), "a\n  b")
    assert.strictEqual(doc("/****\n * a\n ****/\nstruct S {}"), "a")
    assert.strictEqual(doc("/**\r\n * a\r\n * b\r\n */\r\nstruct S {}"), "a\nb")
    assert.strictEqual(doc("//   a\n//     b\nstruct S {}"), "a\n  b")
    assert.strictEqual(doc("/***/struct S {}"), "")
  })

  it("not the comments of something else", () => {
    assert.strictEqual(doc("// a\n\n// b\nstruct S {}"), "b")
    assert.strictEqual(doc("// a\n\nstruct S {}"), "")
    assert.strictEqual(doc("/** a */\n\nstruct S {}"), "a")
    assert.deepStrictEqual(
      parse("struct A {} // of A?\nstruct B {}").declarations.map((each) => each.doc),
      ["", ""]
    )
  })

  it("constants and typedefs have what follows on their line as well", () => {
    assert.strictEqual(doc("const i32 a = 1 // b"), "b")
    assert.strictEqual(doc("// a\ntypedef i32 t; // b\nstruct S {}"), "a\nb")
  })

  it("of every kind of declaration", () => {
    const text = ["struct A {}", "union A {}", "exception A {}", "enum A {}", "senum A {}", "service A {}"]
    for (const each of [...text, "const i32 a = 1", "typedef i32 a"]) assert.strictEqual(doc(`/** d */ ${each}`), "d")
  })
})

describe("documentation of members", () => {
  it("before and after", () => {
    assert.deepStrictEqual(
      fieldDocs("struct S {\n  // a\n  1: i32 a, // b\n  2: i32 b /* c */\n  /** d */ 3: i32 c; 4: i32 d // e\n}"),
      ["a\nb", "c", "d", "e"]
    )
  })

  it("what stands between two of one line is the next one's", () =>
    assert.deepStrictEqual(fieldDocs("struct S { 1: i32 a, /* b */ 2: i32 b }"), ["", "b"]))

  it("methods, arguments and members of enums", () => {
    const [service, declared] = parse(
      "service S {\n  // f\n  void f(\n    // a\n    1: i32 a\n  ) // after f\n}\nenum E {\n  /** m */\n  M = 1\n}"
    ).declarations
    assert.isTrue(service?.kind === "service" && service.methods[0]?.doc === "f\nafter f")
    assert.isTrue(service?.kind === "service" && service.methods[0]?.arguments[0]?.doc === "a")
    assert.isTrue(declared?.kind === "enum" && declared.members[0]?.doc === "m")
  })
})

describe("documentation of files", () => {
  it("before the first header, or apart from the first declaration", () => {
    assert.strictEqual(parse("/** f */\nnamespace js a\nstruct S {}").doc, "f")
    assert.strictEqual(parse("/** licence */\n/** f */\ninclude 'a'").doc, "f")
    assert.strictEqual(parse("/** f */\n\n/** s */\nstruct S {}").doc, "f")
    assert.strictEqual(parse("/** s */\nstruct S {}").doc, "")
    assert.strictEqual(parse("// no\nnamespace js a").doc, "")
    assert.strictEqual(parse("").doc, "")
  })
})

describe("documents", () => {
  it("without anything in them", () => {
    for (const text of ["", "\ufeff", "// a", "/* a */", "\n\n"]) {
      assert.deepStrictEqual(parse(text).declarations, [])
    }
  })

  it("keep C++ includes and includes as written", () => {
    const document = parse("cpp_include '<a>'\ninclude \"b/c.thrift\" (x = 'y')\ncpp_include \"d.h\"")
    assert.deepStrictEqual(document.cppIncludes, ["<a>", "d.h"])
    assert.deepStrictEqual(
      document.includes.map(({ path, span }) => [path, span]),
      [["b/c.thrift", { start: 18, end: 38 }]]
    )
  })

  it("declarations may have separators after them, or several", () =>
    assert.strictEqual(parse("struct A {}; struct B {},\nconst i32 c = 1;; typedef i32 d,").declarations.length, 4))

  it("any line ends, and none", () => {
    for (const end of ["\n", "\r\n", "\r", " "]) {
      assert.strictEqual(
        parse(["struct A {", "1: i32 a", "2: i32 b", "}", "enum E { X }"].join(end)).declarations.length,
        2
      )
    }
  })

  it("what did not parse is remembered by its words, so that they are not called unknown as well", () => {
    const { diagnostics, document } = ThriftFrontEnd.parse(
      "t.thrift",
      "struct S extends T {\n 1: i32 a\n}\nstruct U {}"
    )
    assert.strictEqual(diagnostics.length, 1)
    assert.isTrue(document.damaged.has("T"))
    assert.isFalse(document.damaged.has("U"))
    assert.deepStrictEqual(
      document.declarations.map(({ name }) => name.text),
      ["U"]
    )
  })
})
