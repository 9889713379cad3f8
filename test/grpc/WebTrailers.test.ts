import { assert, describe, it } from "@effect/vitest"
import { CodecError } from "../../src/Codec.ts"
import * as WebTrailers from "../../src/grpc/WebTrailers.ts"

const prefixed = (block: string): Buffer => {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(block.length)
  return Buffer.concat([Buffer.of(0x80), size, Buffer.from(block, "latin1")])
}

const decode = (block: string) => WebTrailers.decode(Buffer.from(block, "latin1"))

/** Fields, and the block that they are written as. */
const table: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
  [[], ""],
  [["grpc-status", "0"], "grpc-status: 0\r\n"],
  [["grpc-status", "5", "grpc-message", "no%0Asuch: thing"], "grpc-status: 5\r\ngrpc-message: no%0Asuch: thing\r\n"],
  [
    ["grpc-status", "0", "trace-bin", "AAH/", "x-key", "one", "x-key", "two"],
    "grpc-status: 0\r\ntrace-bin: AAH/\r\nx-key: one\r\nx-key: two\r\n"
  ],
  [["x-empty", ""], "x-empty: \r\n"]
]

/** What other servers send for the fields. */
const tolerated: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
  ["Grpc-Status:0\r\nGrpc-Message: Hi \r\n", ["grpc-status", "0", "grpc-message", "Hi"]],
  ["grpc-status: 0", ["grpc-status", "0"]],
  ["grpc-status: 0\ngrpc-message: a\n", ["grpc-status", "0", "grpc-message", "a"]],
  ["grpc-status: 0\r\n\r\n", ["grpc-status", "0"]],
  ["\r\n", []],
  ["a:\t b c\t\r\n", ["a", "b c"]],
  ["a: \xe4\r\n", ["a", "\xe4"]]
]

const malformed = [
  "grpc-status\r\n",
  ": 0\r\n",
  "grpc status: 0\r\n",
  " grpc-status: 0\r\n",
  "a: 1\r\n b\r\n",
  "\r\na: 1\r\n",
  "a: 1\r\n\r\nb: 2\r\n",
  "a: \x001\r\n",
  "a: 1\r1\r\n",
  "a\x00: 1\r\n",
  "\x80\x00\x00"
]

/** A small generator of equal sequences for equal seeds (mulberry32). */
const seeded = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

describe("WebTrailers", () => {
  it("are a message of their own, and come back as they were", () => {
    for (const [list, block] of table) {
      const message = WebTrailers.encode(list)
      assert.deepStrictEqual(message, prefixed(block))
      assert.isTrue(WebTrailers.isTrailers(message[0]!))
      assert.deepStrictEqual(WebTrailers.decode(message.subarray(5)), list)
    }
  })

  it("of other servers are understood", () => {
    for (const [block, list] of tolerated) assert.deepStrictEqual(decode(block), list, JSON.stringify(block))
  })

  it("that are none are an error with a name", () => {
    for (const block of malformed) assert.throws(() => decode(block), CodecError, "trailers", JSON.stringify(block))
  })

  it("of any octets are fields or a CodecError", () => {
    const random = seeded(0x3eb)
    const alphabet = ["\r", "\n", "\r\n", ":", " ", "\t", "a", "A", "grpc-status: 0", "\0", "\xff", "-bin", "="]
    let read = 0
    for (let round = 0; round < 20_000; round++) {
      let block = ""
      for (let size = Math.floor(random() * 12); size > 0; size--) block += alphabet[Math.floor(random() * 13)]!
      try {
        const list = decode(block)
        assert.strictEqual(list.length % 2, 0)
        assert.deepStrictEqual(WebTrailers.decode(WebTrailers.encode(list).subarray(5)), list)
        read++
      } catch (error) {
        assert.instanceOf(error, CodecError)
      }
    }
    assert.isAbove(read, 1000)
  })

  it("of many empty lines take no longer than their size explains", () => {
    assert.deepStrictEqual(decode("a: 1\r\n" + "\r\n".repeat(100_000)), ["a", "1"])
  })
})
