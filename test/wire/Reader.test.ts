import { assert, describe, it } from "@effect/vitest"
import { CodecError } from "../../src/Codec.ts"
import { Reader } from "../../src/wire/Reader.ts"

const reasonOf = (run: () => void): string => {
  try {
    run()
    return "none"
  } catch (error) {
    assert.instanceOf(error, CodecError)
    return error.reason
  }
}

describe("Reader", () => {
  it("sees a window, and nothing behind its end", () => {
    const reader = new Reader(Uint8Array.of(1, 2, 3, 4))
    reader.reset(reader.bytes, 1, 3)
    reader.need(2)
    assert.strictEqual(
      reasonOf(() => reader.need(3)),
      "Truncated"
    )
  })

  it("moves to other memory", () => {
    const reader = new Reader(Uint8Array.of(1))
    const other = Buffer.from([0, 0, 0, 7])
    reader.reset(other, 0, 4)
    assert.strictEqual(reader.view.getInt32(0), 7)
  })

  it("reads a view of a larger buffer from its own start", () => {
    const reader = new Reader(new Uint8Array([9, 9, 5, 6]).subarray(2))
    assert.strictEqual(reader.bytes[0], 5)
    assert.strictEqual(reader.view.getUint8(1), 6)
    assert.strictEqual(reader.end, 2)
  })

  it("bounds nesting, anew after each reset", () => {
    const reader = new Reader(Uint8Array.of(0), { depth: 2 })
    reader.enter()
    reader.enter()
    assert.strictEqual(
      reasonOf(() => reader.enter()),
      "LimitExceeded"
    )
    reader.reset(reader.bytes, 0, 1)
    reader.enter()
    assert.strictEqual(reader.depth, 1)
  })
})
