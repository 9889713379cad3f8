import { assert, describe, it } from "@effect/vitest"
import { isCodecError } from "../../src/Codec.ts"
import * as WebText from "../../src/grpc/WebText.ts"

const decode = (text: string, chunk: number): string => {
  const decoder = new WebText.Decoder()
  const bytes = Buffer.from(text, "latin1")
  const parts: Array<Buffer> = []
  for (let at = 0; at < bytes.length; at += chunk) {
    // Within a larger buffer, as chunks of a connection are.
    const around = Buffer.concat([Buffer.from("="), bytes.subarray(at, at + chunk), Buffer.from("?")])
    parts.push(decoder.push(around, 1, around.length - 1))
  }
  assert.isTrue(decoder.isWhole)
  return Buffer.concat(parts).toString("latin1")
}

describe("WebText", () => {
  it("decodes pieces with their own padding, however they are cut", () => {
    const pieces = ["", "a", "ab", "abc", "\0\xff\xfe", "the next one is empty", "", "z".repeat(1000), "y"]
    const text = pieces.map((piece) => WebText.encode(Buffer.from(piece, "latin1")).toString("latin1")).join("")
    for (const chunk of [1, 2, 3, 4, 5, 7, 64, 4096]) assert.strictEqual(decode(text, chunk), pieces.join(""))
  })

  it("encodes a part of a buffer", () => {
    assert.strictEqual(WebText.encode(Buffer.from("xabx"), 1, 3).toString("latin1"), "YWI=")
  })

  it("says when the body ends within a group", () => {
    const decoder = new WebText.Decoder()
    assert.strictEqual(decoder.push(Buffer.from("YWJjYW"), 0, 6).toString(), "abc")
    assert.isFalse(decoder.isWhole)
  })

  it("refuses what is no base64", () => {
    for (const text of ["Y===", "====", "YQ=a", "=YQa", "YQ =", "YW\nJ", "-_-_", "abc\xe9", "YWJjY=Jj"]) {
      const decoder = new WebText.Decoder()
      let thrown: unknown
      try {
        decoder.push(Buffer.from(text, "latin1"), 0, text.length)
      } catch (error) {
        thrown = error
      }
      assert.isTrue(isCodecError(thrown), text)
    }
  })

  it("gives back what came once, however it came and however it is consumed", () => {
    for (const [come, consumed] of [
      [[[8, 6]], [1, 1, 1, 1, 1, 1]],
      [
        [
          [3, 0],
          [5, 6],
          [4, 1]
        ],
        [5, 2]
      ],
      [
        [
          [400, 100],
          [7, 3]
        ],
        [99, 1, 3]
      ],
      [
        [
          [4, 3],
          [100, 0]
        ],
        [3]
      ]
    ] as const) {
      const held = new WebText.Held()
      const all = come.reduce((sum, [encoded]) => sum + encoded, 0)
      let back = 0
      for (const [encoded, decoded] of come) back += held.add(encoded, decoded)
      for (const size of consumed) {
        assert.isBelow(back, all)
        back += held.consume(size)
      }
      assert.strictEqual(back, all)
      assert.strictEqual(held.consume(10), 0)
    }
  })
})
