import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as TaggedException from "../src/TaggedException.ts"

class Rejected extends TaggedException.TaggedException("Rejected")<{
  readonly id: bigint
  readonly skus?: ReadonlyArray<string> | undefined
  readonly labels?: ReadonlyMap<string, string> | undefined
  readonly proof?: Uint8Array | undefined
}> {}

class Talkative extends TaggedException.TaggedException("Talkative")<{
  readonly message?: string | undefined
  readonly code: number
}> {}

describe("an error declared in an IDL", () => {
  it("says in logs what its fields are", () => {
    const error = new Rejected({ id: 7n, skus: ["a"], labels: new Map([["b", "c"]]), proof: Uint8Array.of(1, 2) })
    const text = 'id: "7", skus: ["a"], labels: [["b","c"]], proof: "2 bytes"'
    assert.strictEqual(error.message, text)
    assert.include(Cause.pretty(Cause.fail(error)), `Rejected: ${text}`)
    assert.deepStrictEqual(Object.keys(error), ["id", "skus", "labels", "proof", "_tag"])
  })

  it("of many fields says the first of them", () => {
    const { message } = new Rejected({ id: 1n, skus: Array(1000).fill("sku") })
    assert.isTrue(message.startsWith('id: "1", skus: ["sku"') && message.length < 250, message)
  })

  it("with a message of its own says that alone", () => {
    const error = new Talkative({ message: "no", code: 1 })
    assert.strictEqual(error.message, "no")
    assert.strictEqual(TaggedException.own(error, "message"), "no")
  })

  it("whose own message is absent does not make one of its fields", () => {
    for (const error of [new Talkative({ code: 1 }), new Talkative({ message: undefined, code: 1 })]) {
      assert.strictEqual(error.message, "code: 1")
      assert.strictEqual(TaggedException.own(error, "message"), undefined)
      assert.isFalse(Object.hasOwn(error, "message"))
    }
  })
})
