import { assert, describe, it } from "@effect/vitest"
import * as Protos from "./Protos.ts"

const proto2 = 'syntax = "proto2"; '
const proto3 = 'syntax = "proto3"; '
const edition = 'edition = "2023"; '
const edition2024 = 'edition = "2024"; '

/** What is written, and every error of it: its place, and what it says. */
type Row = readonly [source: Protos.Files | string, ...errors: ReadonlyArray<readonly [place: string, says: RegExp]>]

const check = (rows: ReadonlyArray<Row>): void => {
  for (const [source, ...wanted] of rows) {
    const found = Protos.errors(source)
    const shown = `${JSON.stringify(source)} gave\n${found.join("\n")}`
    assert.strictEqual(found.length, wanted.length, shown)
    for (const [index, [place, says]] of wanted.entries()) {
      assert.isTrue(found[index]!.startsWith(`${place} `), `wanted ${place}: ${shown}`)
      assert.match(found[index]!, says, shown)
    }
  }
}

/** A place on line 1, `at` being the text that begins there. */
const at = (source: string, text: string): string => `1:${source.lastIndexOf(text) + 1}`

/** A row with one error, at the last place where `text` stands. */
const one = (source: string, text: string, says: RegExp): Row => [source, [at(source, text), says]]

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

describe("errors of numbers", () => {
  it("bounds, twice, reserved", () =>
    check([
      one(`${proto3}message M { int32 a = 0; }`, "0;", /1 to 536870911, not 0/),
      one(`${proto3}message M { int32 a = 536870912; }`, "536870912", /not 536870912/),
      one(`${proto3}message M { int32 a = 99999999999999999999; }`, "9".repeat(20), /1 to 536870911/),
      one(`${proto3}message M { int32 a = 19500; }`, "19500", /kept for protobuf itself/),
      one(
        `${proto3}message M { int32 a = 1; int32 b = 1; }`,
        "1; }",
        /`a` has number 1 already; the next free number is 2/
      ),
      one(
        `${proto3}message M { reserved 1 to 3; int32 a = 2; }`,
        "2; }",
        /2 is reserved \(1 to 3\); the next free number is 4/
      ),
      one(`${proto3}message M { reserved "a"; int32 a = 2; }`, "a = 2", /the name `a` is reserved/),
      one(`${proto2}message M { extensions 5 to max; optional int32 a = 7; }`, "7;", /for extensions \(5 to max\)/),
      one(`${proto2}message M { reserved 1 to 5; extensions 4; }`, "4;", /4 overlaps with 1 to 5 of line 1/),
      one(`${proto2}message M { reserved 5 to 1; }`, "5 to 1", /write 1 to 5/),
      one(`${proto2}message M { reserved 0; }`, "0;", /from 1 to 536870911/),
      one(`${proto2}message M { reserved "a", "a"; }`, '"a";', /`a` is reserved already/)
    ]))

  it("of enums", () =>
    check([
      one(`${proto3}enum E { A = 1; }`, "1;", /has to be 0, not 1/),
      one(`${edition}enum E { A = 1; }`, "1;", /has to be 0, not 1/),
      one(`${proto3}enum E { A = 0; B = 0; }`, "0; }", /`A` has number 0 already; .*allow_alias/),
      one(`${proto3}enum E { option allow_alias = true; A = 0; }`, "allow_alias", /leave `allow_alias` out/),
      one(`${proto3}enum E { A = 0; B = 2147483648; }`, "2147483648", /int32/),
      one(`${proto3}enum E { A = 0; reserved 5; B = 5; }`, "5; }", /5 is reserved/),
      one(`${proto3}enum E { A = 0; reserved "B"; B = 5; }`, "B = 5", /name `B` is reserved/),
      one(`${proto3}enum E { A = 0; reserved -1 to 1; }`, "0; r", /0 is reserved/)
    ]))

  it("a closed enum may begin anywhere, values may be negative", () =>
    check([[`${proto2}enum E { A = -1; B = 0x7fffffff; reserved min; }`, ["1:62", /write "min"/]]]))
})

