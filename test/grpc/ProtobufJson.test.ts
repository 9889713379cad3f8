import { assert, describe, it } from "@effect/vitest"
import { isCodecError } from "../../src/Codec.ts"
import * as Json from "../../src/grpc/ProtobufJson.ts"
import { All, Color, Maps, Names, One, Reps, Wkt } from "../golden/gen/golden3.ts"
import { Req } from "../golden/gen/golden2.ts"

describe("canonical JSON", () => {
  it("leaves zeros out, and prints them when asked", () => {
    assert.deepStrictEqual(Json.toJson(One, One.make()), {})
    assert.deepStrictEqual(Json.toJson(One, One.make(), { alwaysPrint: true }), { tail: "" })
    const all = Json.toJson(All, All.make({ oInt32: 0 }), { alwaysPrint: true }) as Record<string, unknown>
    assert.strictEqual(all["fInt64"], "0")
    assert.strictEqual(all["oInt32"], 0)
    assert.notProperty(all, "oString")
    assert.notProperty(all, "fSelf")
  })

  it("names fields in lowerCamelCase, by json_name, or as the IDL does", () => {
    const value = Names.make({ snakeCase: 1, custom: 2 })
    assert.deepStrictEqual(Json.toJson(Names, value), { snakeCase: 1, "@odd name": 2 })
    assert.deepStrictEqual(Json.toJson(Names, value, { idlNames: true }), { snake_case: 1, custom: 2 })
    assert.deepStrictEqual(Json.fromJson(Names, { snake_case: 1, custom: 2 }), value)
    assert.throws(() => Json.fromJson(Names, { snake_case: 1, snakeCase: 1 }), /twice/)
  })

  it.each([
    [{ fInt32: "12" }, { fInt32: 12 }],
    [{ fInt32: 1e2 }, { fInt32: 100 }],
    [{ fInt32: "1e2" }, { fInt32: 100 }],
    [{ fInt64: -5 }, { fInt64: -5n }],
    [{ fUint64: "18446744073709551615" }, { fUint64: 18446744073709551615n }],
    [{ fDouble: "NaN" }, { fDouble: NaN }],
    [{ fFloat: "-Infinity" }, { fFloat: -Infinity }],
    [{ fBytes: "-_8" }, { fBytes: Uint8Array.of(0xfb, 0xff) }],
    [{ fBytes: "+/8=" }, { fBytes: Uint8Array.of(0xfb, 0xff) }],
    [{ fColor: "CRIMSON" }, { fColor: Color.RED }],
    [{ fColor: 77 }, { fColor: 77 }],
    [{ fInt32: null, fSelf: null }, {}]
  ])("%j is read", (json, fields) => {
    assert.deepStrictEqual(Json.fromJson(All, json), All.make(fields))
  })

  it.each([
    [{ fInt32: 2 ** 31 }, "fInt32"],
    [{ fInt32: 1.5 }, "fInt32"],
    [{ fInt32: " 1" }, "fInt32"],
    [{ fInt32: "" }, "fInt32"],
    [{ fInt32: true }, "fInt32"],
    [{ fUint32: -1 }, "fUint32"],
    [{ fInt64: "9223372036854775808" }, "fInt64"],
    [{ fFloat: 3.5e38 }, "fFloat"],
    [{ fDouble: "1e309" }, "fDouble"],
    [{ fBool: "true" }, "fBool"],
    [{ fString: 1 }, "fString"],
    [{ fString: "\ud800" }, "fString"],
    [{ fBytes: "a" }, "fBytes"],
    [{ fBytes: "?" }, "fBytes"],
    [{ fColor: "MAUVE" }, "fColor"],
    [{ fSelf: { fSelf: { fInt32: "x" } } }, "fSelf.fSelf.fInt32"],
    [{ unheard: 1 }, "unheard"],
    [[], "is not an object"],
    ["", "is not an object"]
  ])("%j is refused, with its place", (json, place) => {
    try {
      Json.fromJson(All, json)
      assert.fail("was read")
    } catch (error) {
      assert.isTrue(isCodecError(error), String(error))
      assert.include((error as Error).message, place)
    }
  })

  it("passes over what it does not know, when asked", () => {
    const options = { ignoreUnknown: true }
    assert.deepStrictEqual(
      Json.fromJson(All, { unheard: 1, fColor: "MAUVE", fInt32: 1 }, options),
      All.make({ fInt32: 1 })
    )
    assert.deepStrictEqual(Json.fromJson(Reps, { rColor: ["RED", "MAUVE"] }, options), Reps.make({ rColor: [1] }))
  })

  it("has maps as objects, whatever their keys", () => {
    const value = Maps.make({
      ss: new Map([["__proto__", "x"]]),
      ld: new Map([[-1n, 0.5]]),
      bb: new Map([[true, Uint8Array.of(1)]])
    })
    const text = Json.toText(Maps, value)
    assert.strictEqual(text, '{"ss":{"__proto__":"x"},"ld":{"-1":0.5},"bb":{"true":"AQ=="}}')
    assert.deepStrictEqual(Json.fromText(Maps, text), value)
    assert.throws(() => Json.fromJson(Maps, { ii: { x: 1 } }), /ii\["x"\]/)
    assert.throws(() => Json.fromJson(Maps, { ss: { a: null } }), /null/)
  })

  it("has one field of a oneof", () => {
    assert.deepStrictEqual(Json.fromJson(One, { i: 0 }), One.make({ pick: { _tag: "i", value: 0 } }))
    assert.throws(() => Json.fromJson(One, { i: 1, s: "a" }), /oneof/)
    assert.deepStrictEqual(Json.fromJson(One, { i: null, s: "a" }), One.make({ pick: { _tag: "s", value: "a" } }))
  })

  it("tells null from absence where null is a value", () => {
    assert.deepStrictEqual(Json.fromJson(Wkt, { va: null }), Wkt.make({ va: null }))
    assert.deepStrictEqual(Json.toJson(Wkt, Wkt.make({ va: null })), { va: null })
  })

  it("writes floats as short as they read back", () => {
    assert.strictEqual(
      Json.toText(All, All.make({ fFloat: Math.fround(0.1), fDouble: -0 })),
      '{"fDouble":-0,"fFloat":0.1}'
    )
  })

  it("demands required fields, and a text without doubled keys", () => {
    assert.throws(() => Json.fromJson(Req, { child: { id: 1 } }), /Req\.id is required/)
    assert.throws(() => Json.fromText(All, '{"fInt32":1,"f\\u0049nt32":2}'), /twice/)
    assert.throws(() => Json.fromText(All, "{"), /not JSON/)
  })

  it("does not follow a circle, or endless depth", () => {
    const circle: Record<string, unknown> = { ...All.make() }
    circle["fSelf"] = circle
    assert.throws(() => Json.toJson(All, circle as unknown as All), /circle/)
    let deep: unknown = {}
    for (let i = 0; i < 101; i++) deep = { fSelf: deep }
    assert.throws(() => Json.fromJson(All, deep), /deeper/)
  })
})
