import { assert, describe, it } from "@effect/vitest"
import * as Protos from "./Protos.ts"
import { check, edition, edition2024, one, proto2, proto3 } from "./ProtoRows.ts"

describe("errors of tokens", () => {
  it("numbers, strings, comments and what begins nothing", () =>
    check([
      one(`${proto3}message M { int32 a = 0x; }`, "0x;", /hexadecimal/),
      one(`${proto3}message M { int32 a = 09; }`, "09", /octal/),
      one(`${proto2}message M { optional double a = 1 [default = 1e]; }`, "1e]", /exponent/),
      one(`${proto3}message M { int32 a = 1x; }`, "x;", /space between the number and `x`/),
      one(`${proto2}message M { optional double a = 1 [default = 1.2.3]; }`, ".3", /second decimal point/),
      one(`${proto3}option java_package = "a;`, '"a;', /not closed on its line; expected `"`/),
      one(`${proto3}option java_package = "\\q";`, "\\q", /`\\q` is no escape/),
      one(`${proto3}option java_package = "\\U00110000";`, "\\U", /beyond U\+10FFFF/),
      one(`${proto3}/* never`, "/* never", /never closed; expected `\*\/`/),
      one(`${proto3}/* /* */`, "/* */", /do not nest/),
      one(`${proto3}message M { # }`, "# }", /`#` begins nothing/),
      one(`${proto3}message M\u00e4 {}`, "\u00e4", /U\+00E4 begins nothing/)
    ]))

  it("a file that is no text ends in an error, not in thousands", () =>
    assert.isBelow(Protos.errors("\u0000\ufffd\u0001".repeat(5000)).length, 3))
})

