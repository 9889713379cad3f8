import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as FrontEnd from "../../src/codegen/FrontEnd.ts"
import * as ProtoFrontEnd from "../../src/codegen/ProtoFrontEnd.ts"
import type * as ProtoIr from "../../src/codegen/ProtoIr.ts"
import * as ProtoLibrary from "../../src/codegen/ProtoLibrary.ts"
import * as Protos from "./Protos.ts"

const typeName = (type: ProtoIr.Type): string => {
  switch (type.kind) {
    case "scalar":
      return type.name
    case "enum":
      return type.enum.fullName
    case "message":
      return type.message.fullName
    case "list":
      return `[${typeName(type.element)}]`
    case "map":
      return `{${typeName(type.key)}: ${typeName(type.value)}}`
  }
}

/** A field in one line: what distinguishes it. */
const shown = (field: ProtoIr.Field): string =>
  [
    field.id,
    field.name,
    typeName(field.type),
    field.presence,
    ...(field.packed ? ["packed"] : []),
    ...(field.delimited ? ["delimited"] : []),
    ...(field.validateUtf8 ? ["utf8"] : []),
    ...(field.oneof === undefined ? [] : [`of ${field.oneof.name}`])
  ].join(" ")

const fields = (source: Protos.Files | string, name = "M"): ReadonlyArray<string> =>
  Protos.message(Protos.file(source), name).fields.map(shown)

describe("fields", () => {
  it("of proto2", () =>
    assert.deepStrictEqual(
      fields(`syntax = "proto2"; enum E { A = 1; } message M {
        optional int32 a = 1; required string b = 2; repeated int32 c = 3; repeated E d = 4 [packed = true];
        optional M e = 5; optional group F = 6 { optional int32 x = 1; } repeated group G = 7 {} map<int32, M> h = 8;
        oneof o { bytes i = 9; group J = 10 {} } }`),
      [
        "1 a int32 explicit",
        "2 b string required",
        "3 c [int32] implicit",
        "4 d [E] implicit packed",
        "5 e M explicit",
        "6 f M.F explicit delimited",
        "7 g [M.G] implicit delimited",
        "8 h {int32: M} implicit",
        "9 i binary explicit of o",
        "10 j M.J explicit delimited of o"
      ]
    ))

  it("of proto3", () =>
    assert.deepStrictEqual(
      fields(`syntax = "proto3"; enum E { A = 0; } message M {
        int32 a = 1; optional string b = 2; repeated int32 c = 3; repeated E d = 4 [packed = false];
        M e = 5; map<string, M> f = 6; oneof o { string g = 7; } repeated string h = 8; E i = 9; }`),
      [
        "1 a int32 implicit",
        "2 b string explicit utf8",
        "3 c [int32] implicit packed",
        "4 d [E] implicit",
        "5 e M explicit",
        "6 f {string: M} implicit utf8",
        "7 g string explicit utf8 of o",
        "8 h [string] implicit utf8",
        "9 i E implicit"
      ]
    ))

  it("of editions, with features of the file, the message, the oneof and the field", () =>
    assert.deepStrictEqual(
      fields(`edition = "2023"; option features = { message_encoding: DELIMITED }; option features.field_presence = IMPLICIT;
        option features.utf8_validation = NONE;
        message M {
        int32 a = 1; int32 b = 2 [features.field_presence = EXPLICIT]; int32 c = 3 [features.field_presence = LEGACY_REQUIRED];
        repeated int32 d = 4; repeated int32 e = 5 [features.repeated_field_encoding = EXPANDED];
        M f = 6; M g = 7 [features.message_encoding = LENGTH_PREFIXED]; map<int32, M> h = 8;
        string i = 9; string j = 10 [features.utf8_validation = VERIFY]; oneof o { int32 k = 11; } }`),
      [
        "1 a int32 implicit",
        "2 b int32 explicit",
        "3 c int32 required",
        "4 d [int32] implicit packed",
        "5 e [int32] implicit",
        "6 f M explicit delimited",
        "7 g M explicit",
        "8 h {int32: M} implicit",
        "9 i string implicit",
        "10 j string implicit utf8",
        "11 k int32 explicit of o"
      ]
    ))

  it("every scalar", () => {
    const names = "double float int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64 bool string"
    const all = [...names.split(" "), "bytes"]
    const source = all.map((name, index) => `${name} f${index} = ${index + 1};`).join(" ")
    const message = Protos.message(Protos.file(`syntax = "proto3"; message M { ${source} }`), "M")
    assert.deepStrictEqual(
      message.fields.map((field) => typeName(field.type)),
      [...names.split(" "), "binary"]
    )
  })

  it("JSON names, also of extensions", () => {
    const file =
      Protos.file(`syntax = "proto2"; package p; message M { optional int32 foo_bar_2 = 1; optional int32 _x = 2;
      optional int32 y = 3 [json_name = "Z z"]; optional int32 fooBar = 4; extensions 9; } extend M { optional int32 e_f = 9; }`)
    const message = Protos.message(file, "M")
    assert.deepStrictEqual(
      message.fields.map((field) => field.jsonName),
      ["fooBar2", "X", "Z z", "fooBar"]
    )
    assert.strictEqual(file.extensions[0]!.jsonName, "[p.e_f]")
  })

  it("keywords are names", () =>
    assert.deepStrictEqual(
      fields(`syntax = "proto3"; message M { int32 message = 1; int32 optional = 2; int32 syntax = 3; int32 map = 4;
        map<int32, int32> reserved = 5; stream to = 6; } message stream {}`),
      [
        "1 message int32 implicit",
        "2 optional int32 implicit",
        "3 syntax int32 implicit",
        "4 map int32 implicit",
        "5 reserved {int32: int32} implicit",
        "6 to stream explicit"
      ]
    ))
})

