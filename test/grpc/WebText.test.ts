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
})
