import { assert, describe, it } from "@effect/vitest"
import * as ProtoOptions from "../../src/codegen/ProtoOptions.ts"
import * as Protos from "./Protos.ts"

describe("options", () => {
  const head = `syntax = "proto2"; package p; import "google/protobuf/descriptor.proto"; import "google/protobuf/any.proto";
    message R { optional int32 a = 1; repeated R r = 2; map<string, int32> m = 3; optional google.protobuf.Any any = 4;
      optional group G = 5 { optional string s = 1; } repeated double d = 6; extensions 100; }
    extend R { optional bool e = 100; }
    extend google.protobuf.MessageOptions { optional R rule = 50000; repeated int32 ints = 50001; }
    extend google.protobuf.FieldOptions { optional string note = 50000; }\n`
  const of = (text: string): unknown =>
    Protos.plain(Protos.message(Protos.file(`${head} message M { ${text} }`), "M").options)

  it("standard ones, and custom ones as structures", () => {
    assert.deepStrictEqual(of("option deprecated = true;"), { deprecated: true })
    assert.deepStrictEqual(of("option (ints) = 1; option (.p.ints) = 2; option (p.ints) = 3;"), { ints: [1n, 2n, 3n] })
    assert.deepStrictEqual(of("option (rule).a = 1; option (rule).(e) = true; option (rule).g.s = 'x';"), {
      rule: { a: 1n, e: true, g: { s: "x" } }
    })
    assert.deepStrictEqual(of("option (rule) = { a: 1 }; option (rule).r = { a: 2 }; option (rule).r = {};"), {
      rule: { a: 1n, r: [{ a: 2n }, {}] }
    })
  })

  it("whole messages in text format", () =>
    assert.deepStrictEqual(
      of(`option (rule) = { a: -1, r { a: 1 } r: [{ a: 2 }, < a: 3; >] m { key: "k" value: 1 } m: [{ key: "l" }]
        [p.e]: true, G { s: "a" 'b' } d: [1, -inf, 2.5] any { [type.googleapis.com/p.R] { a: 4 } } };`),
      {
        rule: {
          a: -1n,
          r: [{ a: 1n }, { a: 2n }, { a: 3n }],
          m: [
            ["k", 1n],
            ["l", 0n]
          ],
          e: true,
          g: { s: "ab" },
          d: [1, Number.NEGATIVE_INFINITY, 2.5],
          any: { "type.googleapis.com/p.R": { a: 4n } }
        }
      }
    ))

  it("everywhere", () => {
    const file = Protos.file(
      `${head} option java_package = "x"; message M { optional int32 a = 1 [(note) = "n", deprecated = true];
      oneof o { option features = {}; int32 b = 2; } extensions 4 [verification = UNVERIFIED]; }
      enum E { option deprecated = true; A = 0 [debug_redact = true]; }
      service S { option deprecated = true; rpc F(M) returns (M) { option idempotency_level = IDEMPOTENT; } }`.replace(
        "option features = {};",
        ""
      )
    )
    const message = Protos.message(file, "M")
    assert.deepStrictEqual(Protos.plain(file.options), { java_package: "x" })
    assert.deepStrictEqual(Protos.plain(Protos.field(message, "a").options), { note: "n", deprecated: true })
    assert.deepStrictEqual(Protos.plain(message.extensionRanges[0]!.options), { verification: "UNVERIFIED" })
    assert.deepStrictEqual(Protos.plain(file.enums[0]!.members[0]!.options), { debug_redact: true })
    assert.deepStrictEqual(Protos.plain(file.services[0]!.options), { deprecated: true })
    assert.strictEqual(file.services[0]!.methods[0]!.idempotency, "idempotent")
    const note = ProtoOptions.get(Protos.field(message, "a").options, "p.note")
    assert.deepStrictEqual(note, { kind: "string", value: "n" })
  })
})