describe("names", () => {
  it("nest, and are looked up from the innermost scope", () => {
    const file = Protos.file(
      `syntax = "proto3"; package a.b; message N { message N { N x = 1; .a.b.N y = 2; b.N z = 3; } }`
    )
    const inner = Protos.message(file, "N.N")
    assert.strictEqual(inner.fullName, "a.b.N.N")
    assert.strictEqual(inner.name, "N")
    assert.strictEqual(inner.parent?.fullName, "a.b.N")
    assert.deepStrictEqual(inner.fields.map(shown), [
      "1 x a.b.N.N explicit",
      "2 y a.b.N explicit",
      "3 z a.b.N explicit"
    ])
  })

  it("come through public imports", () =>
    assert.deepStrictEqual(
      fields({
        "t.proto": `syntax = "proto3"; import "a.proto"; message M { c.C c = 1; }`,
        "a.proto": `syntax = "proto3"; import public "b.proto";`,
        "b.proto": `syntax = "proto3"; import public "c.proto";`,
        "c.proto": `syntax = "proto3"; package c; message C {}`
      }),
      ["1 c c.C explicit"]
    ))

  it("a field does not hide a type", () =>
    assert.deepStrictEqual(
      fields(`syntax = "proto3"; message T {} message M { int32 T = 1; T t = 2; }`)[1],
      "2 t T explicit"
    ))
})

describe("enums", () => {
  it("open and closed, aliases, reserved", () => {
    const [a, b] = Protos.file(`edition = "2023"; enum A { X = 0; } enum B { option features.enum_type = CLOSED;
      option allow_alias = true; Y = -5; Z = -5; reserved 4, 10 to max; reserved Q; }`).enums
    assert.isFalse(a!.closed)
    assert.isTrue(b!.closed && b!.allowAlias)
    assert.deepStrictEqual(
      b!.members.map((each) => [each.fullName, each.value]),
      [
        ["Y", -5],
        ["Z", -5]
      ]
    )
    assert.deepStrictEqual(b!.reservedRanges, [
      { start: 4, end: 4 },
      { start: 10, end: 2147483647 }
    ])
    assert.deepStrictEqual(b!.reservedNames, ["Q"])
  })
})

