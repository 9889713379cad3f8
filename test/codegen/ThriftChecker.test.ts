import { assert, describe, it } from "@effect/vitest"
import * as Thrifts from "./Thrifts.ts"

const { annotationsText, constant, fieldsOf, typeText } = Thrifts

describe("headers", () => {
  it("namespaces, of all spellings", () => {
    const file = Thrifts.file(
      [
        "namespace js a.b",
        "namespace * c ;",
        "namespace smalltalk.category d",
        "namespace py.twisted e (uri = 'x'),",
        "namespace go 'f/g'",
        "cpp_namespace h",
        "php_namespace 'i'",
        "py_module j",
        "xsd_namespace 'http://k'"
      ].join("\n")
    )
    assert.deepStrictEqual(
      file.namespaces.map(({ name, scope }) => `${scope} ${name}`),
      ["js a.b", "* c", "smalltalk.category d", "py.twisted e", "go f/g", "cpp h", "php i", "py j", "xsd http://k"]
    )
  })

  it("includes, C++ includes, and the names that come from them", () => {
    const file = Thrifts.file({
      "t.thrift":
        "cpp_include '<vector>'\ninclude 'd/a.thrift'\ninclude \"a.b.thrift\"\nstruct S { 1: a.A a, 2: a.b.B b }",
      "d/a.thrift": "struct A {}",
      "a.b.thrift": "struct B {}"
    })
    assert.deepStrictEqual(
      file.includes.map(({ path }) => path),
      ["d/a.thrift", "a.b.thrift"]
    )
    assert.deepStrictEqual(fieldsOf(file, "S"), ["1: A a", "2: B b"])
  })

  it("headers may follow declarations", () => {
    const file = Thrifts.file({ "t.thrift": "struct S { 1: a.A a }\ninclude 'a.thrift'", "a.thrift": "struct A {}" })
    assert.deepStrictEqual(fieldsOf(file, "S"), ["1: A a"])
  })
})

describe("types", () => {
  it("every scalar, and the old names", () => {
    const types = "bool byte i8 i16 i32 i64 double string binary uuid slist".split(" ")
    const fields = types.map((type, index) => `${index + 1}: ${type} f${index + 1}`)
    assert.deepStrictEqual(
      Thrifts.file(`struct S { ${fields.join(", ")} }`).messages[0]!.fields.map(({ type }) => typeText(type)),
      ["bool", "i8", "i8", "i16", "i32", "i64", "double", "string", "binary", "uuid", "string"]
    )
  })

  it("containers, in one another, and with C++ types of their own", () => {
    const file = Thrifts.file(
      "struct S {\n 1: list<map<string, set<i32>>> a\n 2: map cpp_type 'M' <i32, i64> b\n 3: set<i32> cpp_type 'Z' c\n 4: list<i32 (x = '1')> (y) d\n}"
    )
    const [a, b, c, d] = file.messages[0]!.fields.map(({ type }) => type)
    assert.strictEqual(typeText(a!), "list<map<string,set<i32>>>")
    assert.isTrue(b?.kind === "map" && annotationsText(b.annotations) === "cpp.type=M")
    assert.isTrue(c?.kind === "set" && annotationsText(c.annotations) === "cpp.type=Z")
    assert.isTrue(d?.kind === "list" && annotationsText(d.annotations) === "y=1")
    assert.isTrue(d?.kind === "list" && d.element.kind === "scalar" && annotationsText(d.element.annotations) === "x=1")
  })

  it("typedefs, used before they are declared and of one another", () => {
    const file = Thrifts.file("struct S { 1: B b }\ntypedef list<A> B\ntypedef i64 (js.type = 'number') A (z = 'q')")
    assert.deepStrictEqual(fieldsOf(file, "S"), ["1: B b"])
    assert.deepStrictEqual(
      file.aliases.map(({ annotations, name, type }) => `${name} ${typeText(type)} ${annotationsText(annotations)}`),
      ["B list<A> ", "A i64 z=q"]
    )
  })

  it("a senum is a string that tells its values", () => {
    const [alias] = Thrifts.file("/** Sizes. */ senum Size { \"small\", 'big' \"huge\"; } (a = 'b')").aliases
    assert.strictEqual(alias?.name, "Size")
    assert.strictEqual(typeText(alias!.type), "string")
    assert.strictEqual(alias?.doc, 'Sizes.\nOne of "small", "big", "huge".')
    assert.strictEqual(annotationsText(alias!.annotations), "a=b")
  })

  it("names of the later Thrift may be a file's own types", () => {
    const file = Thrifts.file("struct i8 {} struct uuid {} struct slist {} struct S { 1: i8 a, 2: uuid b, 3: slist c }")
    const kinds = file.messages.at(-1)!.fields.map(({ type }) => type.kind)
    assert.deepStrictEqual(kinds, ["message", "message", "message"])
  })
})

