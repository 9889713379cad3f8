import { assert, describe, it } from "@effect/vitest"
import { CodecError } from "../../src/Codec.ts"
import * as Binary from "../../src/grpc/ProtobufBinary.ts"
import * as WellKnown from "../../src/grpc/WellKnown.ts"

describe("messages as bytes", () => {
  it("there and back, in memory of their own", () => {
    const value = { title: "Hello", list: [1, true, null, { deep: "x".repeat(1000) }] }
    const bytes = Binary.toBytes(WellKnown.Struct, value)
    assert.strictEqual(bytes.buffer.byteLength, bytes.length)
    assert.deepStrictEqual(Binary.fromBytes(WellKnown.Struct, bytes), value)
  })

  it("are equal for equal messages where that is wanted", () => {
    const [one, other] = [
      { a: 1, b: 2 },
      { b: 2, a: 1 }
    ]
    const options = { deterministic: true }
    assert.deepStrictEqual(
      Binary.toBytes(WellKnown.Struct, one, options),
      Binary.toBytes(WellKnown.Struct, other, options)
    )
    assert.notDeepEqual(Binary.toBytes(WellKnown.Struct, one), Binary.toBytes(WellKnown.Struct, other))
  })

  it("errors are CodecErrors; depth is bounded", () => {
    assert.throws(() => Binary.fromBytes(WellKnown.Timestamp, Uint8Array.of(0x0a)), CodecError)
    assert.throws(() => Binary.toBytes(WellKnown.Timestamp, 5 as never), CodecError)
    const bytes = Binary.toBytes(WellKnown.Value, [[[[1]]]])
    assert.deepStrictEqual(Binary.fromBytes(WellKnown.Value, bytes), [[[[1]]]])
    assert.throws(() => Binary.fromBytes(WellKnown.Value, bytes, { maxDepth: 3 }), CodecError)
  })
})