describe("defaults", () => {
  const of = (type: string, value: string): unknown => {
    const source = `syntax = "proto2"; enum E { A = 1; B = 2; } message M { optional ${type} a = 1 [default = ${value}]; }`
    return Protos.plain(Protos.field(Protos.message(Protos.file(source), "M"), "a").default!)
  }

  it("of every kind", () => {
    assert.strictEqual(of("int32", "-0x80000000"), -2147483648n)
    assert.strictEqual(of("uint64", "18446744073709551615"), 18446744073709551615n)
    assert.strictEqual(of("int64", "017"), 15n)
    assert.strictEqual(of("double", "-inf"), Number.NEGATIVE_INFINITY)
    assert.isNaN(of("float", "nan"))
    assert.strictEqual(of("float", "1e3"), 1000)
    assert.strictEqual(of("double", "7"), 7)
    assert.isTrue(Object.is(of("double", "-0"), -0))
    assert.strictEqual(of("bool", "true"), true)
    assert.strictEqual(of("E", "B"), "B")
    assert.strictEqual(of("string", `"a\\n\\x41\\101\\u00e9" 'b"'`), 'a\nAA\u00e9b"')
    assert.strictEqual(of("string", `"\\ud83d\\ude00 \\U0001F600"`), "\u{1F600} \u{1F600}")
    assert.deepStrictEqual(of("bytes", `"\\0\\377\\xfe?\\?"`), Uint8Array.of(0, 255, 254, 63, 63))
  })
})

describe("extensions", () => {
  it("at the top and in messages, of any message", () => {
    const file = Protos.file(`syntax = "proto2"; package p; message M { extensions 5 to 9, 100 to max;
      extend M { optional M inner = 5; } } extend M { repeated int32 outer = 536870911 [packed = true]; optional group G = 6 {} }`)
    const message = Protos.message(file, "M")
    const inner = message.extensions[0]!
    assert.strictEqual(inner.fullName, "p.M.inner")
    assert.strictEqual(inner.extendee, message)
    assert.strictEqual(inner.scope, message)
    assert.deepStrictEqual(
      file.extensions.map((each) => [each.fullName, shown(each), each.scope]),
      [
        ["p.outer", "536870911 outer [int32] implicit packed", undefined],
        ["p.g", "6 g p.G explicit delimited", undefined]
      ]
    )
    assert.deepStrictEqual(
      message.extensionRanges.map(({ end, start }) => [start, end]),
      [
        [5, 9],
        [100, 536870911]
      ]
    )
  })
})

describe("services", () => {
  it("streams, idempotency and declared errors", () => {
    const file = Protos.file(`syntax = "proto3"; package p; import "volant/errors.proto";
      message M {} message NotFound { option (volant.status) = NOT_FOUND; } message Odd {}
      service S {
        // One.
        rpc A(M) returns (stream M) { option (volant.errors) = "NotFound"; option (volant.errors) = ".p.Odd"; }
        rpc B(stream M) returns (stream .p.M); rpc C(stream M) returns (M) { option idempotency_level = NO_SIDE_EFFECTS; } }`)
    const [a, b, c] = file.services[0]!.methods
    assert.strictEqual(a!.fullName, "p.S.A")
    assert.strictEqual(a!.doc, "One.")
    assert.deepStrictEqual(
      [a!, b!, c!].map((each) => [each.clientStreaming, each.serverStreaming, each.idempotency]),
      [
        [false, true, "unknown"],
        [true, true, "unknown"],
        [true, false, "noSideEffects"]
      ]
    )
    assert.deepStrictEqual(
      a!.errors.map(({ message, status }) => [message.fullName, status]),
      [
        ["p.NotFound", 5],
        ["p.Odd", 2]
      ]
    )
  })
})