describe("enums", () => {
  const numbers = (text: string) => Thrifts.file(text).enums[0]!.members.map(({ name, value }) => `${name} ${value}`)

  it("numbers that are given, counted on from, hexadecimal, negative", () =>
    assert.deepStrictEqual(
      numbers("enum E { A, B = 5, C D; E = 0x10, F = -2, G = 2147483647, H = -2147483648 I = +7 }"),
      ["A 0", "B 5", "C 6", "D 7", "E 16", "F -2", "G 2147483647", "H -2147483648", "I 7"]
    ))

  it("annotations and comments of a member", () => {
    const declared = Thrifts.file("enum E {\n  // one\n  A = 1 (x, y = 'z'), // after\n  B\n} (q = 'r')").enums[0]!
    assert.strictEqual(annotationsText(declared.members[0]!.annotations), "x=1 y=z")
    assert.strictEqual(declared.members[0]!.doc, "one\nafter")
    assert.strictEqual(declared.members[1]!.doc, "")
    assert.strictEqual(annotationsText(declared.annotations), "q=r")
  })
})

describe("fields", () => {
  it("ids, requiredness, defaults and separators, or none of them", () => {
    const file = Thrifts.file(
      "struct S {\n 1: i32 a\n 3: required string b = 'x';\n 2: optional bool c = true,\n 0x10: double d = 1\n 32767: list<i32> e = [1 2, 3;]\n}"
    )
    assert.deepStrictEqual(fieldsOf(file, "S"), [
      "1: i32 a",
      '3: required string b = "x"',
      "2: optional bool c = true",
      "16: double d = 1",
      "32767: list<i32> e = [1,2,3]"
    ])
  })

  it("without an id they count down from -1, past ids that are given", () => {
    const file = Thrifts.file("struct S { i32 a, i32 b, 1: i32 c, -5: i32 d, i32 e }")
    assert.deepStrictEqual(fieldsOf(file, "S"), ["-1: i32 a", "-2: i32 b", "1: i32 c", "-5: i32 d", "-6: i32 e"])
  })

  it("a union's are optional", () =>
    assert.deepStrictEqual(fieldsOf(Thrifts.file("union U { 1: i32 a, 2: optional string b }"), "U"), [
      "1: optional i32 a",
      "2: optional string b"
    ]))

  it("references and XML schema marks are read", () => {
    const file = Thrifts.file(
      "struct S xsd_all {\n 1: optional S & s\n 2: i32 a xsd_optional xsd_nillable xsd_attrs { 1: string b } (c = 'd')\n 3: i32 e = 1 xsd_optional\n}"
    )
    assert.deepStrictEqual(fieldsOf(file, "S"), ["1: optional S s", "2: i32 a", "3: i32 e = 1"])
  })

  it("structs may hold themselves and one another", () => {
    const file = Thrifts.file("struct A { 1: list<B> b, 2: optional A a }\nstruct B { 1: A a }")
    assert.deepStrictEqual(fieldsOf(file, "A"), ["1: list<B> b", "2: optional A a"])
  })

  it("words of the grammar are names where it has no use for them", () => {
    const words =
      "struct union exception enum service const typedef namespace include throws extends oneway async".split(" ")
    const more = "required optional list set map senum xsd_all void string true reference".split(" ")
    const fields = [...words, ...more].map((word, index) => `${index + 1}: i32 ${word}`)
    const file = Thrifts.file(`struct S {\n  ${fields.join("\n  ")}\n}`)
    assert.deepStrictEqual(fieldsOf(file, "S"), fields)
    const members = Thrifts.file("enum E { struct, required, list, i32 }").enums[0]!.members
    assert.deepStrictEqual(
      members.map(({ name }) => name),
      ["struct", "required", "list", "i32"]
    )
  })
})

