import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { NobodyThere } from "../../examples/greeter/gen/greeter.ts"
import * as ProtoSchema from "../../src/codegen/ProtoSchema.ts"
import { Random } from "../fuzz/Random.ts"
import { registry } from "../golden/ProtobufVectors.ts"
import { All, One } from "../golden/gen/golden3.ts"
import { Scalars } from "../golden/gen/golden2.ts"
import * as Values from "../grpc/ProtobufValues.ts"

const messages = [...registry.messages.values()].filter(({ isWellKnown }) => !isWellKnown)

describe("schemas of messages", () => {
  it.each(messages.map((message) => [message.typeName, message] as const))("take random values of %s", (_, message) => {
    const random = new Random(3)
    const is = Schema.is(ProtoSchema.of(message))
    for (let i = 0; i < 20; i++) assert.isTrue(is(Values.message(random, message, 3)))
  })

  it("refuse what is not of the type", () => {
    const is = Schema.is(ProtoSchema.of<All>(All))
    assert.isTrue(is(All.make({ fColor: 99 })))
    assert.isFalse(is({ ...All.make(), fInt32: 2 ** 31 }))
    assert.isFalse(is({ ...All.make(), fUint64: -1n }))
    assert.isFalse(is({ ...All.make(), fSelf: {} }))
    assert.isFalse(Schema.is(ProtoSchema.of<One>(One))({ tail: "", pick: { _tag: "i", value: "1" } }))
    assert.isFalse(Schema.is(ProtoSchema.of<Scalars>(Scalars))({ fKind: 99 }))
  })

  it("have errors as instances of their class", () => {
    const schema = ProtoSchema.of(NobodyThere.idl)
    const error = new NobodyThere({ name: "Nemo" })
    assert.isTrue(Schema.is(schema)(error))
    assert.isFalse(Schema.is(schema)({ name: "Nemo" }))
    const codec = Schema.toCodecJson(schema)
    const read = Schema.decodeUnknownSync(codec)(Schema.encodeSync(codec)(error))
    assert.instanceOf(read, NobodyThere)
    assert.strictEqual(read.name, "Nemo")
  })
})