describe("errors of types", () => {
  it("maps", () =>
    check([
      one(`${proto3}message M { map<float, int32> a = 1; }`, "float", /an integer, a bool or a string, not `float`/),
      one(`${proto3}message M { map<bytes, int32> a = 1; }`, "bytes", /not `bytes`/),
      one(`${proto3}message M { map<M, int32> a = 1; }`, "M, ", /not `M`/),
      one(`${proto2}enum E { A = 1; } message M { map<int32, E> a = 1; }`, "E> ", /first value has to be 0/),
      one(
        `${proto2}message M { extensions 1; } extend M { map<int32, int32> a = 1; }`,
        "map<",
        /a map cannot be an extension/
      )
    ]))

  it("closed enums without presence", () =>
    check([
      [
        { "t.proto": `${proto3}import "o.proto"; message M { E e = 1; }`, "o.proto": `${proto2}enum E { A = 0; }` },
        ["1:50", /E is a closed enum, which cannot stand in proto3/]
      ],
      one(
        `${edition}enum E { option features.enum_type = CLOSED; A = 1; } message M { E e = 1 [features.field_presence = IMPLICIT]; }`,
        "E e",
        /implicit presence/
      )
    ]))

  it("JSON names", () =>
    check([
      one(`${proto3}message M { int32 a_b = 1; int32 aB = 2; }`, "aB", /`a_b` and `aB` are both "aB" in JSON/),
      one(`${proto3}message M { int32 a = 1 [json_name = "b"]; int32 b = 2; }`, "b = 2", /both "b" in JSON/),
      one(`${proto2}message M { optional int32 a = 1 [json_name = "[b]"]; }`, '"[b]"', /brackets/),
      one(`${proto3}message M { int32 a = 1 [json_name = 5]; }`, "5]", /in quotes/),
      one(`${proto3}enum E { E_A = 0; A = 1; }`, "A = 1", /same without the enum's name/)
    ]))

  it("JSON names that clash are warnings in proto2", () => {
    const warnings: Array<string> = []
    const source = `${proto2}message M { optional int32 a_b = 1; optional int32 aB = 2; }`
    assert.strictEqual(Protos.compile(source, undefined, warnings)._tag, "Success")
    assert.match(warnings[0]!, /both "aB"/)
  })

  it("defaults", () =>
    check([
      one(`${proto3}message M { int32 a = 1 [default = 1]; }`, "default", /proto3 has no defaults/),
      one(`${proto2}message M { repeated int32 a = 1 [default = 1]; }`, "default", /repeated field has no default/),
      one(`${proto2}message M { optional M a = 1 [default = 1]; }`, "default", /message has no default/),
      one(`${proto2}message M { optional int32 a = 1 [default = 2147483648]; }`, "2147483648", /from -2147483648 to/),
      one(`${proto2}message M { optional uint32 a = 1 [default = -1]; }`, "-1", /from 0 to 4294967295/),
      one(`${proto2}message M { optional int32 a = 1 [default = 1.5]; }`, "1.5", /an integer for int32, found `1.5`/),
      one(`${proto2}message M { optional int32 a = 1 [default = "1"]; }`, '"1"', /found a string/),
      one(`${proto2}message M { optional bool a = 1 [default = 1]; }`, "1]", /`true` or `false`, found `1`/),
      one(`${proto2}message M { optional string a = 1 [default = b]; }`, "b]", /a string in quotes/),
      one(`${proto2}message M { optional string a = 1 [default = "\\xff"]; }`, '"\\xff"', /not UTF-8/),
      one(`${proto2}message M { optional double a = 1 [default = b]; }`, "b]", /`inf` or `nan`/),
      one(`${proto2}enum E { A = 1; } message M { optional E a = 1 [default = B]; }`, "B]", /E has no value `B`/),
      one(`${proto2}enum E { A = 1; } message M { optional E a = 1 [default = 1]; }`, "1]", /name of a value of E/),
      one(`${proto2}message M { optional int32 a = 1 [default = 1, default = 2]; }`, "default = 2", /its second/),
      one(
        `${edition}message M { int32 a = 1 [features.field_presence = IMPLICIT, default = 2]; }`,
        "default",
        /implicit presence/
      )
    ]))

  it("MessageSets", () =>
    check([
      [
        `${proto2}message M { option message_set_wire_format = true; extensions 4 to max; optional int32 a = 1; }`,
        ["1:107", /extensions only/]
      ],
      [
        `${proto2}message M { option message_set_wire_format = true; extensions 4 to max; } extend M { optional int32 a = 4; }`,
        ["1:120", /is a message, and not repeated/]
      ]
    ]))
})

describe("errors of extensions", () => {
  const extended = `${proto2}message M { extensions 5 to 9; } `

  it("ranges, numbers, kinds", () =>
    check([
      one(`${extended}extend M { optional int32 a = 4; }`, "4; }", /no extension range with 4; expected one of 5 to 9/),
      one(`${proto2}message M {} extend M { optional int32 a = 4; }`, "4; }", /it can not be extended/),
      one(
        `${extended}extend M { optional int32 a = 5; optional int32 b = 5; }`,
        "5; }",
        /extension 5 already, `a` in line 1/
      ),
      one(`${extended}extend M { required int32 a = 5; }`, "required", /cannot be required/),
      one(`${extended}extend M { optional int32 a = 5 [json_name = "b"]; }`, "json_name", /has no json_name/),
      one(`${proto3}message M { extensions 4; }`, "4;", /proto3 has no extension ranges/),
      [
        {
          "t.proto": `${proto3}import "o.proto"; extend M { int32 a = 5; }`,
          "o.proto": `${proto2}message M { extensions 5; }`
        },
        ["1:45", /proto3 extends only the messages of options/]
      ]
    ]))

  it("the nearest name counts, also when it is no message", () =>
    check([
      one(
        `${proto2}message N { extensions 1; } message P { enum X { N = 1; } extend N { optional int32 n = 1; } }`,
        "N { optional",
        /`N` is a value/
      )
    ]))
})

describe("errors of options", () => {
  const custom = `${proto2}import "google/protobuf/descriptor.proto"; message R { optional int32 a = 1; repeated R r = 2; oneof o { int32 x = 3; int32 y = 4; } required int32 z = 5; } extend google.protobuf.MessageOptions { optional R rule = 50000; repeated int32 ints = 50001; optional int32 one = 50002; } `

  it("names", () =>
    check([
      one(
        `${proto3}message M { option hello = 1; }`,
        "hello",
        /MessageOptions has no field `hello`; a custom option stands in/
      ),
      one(
        `${proto3}message M { option (hello) = 1; }`,
        "(hello)",
        /nothing declares `hello`; expected an extension of/
      ),
      one(`${proto3}message M { option (M) = 1; }`, "(M)", /`M` is a message; expected an extension/),
      one(
        `${custom}enum E { option (one) = 1; A = 0; }`,
        "(one)",
        /`one` extends google.protobuf.MessageOptions; expected an ext/
      ),
      one(`${custom}message M { option (rule).b = 1; }`, "b = 1", /R has no field `b`/),
      one(`${custom}message M { option (one).b = 1; }`, "(one)", /no message, so it has no fields/),
      one(`${custom}message M { option (rule).r.a = 1; }`, "r.a", /is repeated/),
      one(`${proto3}message M { option map_entry = true; }`, "map_entry", /map<key, value>/),
      one(`${proto3}message M { option uninterpreted_option = {}; }`, "uninterpreted_option", /protoc's own/)
    ]))

  it("values", () =>
    check([
      one(`${proto3}message M { option deprecated = 1; }`, "1;", /`true` or `false`, found `1`/),
      one(`${proto3}message M { option deprecated = true; option deprecated = true; }`, "deprecated", /set twice/),
      one(`${proto3}option optimize_for = FAST;`, "FAST", /OptimizeMode has no value `FAST`/),
      one(`${custom}message M { option (one) = "1"; }`, '"1"', /an integer for int32/),
      one(`${custom}message M { option (one) = { a: 1 }; }`, "{ a", /found a message in braces/),
      one(`${custom}message M { option (rule) = 5; }`, "5; }", /expected a message of type R in braces/),
      one(`${custom}message M { option (rule) = { q: 1 z: 1 }; }`, "q:", /R has no field `q`/),
      one(`${custom}message M { option (rule) = { x: 1 y: 2 z: 1 }; }`, "y:", /of one oneof/),
      one(`${custom}message M { option (rule) = { a: 1 }; }`, "{ a", /R requires `z`/),
      one(`${custom}message M { option (rule) = { a: 1 a: 2 z: 1 }; }`, "a: 2", /set twice/),
      one(`${custom}message M { option (rule) = { [a.com/R] {} z: 1 }; }`, "[a.com", /only a google.protobuf.Any/)
    ]))

  it("places and editions", () =>
    check([
      one(
        `${edition}message M { option features.field_presence = EXPLICIT; }`,
        "features",
        /cannot be set on a message; it is for a file, a field/
      ),
      one(
        `${proto3}option features.field_presence = EXPLICIT;`,
        "features",
        /comes with edition 2023; this file has proto3/
      ),
      one(`${edition}option features.enforce_naming_style = STYLE2024;`, "features", /comes with edition 2024/),
      one(`${edition2024}option java_multiple_files = true;`, "java", /gone since edition 2024/),
      one(`${edition}option features.field_presence = LEGACY_REQUIRED;`, "LEGACY", /say so at each field/),
      one(`${edition}option java_string_check_utf8 = true;`, "java", /editions have no/)
    ]))

  it("of fields", () =>
    check([
      one(`${proto3}message M { int32 a = 1 [packed = true]; }`, "packed", /can be packed/),
      one(`${proto3}message M { repeated string a = 1 [packed = true]; }`, "packed", /can be packed/),
      one(`${edition}message M { repeated int32 a = 1 [packed = true]; }`, "packed", /repeated_field_encoding/),
      one(`${proto3}message M { int32 a = 1 [lazy = true]; }`, "lazy", /can be lazy/),
      one(`${proto3}message M { int32 a = 1 [jstype = JS_STRING]; }`, "jstype", /64-bit/),
      one(`${edition}message M { int32 a = 1 [ctype = CORD]; }`, "ctype", /strings and bytes/),
      one(`${edition2024}message M { string a = 1 [ctype = CORD]; }`, "ctype", /string_type/),
      one(
        `${edition}message M { repeated int32 a = 1 [features.field_presence = EXPLICIT]; }`,
        "EXPLICIT",
        /no presence to set/
      ),
      one(`${edition}message M { oneof o { int32 a = 1 [features.field_presence = EXPLICIT]; } }`, "EXPLICIT", /oneof/),
      one(`${edition}message M { M a = 1 [features.field_presence = IMPLICIT]; }`, "IMPLICIT", /a message cannot/),
      one(
        `${edition}message M { int32 a = 1 [features.repeated_field_encoding = PACKED]; }`,
        "PACKED",
        /only a repeated/
      ),
      one(`${edition}message M { repeated M a = 1 [features.repeated_field_encoding = PACKED]; }`, "PACKED", /numbers/),
      one(`${edition}message M { int32 a = 1 [features.utf8_validation = NONE]; }`, "NONE", /only strings/),
      one(`${edition}message M { int32 a = 1 [features.message_encoding = DELIMITED]; }`, "DELIMITED", /only messages/)
    ]))
})

describe("errors of edition 2024", () => {
  it("visibility", () =>
    check([
      one(`${edition}local message M {}`, "local", /2024 or later/),
      [
        {
          "t.proto": `${edition2024}import "o.proto"; message M { O o = 1; }`,
          "o.proto": `${edition2024}local message O {}`
        },
        ["1:49", /`O` is local to o.proto; export it there/]
      ],
      one(
        `${edition2024}option features.default_symbol_visibility = STRICT; message M { export message N {} }`,
        "export",
        /only what stands at the top is exported/
      )
    ]))

  it("names", () =>
    check([
      one(`${edition2024}message my_message {}`, "my_message", /the name of a message is TitleCase/),
      one(`${edition2024}message M { int32 aB = 1; }`, "aB", /a field is lower_snake_case/),
      one(`${edition2024}enum E { a = 0; }`, "a =", /an enum's value is UPPER_SNAKE_CASE/),
      one(`${edition2024}package A;`, "A;", /a package is lower_snake_case/),
      one(`${edition2024}message M {} service S { rpc a(M) returns (M); }`, "a(M)", /a method is TitleCase/),
      [`${edition2024}message m { option features.enforce_naming_style = STYLE_LEGACY; int32 aB = 1; }`]
    ]))
})

describe("errors of declared errors", () => {
  const head = `${proto3}import "volant/errors.proto"; message M {} enum E { A = 0; } `

  it("what is no message", () =>
    check([
      one(
        `${head}service S { rpc F(M) returns (M) { option (volant.errors) = "N"; } }`,
        '"N"',
        /nothing declares `N`; expected a message/
      ),
      one(
        `${head}service S { rpc F(M) returns (M) { option (volant.errors) = "E"; } }`,
        '"E"',
        /an enum; expected a message/
      ),
      one(
        `${head}service S { rpc F(M) returns (M) { option (volant.errors) = "M"; option (volant.errors) = ".M"; } }`,
        '".M"',
        /twice/
      ),
      one(`${head}message X { option (volant.status) = OK; }`, "OK", /volant.Code has no value `OK`/)
    ]))
})
