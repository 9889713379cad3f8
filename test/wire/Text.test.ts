import { assert, describe, it } from "@effect/vitest"
import * as Text from "../../src/wire/Text.ts"
import { Writer } from "../../src/wire/Writer.ts"

const write = (text: string): Buffer => {
  const writer = new Writer(0)
  writer.reserve(text.length * 3)
  return Buffer.from(writer.bytes.subarray(0, Text.write(writer, text, 0)))
}

const read = (bytes: Buffer): string => {
  // Among other bytes, so that reading too far or too little shows.
  const around = Buffer.concat([Buffer.from("<é"), bytes, Buffer.from("é>")])
  return Text.read(around, 3, bytes.length)
}

/** Lengths on both sides of every change of method. */
const lengths = Array.from({ length: 70 }, (_, length) => length)

describe("text", () => {
  it.each(["a", "é", "世", "😀"])("of %s has the engine's bytes at every length", (unit) => {
    for (const length of lengths) {
      const text = unit.repeat(length)
      assert.deepStrictEqual(write(text), Buffer.from(text))
      assert.strictEqual(read(Buffer.from(text)), text)
    }
  })

  it("may have one odd character anywhere", () => {
    for (const length of lengths) {
      for (let at = 0; at < length; at++) {
        const text = `${"x".repeat(at)}ü${"x".repeat(length - at - 1)}`
        assert.deepStrictEqual(write(text), Buffer.from(text))
        assert.strictEqual(read(Buffer.from(text)), text)
      }
    }
  })

  it("has the room it needs, and not three times that when it is long", () => {
    for (const unit of ["a", "é", "世", "😀"]) {
      for (const length of [10, 4096, 4097, 100_000]) {
        const text = unit.repeat(length)
        assert.isAtLeast(Text.room(text), Buffer.byteLength(text))
        if (length > 4096) assert.strictEqual(Text.room(text), Buffer.byteLength(text))
      }
    }
    assert.isAtLeast(Text.room("\ud800".repeat(5000)), 15_000)
  })

  it("keeps control characters, and replaces what is no character", () => {
    assert.strictEqual(read(Buffer.from("\0\u0001\u007f")), "\0\u0001\u007f")
    assert.strictEqual(read(Buffer.of(0x61, 0xff)), "a\ufffd")
    assert.deepStrictEqual(write("a\ud800"), Buffer.from("a\ufffd"))
  })
})

describe("copies", () => {
  it.each([0, 1, 63, 64, 65, 1000])("of %s bytes are their own memory", (size) => {
    const bytes = Buffer.from(Array.from({ length: size + 2 }, (_, i) => i))
    const copy = Text.copy(bytes, 1, size)
    assert.deepStrictEqual(copy, Uint8Array.from(bytes.subarray(1, size + 1)))
    bytes.fill(0)
    assert.strictEqual(copy.buffer.byteLength, size)
    if (size > 1) assert.strictEqual(copy[1], 2)
  })
})
