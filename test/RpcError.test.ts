import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as RpcError from "../src/RpcError.ts"

const messages: ReadonlyArray<readonly [RpcError.Reason, string, boolean]> = [
  [
    new RpcError.DeadlineExceeded({ deadline: 0 }),
    "no reply before the deadline (1970-01-01T00:00:00.000Z); allow more time or find the slow part",
    false
  ],
  [
    new RpcError.Unavailable({ unsent: true, detail: "connection refused" }),
    "connection refused (the request was not sent)",
    true
  ],
  [
    new RpcError.Unavailable({ unsent: false, detail: "connection lost" }),
    "connection lost (the request may have been processed)",
    false
  ],
  [
    new RpcError.Overloaded({ limit: "100 calls in flight" }),
    "over the limit: 100 calls in flight; raise it or send less",
    true
  ],
  [
    new RpcError.CircuitOpen({ key: "items" }),
    "the circuit for items is open after repeated failures; it tries again by itself",
    true
  ],
  [new RpcError.NoInstance({ target: "items" }), 'no instance of "items"; is it running and announced?', true],
  [
    new RpcError.NoInstance({ target: "items", detail: "all weights are 0" }),
    'no instance of "items": all weights are 0; is it running and announced?',
    true
  ],
  [new RpcError.ProtocolError({ detail: "bad magic" }), "bad magic", false],
  [
    new RpcError.ApplicationError({ code: 1, detail: "unknown method" }),
    "the peer answered with application exception 1: unknown method",
    false
  ],
  [new RpcError.StatusError({ code: 14, detail: "try later" }), "UNAVAILABLE: try later", false],
  [new RpcError.StatusError({ code: 5, detail: "" }), "NOT_FOUND", false],
  [new RpcError.StatusError({ code: 99, detail: "x" }), "status 99: x", false],
  [new RpcError.BizError({ code: 7, detail: "sold out", extra: new Map() }), "business status 7: sold out", false]
]

describe("RpcError", () => {
  for (const [reason, message, unsent] of messages) {
    it(`${reason._tag}: ${message}`, () => {
      assert.strictEqual(reason.message, message)
      const error = new RpcError.RpcError({ method: "acme.Items.getItem", peer: "127.0.0.1:80", reason })
      assert.strictEqual(error.message, `acme.Items.getItem at 127.0.0.1:80: ${message}`)
      assert.strictEqual(RpcError.isUnsent(error), unsent)
    })
  }

  it("names no peer before one was chosen", () => {
    const error = new RpcError.RpcError({ method: "Items.get", reason: new RpcError.ProtocolError({ detail: "no" }) })
    assert.strictEqual(error.message, "Items.get: no")
    assert.isTrue(RpcError.isRpcError(error))
    assert.isFalse(RpcError.isRpcError(error.reason))
  })

  it.effect("its reason is opened by catchReason", () =>
    Effect.gen(function* () {
      const failWith = (reason: RpcError.Reason) => Effect.fail(new RpcError.RpcError({ method: "Items.get", reason }))
      const handled = (reason: RpcError.Reason) =>
        failWith(reason).pipe(
          Effect.catchReason("RpcError", "Overloaded", (overloaded) => Effect.succeed(overloaded.limit))
        )
      assert.strictEqual(yield* handled(new RpcError.Overloaded({ limit: "10" })), "10")
      const error = yield* Effect.flip(handled(new RpcError.CircuitOpen({ key: "items" })))
      assert.strictEqual(error.reason._tag, "CircuitOpen")
    })
  )
})
