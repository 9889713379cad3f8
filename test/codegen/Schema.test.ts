import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as EffectSchema from "effect/Schema"
import * as Schema from "../../src/codegen/Schema.ts"
import * as Type from "../../src/codegen/v1/Type.ts"
import * as Json from "../../src/codegen/Json.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"
import { Random } from "../fuzz/Random.ts"
import * as golden from "../golden/gen/golden.ts"
import * as base from "./gen/usual/common/base.ts"
import * as kitchen from "./gen/usual/kitchen.ts"
import * as Values from "./Values.ts"

const messages = Values.messagesOf({ ...golden, ...base, ...kitchen }).filter(
  (message) => message.kind !== "union" || message.fields().length > 0
)

const schemaOf = (message: Type.AnyMessage) => Schema.of(message as unknown as Type.Message<unknown>)

/** What JSON and UTF-8 keep of a value: neither has -0, respectively halves of a surrogate pair. */
const kept = (type: Type.Type, value: unknown): string =>
  JSON.stringify(Json.of(type, value))
    .replaceAll('"-0"', "0")
    .replaceAll(/\\ud[89a-f][0-9a-f]{2}/g, "\ufffd")

describe("schemas of generated types", () => {
  it.each(messages)("$idlName holds its values, and their JSON comes back", (message) => {
    const schema = schemaOf(message)
    const json = EffectSchema.toCodecJson(schema)
    const type = Type.message(message)
    const random = new Random(99)
    for (let i = 0; i < 30; i++) {
      const value = Values.value(random, message, 3)
      assert.isTrue(EffectSchema.is(schema)(value))
      const text = JSON.stringify(EffectSchema.encodeSync(json)(value))
      const again = EffectSchema.decodeUnknownSync(json)(JSON.parse(text))
      assert.strictEqual(kept(type, again), kept(type, value))
    }
  })

  it("refuse what is not of the IDL's type", () => {
    const is = EffectSchema.is(Schema.of(kitchen.Scalars))
    assert.isTrue(is({ tiny: 127 }))
    assert.isFalse(is({ tiny: 128 }))
    assert.isFalse(is({ wide: 2n ** 63n }))
    assert.isFalse(is({ id: "x" }))
    assert.isFalse(EffectSchema.is(Schema.of(base.Page))({}))
    assert.isFalse(EffectSchema.is(Schema.of(base.Denied.idl))({ message: "plain object" }))
  })

  it("are typed", () => {
    const page: base.Page = EffectSchema.decodeUnknownSync(Schema.of(base.Page))({ size: 1 })
    assert.strictEqual(page.size, 1)
  })

  it.effect("make values for property tests, which all codecs carry", () =>
    Effect.gen(function* () {
      const samples = Arbitrary.schema(Schema.of(golden.Prims))
      for (const value of yield* Arbitrary.sampleEffect(samples, { count: 50, seed: 5 })) {
        const writer = new Writer()
        golden.Prims.codec.binary.encode(writer, value)
        const again = golden.Prims.codec.binary.decode(new Reader(writer.toBytes()))
        const type = Type.message(golden.Prims)
        assert.strictEqual(kept(type, again), kept(type, value))
      }
    })
  )
})