describe("errors of syntax", () => {
  it("the first line", () =>
    check([
      one('syntax = "proto4";', '"proto4"', /no syntax "proto4"; expected "proto2" or "proto3"/),
      one('syntax = "2023";', '"2023"', /write `edition = "2023"`/),
      one('edition = "1999";', '"1999"', /expected "2023", "2024" or "2026"/),
      one(`${proto3}${proto3}`, "syntax", /only as the first statement/)
    ]))

  it("statements", () =>
    check([
      [`${proto3}message {}`, ["1:28", /expected the message's name, found `\{`/]],
      one(`${proto3}message M { int32 = 1; }`, "= 1", /expected the field's name, found `=`/),
      one(`${proto3}message M { int32 a; }`, ";", /expected `=` and a number/),
      one(`${proto3}message M { int32 a = -1; }`, "-1", /expected the field's number, found `-`/),
      one(`${proto3}message M { int32 a = 1 }`, "}", /expected `;` after the field/),
      one(`${proto3}message M { int32 a = 1;`, "", /expected `}` to close message `M`, found the end of the file/),
      one(`${proto3}}`, "}", /closes nothing/),
      one(`${proto3}hello;`, "hello", /expected message, enum, service, extend, import, package or option/),
      one(`${proto3}import hello;`, "hello", /path of a file/),
      one(`${proto3}package .a;`, ".a", /the package's name/),
      one(`${proto3}package a; package b;`, "b;", /one package/),
      one(`${proto3}option = 1;`, "= 1", /an option's name/),
      one(`${proto3}option (a) = ;`, ";", /the option's value/),
      one(`${proto3}option a = -b;`, "b;", /a number after `-`/),
      one(`${proto3}message M { option (a) = { b };}`, "};", /`:` and a value/),
      one(`${proto3}message M { map<string> a = 1; }`, "> a", /between the map's key and value/),
      one(`${proto3}message M { oneof a {} }`, "a {}", /at least one field/),
      one(`${proto3}enum E {}`, "E {}", /at least one value/),
      one(`${proto3}enum E { A; }`, ";", /a number after the name of an enum's value/),
      one(`${proto3}message M { reserved; }`, ";", /numbers or names/),
      one(`${proto3}message M { reserved 1 to b; }`, "b;", /last number, or `max`/),
      one(`${proto3}message M { reserved a; }`, "a;", /write "a"/),
      one(`${edition}message M { reserved "a"; }`, '"a"', /has no quotes; write a/),
      one(`${proto3}service S { int32 a = 1; }`, "int32", /`rpc`, `option` or `}`/),
      one(`${proto3}message M {} service S { rpc A(M) (M); }`, "(M);", /`returns`/),
      one(`${proto3}message M {} service S { rpc A(stream) returns (M); }`, ") ret", /name of a message/),
      one(`${proto3}extend a { }`, "a {", /at least one field/),
      one(`${proto3}package ${"a".repeat(600)};`, "a".repeat(600), /511/)
    ]))

  it("every error of a file, and what stands between them still counts", () =>
    check([
      [
        `${proto3}\nmessage A {\n  int32 = 1;\n  B b = 2;\n  C c = 3;\n}\nmessage B { string s 1; }\nenum E { X = 2; }`,
        ["3:9", /the field's name/],
        ["5:3", /nothing declares `C`/],
        ["7:22", /`=` and a number/],
        ["8:14", /has to be 0/]
      ]
    ]))

  it("depth is bounded", () => {
    const deep = `${proto3}${"message M {".repeat(500)}${"}".repeat(500)}`
    assert.match(Protos.errors(deep)[0]!, /nest deeper than 64/)
    const option = `${proto3}option (a) = ${"{ a ".repeat(500)}${"}".repeat(500)};`
    assert.match(Protos.errors(option)[0]!, /nests deeper than 100/)
  })

  it("labels", () =>
    check([
      one(`${proto2}message M { int32 a = 1; }`, "int32", /`optional`, `required` or `repeated`/),
      one(`${proto3}message M { required int32 a = 1; }`, "required", /proto3 has no `required`/),
      one(`${edition}message M { required int32 a = 1; }`, "required", /LEGACY_REQUIRED/),
      one(`${edition}message M { optional int32 a = 1; }`, "optional", /leave it out/),
      one(`${proto2}message M { oneof o { optional int32 a = 1; } }`, "optional", /no label/),
      one(`${proto3}message M { repeated map<int32, int32> a = 1; }`, "repeated", /a map has no label/),
      one(`${proto3}message M { oneof o { map<int32, int32> a = 1; } }`, "map<", /oneof cannot hold a map/)
    ]))

  it("groups", () =>
    check([
      one(`${proto3}message M { optional group G = 1 {} }`, "group", /proto2's; use a message/),
      one(`${edition}message M { group G = 1 {} }`, "group", /DELIMITED/),
      one(`${proto2}message M { optional group g = 1 {} }`, "g =", /capital/)
    ]))
})

describe("errors of names", () => {
  it("unknown", () =>
    check([
      one(
        `${proto3}message M { N n = 1; }`,
        "N n",
        /nothing declares `N`; expected a scalar type, an enum or a message/
      ),
      one(`${proto3}message M { .M.N n = 1; }`, ".M.N", /nothing declares `.M.N`/),
      one(`${proto3}message M {} service S { rpc A(M) returns (N); }`, "N)", /expected a message/),
      [
        `${proto3}enum E { A = 0; } service S { rpc B(E) returns (E); }`,
        ["1:56", /`E` is an enum; expected a message/],
        ["1:68", /`E` is an enum; expected a message/]
      ],
      one(`${proto2}extend N { optional int32 a = 1; }`, "N {", /nothing declares `N`/),
      one(`${proto3}message M { S s = 1; } service S {}`, "S s", /nothing declares `S`/),
      one(
        `${proto3}package a.b; message M { b.N n = 1; } message b {}`,
        "b.N",
        /`b.N` is `a.b.b.N` here, which nothing declares; begin it with a dot/
      ),
      one(`${proto3}message M { map<int32, int32> a = 1; AEntry b = 2; }`, "AEntry", /entries of a map/)
    ]))

  it("declared twice", () =>
    check([
      one(`${proto3}message M {} message M {}`, "M {", /`M` is a message already, in line 1/),
      one(`${proto3}message M { int32 a = 1; int32 a = 2; }`, "a = 2", /`M.a` is a field already/),
      one(`${proto3}enum E { A = 0; } enum F { A = 0; }`, "A = 0; }", /values stand beside the enum/),
      one(`${proto3}message M { int32 a = 1; oneof a { int32 b = 2; } }`, "a {", /a field already/),
      one(`${proto3}service S {} message S {}`, "S {", /`S` is a (service|message) already/),
      one(`${proto3}message M { map<int32, int32> a_b = 1; message ABEntry {} }`, "ABEntry", /map entry already/),
      one(
        `${proto3}package a; message M {} service S { rpc A(M) returns (M); rpc A(M) returns (M); }`,
        "A(M)",
        /method/
      ),
      [
        { "t.proto": `${proto3}import "o.proto"; message M {}`, "o.proto": `${proto3}message M {}` },
        ["1:46", /in line 1 of o.proto/]
      ]
    ]))

  it("files that do not know each other may share names", () => {
    const files = { "a.proto": `${proto3}message M {}`, "b.proto": `${proto3}message M {}` }
    assert.strictEqual(Protos.compile(files, ["a.proto", "b.proto"])._tag, "Success")
  })
})

describe("errors of imports", () => {
  it("missing, twice, in a circle, oddly spelled", () =>
    check([
      [`${proto3}import "no.proto";`, ["1:27", /there is no file `no.proto`; looked below/]],
      [`${proto3}import "../no.proto";`, ["1:27", /no `.`, `..` or empty ones/]],
      [
        { "t.proto": `${proto3}import "o.proto"; import "o.proto";`, "o.proto": proto3 },
        ["1:45", /`o.proto` is imported twice/]
      ],
      [{ "t.proto": `${proto3}import "t.proto";` }, ["1:27", /circle: t.proto -> t.proto/]],
      [
        { "t.proto": `${proto3}import "o.proto";`, "o.proto": `${proto3}import "t.proto";` },
        ["1:27", /circle: t.proto -> o.proto -> t.proto/]
      ]
    ]))

  it("a name of a file that is not imported", () =>
    check([
      [
        {
          "t.proto": `${proto3}import "a.proto"; message M { B b = 1; }`,
          "a.proto": `${proto3}import "b.proto";`,
          "b.proto": `${proto3}message B {}`
        },
        ["1:50", /`B` is declared in b.proto, which this file does not import/]
      ]
    ]))

  it("what is missing excuses the names that may come from it", () =>
    check([[`${proto3}import "no.proto"; message M { a.B b = 1; }`, ["1:27", /no file/]]]))

  it("weak and option imports belong to some editions", () =>
    check([
      [{ "t.proto": `${edition2024}import weak "o.proto";`, "o.proto": proto3 }, ["1:31", /no weak imports/]],
      [{ "t.proto": `${edition}import option "o.proto";`, "o.proto": proto3 }, ["1:33", /2024 or later/]],
      [
        {
          "t.proto": `${edition2024}import option "o.proto"; message M { O o = 1; }`,
          "o.proto": `${proto3}message O {}`
        },
        ["1:56", /not import/]
      ]
    ]))

  it("a file that cannot be read", () => {
    const compiled = Protos.compile({}, ["none.proto"])
    assert.strictEqual(compiled._tag, "Failure")
  })
})
