import { assert, describe, it } from "@effect/vitest"
import { Writer } from "../../src/wire/Writer.ts"

describe("Writer", () => {
  it("grows as needed and keeps what it has", () => {
    const writer = new Writer(1)
    for (let i = 0; i < 1000; i++) {
      writer.reserve(1)
      writer.bytes[writer.position++] = i
    }
    writer.reserve(100_000)
    assert.isAtLeast(writer.bytes.length, 101_000)
    assert.strictEqual(writer.view.byteLength, writer.bytes.length)
    assert.deepStrictEqual(writer.toBytes(), Buffer.from(Array.from({ length: 1000 }, (_, i) => i)))
  })

  it("keeps its memory over a reset", () => {
    const writer = new Writer(8)
    writer.reserve(5000)
    const { bytes } = writer
    writer.position = 3
    writer.reset()
    assert.strictEqual(writer.position, 0)
    assert.strictEqual(writer.bytes, bytes)
  })

  it("copies out", () => {
    const writer = new Writer(4)
    writer.bytes[0] = 1
    writer.position = 1
    const copy = writer.toBytes()
    writer.bytes[0] = 2
    assert.deepStrictEqual(copy, Buffer.of(1))
  })
})
