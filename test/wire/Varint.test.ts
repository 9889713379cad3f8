import { assert, describe, it } from "@effect/vitest"
import { Reader } from "../../src/wire/Reader.ts"
import * as Varint from "../../src/wire/Varint.ts"
import { Writer } from "../../src/wire/Writer.ts"

describe("varints", () => {
  const numbers = [0, 1, -1, 63, 64, -64, -65, 2 ** 31 - 1, -(2 ** 31)]
  const bigs = [...numbers.map(BigInt), 2n ** 32n, -(2n ** 32n), 2n ** 53n, 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n)]

  it("of 64 bits through ZigZag are those of plain arithmetic", () => {
    for (const value of bigs) {
      let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
      const expected: Array<number> = []
      for (; rest > 127n; rest >>= 7n) expected.push(Number(rest & 127n) | 128)
      expected.push(Number(rest))
      const writer = new Writer(10)
      Varint.writeZigZagBig(writer, value)
      assert.deepStrictEqual([...writer.toBytes()], expected)
      assert.strictEqual(Varint.readZigZagBig(new Reader(writer.toBytes())), value)
      if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) {
        writer.reset()
        Varint.writeZigZagSafe(writer, Number(value))
        assert.deepStrictEqual([...writer.toBytes()], expected)
        assert.strictEqual(Varint.readZigZagNumber(new Reader(writer.toBytes())), Number(value))
      }
    }
  })

  it("of 32 bits through ZigZag are those of 64 bits", () => {
    for (const value of numbers) {
      const [short, long] = [new Writer(10), new Writer(10)]
      Varint.writeZigZag32(short, value)
      Varint.writeZigZagBig(long, BigInt(value))
      assert.deepStrictEqual(short.toBytes(), long.toBytes())
      assert.strictEqual(Varint.readZigZag32(new Reader(short.toBytes())), value)
    }
  })

  it("have the size that is told", () => {
    for (const value of [0, 127, 128, 16383, 16384, 2097151, 2097152, 268435455, 268435456, 2 ** 31 - 1]) {
      const writer = new Writer(5)
      Varint.writeU32(writer, value)
      assert.strictEqual(Varint.sizeOf(value), writer.position)
    }
  })
})