describe("constants", () => {
  const values = (type: string, ...texts: ReadonlyArray<string>): ReadonlyArray<unknown> => {
    const file = Thrifts.file(texts.map((text, index) => `const ${type} c${index} = ${text}`).join("\n"))
    return texts.map((_, index) => constant(file, `c${index}`))
  }

  it("scalars", () => {
    assert.deepStrictEqual(values("bool", "true", "false", "1", "0"), [true, false, true, false])
    assert.deepStrictEqual(values("i8", "-128", "127", "+5", "0x7F", "-0x10"), [-128n, 127n, 5n, 127n, -16n])
    assert.deepStrictEqual(values("i64", "-9223372036854775808", "9223372036854775807"), [-(2n ** 63n), 2n ** 63n - 1n])
    assert.deepStrictEqual(values("i32", "007", "-2147483648", "0XfF"), [7n, -2147483648n, 255n])
    assert.deepStrictEqual(
      values("double", "1", "-1.5", "1e3", "1E-2", "2.5e+1", ".5", "5.", "-.5e1", "1.7976931348623157e308"),
      [1, -1.5, 1000, 0.01, 25, 0.5, 5, -5, Number.MAX_VALUE]
    )
    assert.deepStrictEqual(values("binary", "'aé'", "''"), [[0x61, 0xc3, 0xa9], []])
    const uuid = "00112233-4455-6677-8899-aabbccddeeff"
    assert.deepStrictEqual(values("uuid", `'${uuid}'`, `'{${uuid.toUpperCase()}}'`, `'${uuid.replaceAll("-", "")}'`), [
      uuid,
      uuid,
      uuid
    ])
  })

  it("strings and their escapes", () =>
    assert.deepStrictEqual(
      values(
        "string",
        "'a'",
        '"b\'c"',
        "'d\"e'",
        String.raw`'\n\r\t\\\'\"\0'`,
        String.raw`"\x41\u00e9\u{1F600}"`,
        String.raw`'\q'`,
        "'two\nlines'"
      ),
      ["a", "b'c", 'd"e', "\n\r\t\\'\"\0", "A\u00e9\u{1F600}", String.raw`\q`, "two\nlines"]
    ))

  it("containers, and empty ones in either bracket", () => {
    assert.deepStrictEqual(values("list<i32>", "[]", "[1, 2; 3 4]", "{}"), [[], [1n, 2n, 3n, 4n], []])
    assert.deepStrictEqual(values("set<string>", "['a', 'b',]"), [["a", "b"]])
    assert.deepStrictEqual(values("map<string, list<i32>>", "{'a': [1], 'b': []}", "{}", "[]"), [
      [
        ["a", [1n]],
        ["b", []]
      ],
      [],
      []
    ])
  })

  it("structs, unions and exceptions as maps of their fields", () => {
    const file = Thrifts.file(
      "struct S { 1: i32 a, 2: optional U u, 3: S s }\nunion U { 1: string x, 2: i32 y }\nexception X { 1: string message }\n" +
        "const S s = {'u': {'y': 5}, 'a': 1, 's': {}}\nconst X x = {'message': 'm'}"
    )
    assert.deepStrictEqual(constant(file, "s"), { u: { y: 5n }, a: 1n, s: {} })
    assert.deepStrictEqual(constant(file, "x"), { message: "m" })
  })

  it("enums: by full name, bare, by number, through typedefs, and as integers", () => {
    const file = Thrifts.file(
      "enum E { A = 1, B = 2 }\ntypedef E F\nconst E a = E.A\nconst E b = B\nconst E c = 2\nconst F d = F.A\nconst F e = E.B\nconst i64 f = E.B\n" +
        "const map<E, F> g = {E.A: B}"
    )
    assert.deepStrictEqual(
      "a b c d e f".split(" ").map((name) => constant(file, name)),
      ["E.A", "E.B", "E.B", "E.A", "E.B", 2n]
    )
    assert.deepStrictEqual(constant(file, "g"), [["E.A", "E.B"]])
  })

  it("other constants, before and after, by name where the type is the same and by value where not", () => {
    const file = Thrifts.file(
      "const i32 a = b\nconst i32 b = 5\nconst i64 c = b\ntypedef i32 T\nconst T d = b\nconst list<i32> e = [a, 1, b]\nstruct S { 1: i32 x = b }"
    )
    assert.deepStrictEqual(
      "a c d".split(" ").map((name) => constant(file, name)),
      ["=b", 5n, "=b"]
    )
    assert.deepStrictEqual(constant(file, "e"), ["=a", 1n, "=b"])
    assert.deepStrictEqual(fieldsOf(file, "S"), ['1: i32 x = "=b"'])
  })

  it("of other files", () => {
    const file = Thrifts.file({
      "t.thrift":
        "include 'x.thrift'\nconst i32 a = x.n\nconst x.E b = x.E.A\nconst x.S c = {'e': x.E.A, 'n': x.n}\nstruct T { 1: x.E e = x.E.A, 2: x.S s = x.s }",
      "x.thrift": "enum E { Z, A }\nconst i32 n = 7\nstruct S { 1: E e, 2: i32 n }\nconst S s = {'n': 1}"
    })
    assert.strictEqual(constant(file, "a"), "=n")
    assert.strictEqual(constant(file, "b"), "E.A")
    assert.deepStrictEqual(constant(file, "c"), { e: "E.A", n: "=n" })
    assert.deepStrictEqual(fieldsOf(file, "T"), ['1: E e = "E.A"', '2: S s = "=s"'])
  })
})

