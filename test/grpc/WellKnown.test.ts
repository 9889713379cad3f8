import { assert, describe, it } from "@effect/vitest"
import * as Json from "../../src/grpc/ProtobufJson.ts"
import { limits } from "../../src/grpc/ProtobufRead.ts"
import * as Registry from "../../src/grpc/ProtobufRegistry.ts"
import type * as Type from "../../src/grpc/ProtobufType.ts"
import * as WellKnown from "../../src/grpc/WellKnown.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"
import * as golden3 from "../golden/gen/golden3.ts"

const { Any, Duration, Timestamp } = WellKnown

const again = <A>(message: Type.Message<A>, value: A): A => {
  const writer = new Writer()
  message.codec.encode(writer, value)
  return message.codec.decode(new Reader(writer.toBytes(), limits))
}

describe("Timestamp", () => {
  it("keeps nanoseconds", () => {
    const time = { seconds: 1_763_689_636n, nanos: 123_456_789 }
    assert.deepStrictEqual(again<WellKnown.Timestamp>(Timestamp, time), time)
    assert.strictEqual(Json.toJson(Timestamp, time), "2025-11-21T01:47:16.123456789Z")
    assert.deepStrictEqual(Json.fromJson(Timestamp, "2025-11-21T02:47:16.123456789+01:00"), time)
  })

  it("is a date to the millisecond", () => {
    const date = new Date(-1)
    assert.deepStrictEqual(Timestamp.fromDate(date), { seconds: -1n, nanos: 999_000_000 })
    assert.deepStrictEqual(Timestamp.toDate(Timestamp.fromDate(date)), date)
    assert.strictEqual(Timestamp.toMillis({ seconds: 1n, nanos: 500_000 }), 1000.5)
  })

  it.each([
    "",
    "2025-02-29T00:00:00Z",
    "2025-01-01T24:00:00Z",
    "2025-01-01 00:00:00Z",
    "2025-01-01T00:00:00",
    "0000-01-01T00:00:00Z"
  ])("%s is none", (text) => {
    assert.throws(() => Json.fromJson(Timestamp, text), /google\.protobuf\.Timestamp/)
  })

  it("beyond the year 9999 has no JSON", () => {
    assert.throws(() => Json.toJson(Timestamp, { seconds: 253_402_300_800n, nanos: 0 }), /years 1 to 9999/)
  })
})

describe("Duration", () => {
  it.each([
    [0n, 0, "0s"],
    [1n, 500_000_000, "1.500s"],
    [-1n, -1, "-1.000000001s"],
    [0n, -500_000, "-0.000500s"],
    [315_576_000_000n, 0, "315576000000s"]
  ])("%d s and %d ns are %s", (seconds, nanos, text) => {
    assert.strictEqual(Json.toJson(Duration, { seconds, nanos }), text)
    assert.deepStrictEqual(Json.fromJson(Duration, text), { seconds, nanos })
    assert.deepStrictEqual(Duration.fromNanos(Duration.toNanos({ seconds, nanos })), { seconds, nanos })
  })

  it.each(["1", "1.s", "s", "1.0000000001s", "315576000001s"])("%s is none", (text) => {
    assert.throws(() => Json.fromJson(Duration, text), /google\.protobuf\.Duration/)
  })
})

describe("Any", () => {
  const registry = Registry.make(golden3)
  const value = golden3.One.make({ pick: { _tag: "s", value: "text" } })

  it("holds a message of any type", () => {
    const any = Any.pack(golden3.One, value)
    assert.strictEqual(any.typeUrl, "type.googleapis.com/golden.v3.One")
    assert.isTrue(Any.is(any, golden3.One))
    assert.deepStrictEqual(Any.unpack(any, golden3.One), value)
    assert.isUndefined(Any.unpack(any, golden3.All))
  })

  it("shows what it holds in JSON, by the registry", () => {
    const any = Any.pack(golden3.One, value)
    const json = { "@type": "type.googleapis.com/golden.v3.One", s: "text" }
    assert.deepStrictEqual(Json.toJson(Any, any, { registry }), json)
    assert.deepStrictEqual(Json.fromJson(Any, json, { registry }), any)
    assert.throws(() => Json.toJson(Any, any), /not in the registry/)
  })

  it("puts a well-known type under value, and an Any into an Any", () => {
    const inner = Any.pack(Duration, { seconds: 5n, nanos: 0 })
    const json = { "@type": "type.googleapis.com/google.protobuf.Duration", value: "5s" }
    assert.deepStrictEqual(Json.toJson(Any, inner), json)
    const outer = { "@type": "type.googleapis.com/google.protobuf.Any", value: json }
    assert.deepStrictEqual(Json.toJson(Any, Any.pack(Any, inner)), outer)
    assert.deepStrictEqual(Json.fromJson(Any, outer), Any.pack(Any, inner))
  })
})

describe("Struct", () => {
  it("is plain JSON", () => {
    const value: WellKnown.Struct = { a: [1, "x", null, true], b: { c: {} }, "": -0 }
    assert.deepStrictEqual(again(WellKnown.Struct, value), value)
    assert.deepStrictEqual(Json.toJson(WellKnown.Struct, value), value)
  })

  it("may have a key that an assignment would lose", () => {
    const value = JSON.parse('{"__proto__":{"polluted":true}}')
    const read = again<WellKnown.Struct>(WellKnown.Struct, value)
    assert.deepStrictEqual(Object.keys(read), ["__proto__"])
    assert.isUndefined(Reflect.get({}, "polluted"))
  })

  it("does not follow JSON that nests without end", () => {
    const text = "[".repeat(100_000) + "]".repeat(100_000)
    assert.throws(() => Json.fromText(WellKnown.Value, text), /deeper than 100 levels/)
    const nested = `{"a":`.repeat(99) + "1" + "}".repeat(99)
    assert.strictEqual(Json.toText(WellKnown.Struct, Json.fromText(WellKnown.Struct, nested)), nested)
  })

  it("has numbers on the wire that JSON has not", () => {
    assert.isNaN(again<WellKnown.Value>(WellKnown.Value, NaN))
    assert.throws(() => Json.toJson(WellKnown.Value, NaN), /no form in JSON/)
  })
})

describe("wrappers", () => {
  it("are their values, and absence is undefined", () => {
    const message = golden3.Wkt.make({ i64: 0n, str: "" })
    const read = again<golden3.Wkt>(golden3.Wkt, message)
    assert.strictEqual(read.i64, 0n)
    assert.strictEqual(read.str, "")
    assert.isUndefined(read.boo)
    assert.deepStrictEqual(Json.toJson(golden3.Wkt, read), { i64: "0", str: "" })
  })
})

describe("FieldMask", () => {
  it("is one text of paths in JSON", () => {
    assert.strictEqual(Json.toJson(WellKnown.FieldMask, { paths: ["a_b", "c.d_e"] }), "aB,c.dE")
    assert.deepStrictEqual(Json.fromJson(WellKnown.FieldMask, "aB,c.dE"), { paths: ["a_b", "c.d_e"] })
    assert.throws(() => Json.toJson(WellKnown.FieldMask, { paths: ["aB"] }), /does not survive/)
  })
})