describe("files", () => {
  it("comments become documentation", () => {
    const file =
      Protos.file(`/** Of the file. */\n\nsyntax = "proto3";\n\n// far\n\n// Of M,\n//   indented.\nmessage M {
      int32 a = 1; // behind\n  /* before */ int32 b = 2;\n  int32 c = 3;\n}\n/** Of E. */\nenum E {\n  A = 0; // zero\n}\n`)
    const message = Protos.message(file, "M")
    assert.strictEqual(file.doc, "Of the file.")
    assert.strictEqual(message.doc, "Of M,\n  indented.")
    assert.deepStrictEqual(
      message.fields.map((field) => field.doc),
      ["behind", "before", ""]
    )
    assert.strictEqual(file.enums[0]!.doc, "Of E.")
    assert.strictEqual(file.enums[0]!.members[0]!.doc, "zero")
  })

  it("everything has its position", () => {
    const file = Protos.file('syntax = "proto3";\nmessage M {\n  int32 abc = 1;\n}\n')
    const message = Protos.message(file, "M")
    assert.deepStrictEqual(message.position, { file: "t.proto", line: 2, column: 9 })
    assert.deepStrictEqual(Protos.field(message, "abc").position, { file: "t.proto", line: 3, column: 9 })
  })

  it("stand after what they import; their paths are those of import lines", () => {
    const files = {
      "protos/acme/shop/order.proto": 'syntax = "proto3"; import "acme/money.proto"; message O { acme.M m = 1; }',
      "protos/acme/money.proto":
        'syntax = "proto3"; package acme; import "google/protobuf/timestamp.proto"; message M {}'
    }
    const paths = (includeRoots: ReadonlyArray<string>) => {
      const options = { read: (path: string) => (files as Record<string, string>)[path], includeRoots }
      const compiled = ProtoFrontEnd.compile(["protos/acme/shop/order.proto"], options)
      return Result.isSuccess(compiled) ? compiled.success.files.map((each) => [each.path, each.builtIn]) : []
    }
    const expected = [
      ["google/protobuf/timestamp.proto", true],
      ["acme/money.proto", false],
      ["acme/shop/order.proto", false]
    ]
    assert.deepStrictEqual(paths(["protos"]), expected)
    // Without a root the folder from which the import is found is one.
    assert.deepStrictEqual(paths([]), expected)
  })

  it("that are imported in vain are warned of, where they were asked for", () => {
    const files = {
      "t.proto": `syntax = "proto3";\nimport "a.proto";\nimport "b.proto";\nimport "c.proto";\nmessage M { A a = 1; D d = 2; }`,
      "a.proto": 'syntax = "proto3"; import "b.proto"; message A {}',
      "b.proto": 'syntax = "proto3"; message B {}',
      "c.proto": 'syntax = "proto3"; import public "d.proto";',
      "d.proto": 'syntax = "proto3"; message D {}'
    }
    const warnings: Array<string> = []
    Protos.compile(files, ["t.proto"], warnings)
    assert.deepStrictEqual(warnings, ["3:8 nothing of `b.proto` is used; leave the import out"])
  })

  it("without a syntax is proto2; editions are known", () => {
    assert.strictEqual(Protos.file("message M {}").edition, "proto2")
    assert.strictEqual(Protos.file('edition = "2026"; message M {}').edition, "2026")
  })

  it("that come with the compiler compile", () => {
    const compiled = ProtoFrontEnd.compile([...ProtoLibrary.paths], { read: () => undefined })
    assert.deepStrictEqual(Result.isFailure(compiled) ? compiled.failure : [], [])
  })

  it("among the include roots go before those of the compiler", () => {
    const own = 'syntax = "proto3"; package google.protobuf; message Empty { int32 own = 1; }'
    const files: Record<string, string> = {
      "t.proto": 'syntax = "proto3"; import "google/protobuf/empty.proto";',
      "root/google/protobuf/empty.proto": own
    }
    const compiled = ProtoFrontEnd.compile(["t.proto"], { read: (path) => files[path], includeRoots: ["root"] })
    const [empty] = Result.isSuccess(compiled) ? compiled.success.files : []
    assert.deepStrictEqual([empty?.path, empty?.builtIn], ["google/protobuf/empty.proto", false])
    assert.lengthOf(empty?.messages[0]?.fields ?? [], 1)
  })
})

describe("FrontEnd", () => {
  const files: Record<string, string> = {
    "a.thrift": "struct A {}",
    "b.proto": 'syntax = "proto3"; message B {}',
    "bad.thrift": "struct {",
    "bad.proto": "message {"
  }
  const compile = (...paths: ReadonlyArray<string>) => FrontEnd.compile(paths, { read: (path) => files[path] })

  it("chooses by the ending", () => {
    const compiled = compile("b.proto", "a.thrift")
    if (Result.isFailure(compiled)) return assert.fail("both are right")
    assert.deepStrictEqual(
      compiled.success.files.map((each) => [each.language, each.path]),
      [
        ["thrift", "a.thrift"],
        ["proto", "b.proto"]
      ]
    )
    assert.lengthOf(FrontEnd.thriftFiles(compiled.success), 1)
    assert.lengthOf(FrontEnd.protoFiles(compiled.success), 1)
  })

  it("gives the errors of both", () => {
    const compiled = compile("bad.proto", "bad.thrift")
    const places = Result.isFailure(compiled) ? compiled.failure.map((each) => each.position.file) : []
    assert.deepStrictEqual([...new Set(places)], ["bad.thrift", "bad.proto"])
  })
})