describe("services", () => {
  it("methods of all kinds", () => {
    const file = Thrifts.file(
      "exception X {} exception Y {}\nservice S {\n" +
        "  void a(),\n  i32 b(1: i32 x, 2: optional string y = 'z');\n  oneway void c(1: i32 x)\n  async void d()\n" +
        "  list<i32> e() throws (1: X x, 2: Y y) (idempotent)\n  string (q = '1') f(i32 x)\n}"
    )
    const methods = file.services[0]!.methods.map(({ arguments: args, name, oneway, returns, throws }) =>
      [
        oneway ? "oneway" : "",
        returns === undefined ? "void" : typeText(returns),
        `${name}(${args.map(Thrifts.fieldText).join(", ")})`,
        throws.map(Thrifts.fieldText).join(", ")
      ]
        .join(" ")
        .trim()
    )
    assert.deepStrictEqual(methods, [
      "void a()",
      'i32 b(1: i32 x, 2: optional string y = "z")',
      "oneway void c(1: i32 x)",
      "oneway void d()",
      "list<i32> e() 1: X x, 2: Y y",
      "string f(-1: i32 x)"
    ])
    assert.strictEqual(annotationsText(file.services[0]!.methods[4]!.annotations), "idempotent=1")
  })

  it("what extends what, before it is declared and across files", () => {
    const file = Thrifts.file({
      "t.thrift": "include 'x.thrift'\nservice A extends B {}\nservice B extends x.C { void b() }",
      "x.thrift": "service C { void c() }"
    })
    const [a, b] = file.services
    assert.strictEqual(a?.extends, b)
    assert.strictEqual(b?.extends?.name, "C")
    assert.strictEqual(b?.extends?.file.path, "x.thrift")
  })

  it("`oneway` and `async` may be names", () => {
    const file = Thrifts.file("struct async {} service S { async f(), void oneway(), void async() throws () }")
    const methods = file.services[0]!.methods
    assert.deepStrictEqual(
      methods.map(({ name, oneway }) => [name, oneway]),
      [
        ["f", false],
        ["oneway", false],
        ["async", false]
      ]
    )
  })

  it("what can be thrown may be a typedef of an exception; a string that other tools let pass is left out", () => {
    const file = Thrifts.file("exception X {} typedef X Y service S { void f() throws (1: Y y, 2: string s) }")
    assert.deepStrictEqual(file.services[0]!.methods[0]!.throws.map(Thrifts.fieldText), ["1: Y y"])
  })
})

describe("annotations", () => {
  it("everywhere, with and without a value, with dots, numbers and every separator", () => {
    const file = Thrifts.file(
      "const i32 c = 1 (a)\nstruct S { 1: i32 (b = 'x') f (c.d = 'y', e; g = 5) } (h)\nexception X {} (i = '')\nunion U {} (j)\n" +
        "enum E { M (k) } (l)\ntypedef i32 T (m)\nservice V { void f(1: i32 a (n)) throws () (o) } (p) (q = 'r')"
    )
    assert.strictEqual(annotationsText(file.constants[0]!.annotations), "a=1")
    const [s, x, u] = file.messages
    const field = s!.fields[0]!
    assert.isTrue(field.type.kind === "scalar" && annotationsText(field.type.annotations) === "b=x")
    assert.strictEqual(annotationsText(field.annotations), "c.d=y e=1 g=5")
    assert.deepStrictEqual(
      [s, x, u].map((each) => annotationsText(each!.annotations)),
      ["h=1", "i=", "j=1"]
    )
    assert.strictEqual(annotationsText(file.enums[0]!.members[0]!.annotations), "k=1")
    assert.strictEqual(annotationsText(file.enums[0]!.annotations), "l=1")
    assert.strictEqual(annotationsText(file.aliases[0]!.annotations), "m=1")
    const [service] = file.services
    assert.strictEqual(annotationsText(service!.methods[0]!.arguments[0]!.annotations), "n=1")
    assert.strictEqual(annotationsText(service!.methods[0]!.annotations), "o=1")
    assert.strictEqual(annotationsText(service!.annotations), "p=1 q=r")
  })
})

describe("places", () => {
  it("every declaration knows where its name stands", () => {
    const file = Thrifts.file(
      "struct S {\n  1: i32 a\n}\n\tservice V { void f(1: i32 b) }\r\nenum E { M }\rconst i32 c = 1"
    )
    const place = ({ position }: { readonly position: { readonly line: number; readonly column: number } }) =>
      `${position.line}:${position.column}`
    assert.strictEqual(place(file.messages[0]!), "1:8")
    assert.strictEqual(place(file.messages[0]!.fields[0]!), "2:10")
    assert.strictEqual(place(file.services[0]!), "4:10")
    assert.strictEqual(place(file.services[0]!.methods[0]!), "4:19")
    assert.strictEqual(place(file.services[0]!.methods[0]!.arguments[0]!), "4:28")
    assert.strictEqual(place(file.enums[0]!.members[0]!), "5:10")
    assert.strictEqual(place(file.constants[0]!), "6:11")
  })
})
