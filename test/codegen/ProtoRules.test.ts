import { assert, describe, it } from "@effect/vitest"
import * as Protos from "./Protos.ts"
import { check, edition, edition2024, one, proto2, proto3 } from "./ProtoRows.ts"

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
      one(`${proto2}message M { reserved 0; }`, "0;", /from 1 to 2147483646/),
      one(`${proto2}message M { extensions 536870912; }`, "536870912", /from 1 to 536870911/),
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

  it("declarations of ranges", () => {
    const declared = `${proto2}message M { extensions 5 to 9 [declaration = { number: 5 full_name: ".a" type: "int32" },
      declaration = { number: 6 full_name: ".b" type: ".M" repeated: true }, declaration = { number: 7 reserved: true }]; }`
    check([
      [`${declared} extend M { optional int32 a = 5; repeated M b = 6; }`],
      [`${declared}\nextend M { optional int32 c = 5; }`, ["3:27", /declares extension 5 as .a, not .c/]],
      [`${declared}\nextend M { optional int64 a = 5; }`, ["3:27", /of type int32, not int64/]],
      [`${declared}\nextend M { optional M b = 6; }`, ["3:23", /to be repeated/]],
      [`${declared}\nextend M { optional M c = 7; }`, ["3:23", /reserves extension 7/]],
      [`${declared}\nextend M { optional M c = 8; }`, ["3:23", /has to declare extension 8/]]
    ])
  })

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
      one(`${custom}message M { option (rule) = { r [{ z: 1 }] a [1] z: 1 }; }`, "[1]", /expected `:` after `a`/),
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
