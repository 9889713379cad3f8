import { assert, describe, it } from "@effect/vitest"
import { Reader } from "../../src/wire/Reader.ts"
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

/** Behind other bytes; before as many as `behind` says, since the end of the buffer is read in another way. */
const readStrict = (bytes: Uint8Array, behind: number): string | undefined => {
  const reader = new Reader(Buffer.concat([Buffer.from("<é"), bytes, Buffer.alloc(behind, "é")]))
  return Text.readStrict(reader, 3, bytes.length)
}

describe("text that must be UTF-8", () => {
  it.each([0, 15, 16, 40])("is the same each time it comes, %s bytes before the end", (behind) => {
    for (const unit of ["a", "é", "世", "😀", "\0", "ab\0"]) {
      for (const length of lengths) {
        const text = unit.repeat(length)
        for (let time = 0; time < 3; time++) assert.strictEqual(readStrict(Buffer.from(text), behind), text)
      }
    }
  })

  it("is told apart from what came before by each of its bytes and by its length", () => {
    for (let length = 1; length <= 17; length++) {
      for (let at = 0; at < length; at++) {
        for (const odd of ["b", "\0", "\u007f", "ü"]) {
          const text = `${"a".repeat(at)}${odd}${"a".repeat(length - at - 1)}`
          for (let time = 0; time < 3; time++) assert.strictEqual(readStrict(Buffer.from(text), 20), text)
          assert.strictEqual(readStrict(Buffer.from("a".repeat(length)), 20), "a".repeat(length))
        }
      }
    }
  })

  it("stays right when far more strings come than are remembered", () => {
    for (let round = 0; round < 2; round++) {
      for (let number = 0; number < 20_000; number++) {
        const text = (number * 7919).toString(36)
        assert.strictEqual(readStrict(Buffer.from(text), 20), text)
      }
    }
  })

  it("is refused when it is none, at every length", () => {
    for (const length of lengths) {
      const bytes = Buffer.from(`${"a".repeat(length)}?`)
      bytes[length >> 1] = 0xff
      for (const behind of [0, 20]) assert.strictEqual(readStrict(bytes, behind), undefined)
    }
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
