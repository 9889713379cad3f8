import { assert, describe, it } from "@effect/vitest"
import * as Call from "../src/Call.ts"
import * as Metadata from "../src/Metadata.ts"
import * as Method from "../src/Method.ts"

const method = Method.unary<string, string>({ contract: "Items", name: "get", codec: { protocol: "none" } })
const call: Call.Call = {
  ...Call.make(method, "a"),
  hashKey: "k",
  tags: new Map([["zone", "a"]]),
  instance: "host:1",
  peer: "host:2"
}

describe("Call", () => {
  it("a deadline is only ever lowered", () => {
    assert.strictEqual(Call.withDeadline(call, 10).deadline, 10)
    const early = Call.withDeadline(call, 5)
    assert.strictEqual(Call.withDeadline(early, 10), early)
    assert.strictEqual(Call.withDeadline(early, 3).deadline, 3)
  })

  it("the next attempt counts on and remembers each instance once", () => {
    const once = Call.nextAttempt(call, "a:1")
    assert.deepStrictEqual([once.attempt, once.tried], [1, ["a:1"]])
    assert.deepStrictEqual(Call.nextAttempt(once, "a:1").tried, ["a:1"])
    assert.deepStrictEqual(Call.nextAttempt(once, undefined).tried, ["a:1"])
    assert.deepStrictEqual(Call.nextAttempt(once, "b:2").tried, ["a:1", "b:2"])
  })

  it("a derived call has everything else of the first", () => {
    const metadata = Metadata.fromEntries([["a", "1"]])
    assert.deepStrictEqual(Call.withMetadata(call, metadata), { ...call, metadata })
    assert.deepStrictEqual(Call.withDeadline(call, 1), { ...call, deadline: 1 })
    assert.deepStrictEqual(Call.nextAttempt(call, undefined), { ...call, attempt: 1 })
  })
})
