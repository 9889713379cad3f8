import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Call from "../src/Call.ts"
import * as HandlerCall from "../src/HandlerCall.ts"
import * as Method from "../src/Method.ts"
import { Overloaded, RpcError } from "../src/RpcError.ts"

const method = Method.unary<string, string, string>({ contract: "Items", name: "get", codec: { protocol: "none" } })
const call = Call.make(method, "a")

/** As a server's dispatcher makes it; `bounds` gets the deadlines that the handler is held to. */
const arrived = (bounds: Array<number>, deadline?: number): Call.Call => {
  const call = { ...Call.make(method, "a"), deadline }
  return Object.assign(call, { inFlight: { call, bound: (at: number) => bounds.push(at) } })
}

describe("HandlerCall.run", () => {
  it.effect("a success is a reply, and needs no fiber when the handler is done at once", () =>
    Effect.gen(function* () {
      const effect = HandlerCall.run(call, (payload) => Effect.succeed(`${String(payload)}!`))
      assert.isTrue(Exit.isExit(effect))
      assert.deepStrictEqual((yield* effect).result, Result.succeed("a!"))
      const later = HandlerCall.run(call, () => Effect.as(Effect.yieldNow, "later"))
      assert.isFalse(Exit.isExit(later))
      assert.deepStrictEqual((yield* later).result, Result.succeed("later"))
    })
  )

  it.effect("a declared failure is a reply, an RpcError a failure", () =>
    Effect.gen(function* () {
      const declared = yield* HandlerCall.run(call, () => Effect.fail("not found"))
      assert.deepStrictEqual(declared.result, Result.fail("not found"))
      const error = new RpcError({ method: method.fullName, reason: new Overloaded({ limit: "1" }) })
      assert.strictEqual(yield* Effect.flip(HandlerCall.run(call, () => Effect.fail(error))), error)
    })
  )

  it.effect("a handler that throws is a defect, not a reply", () =>
    Effect.gen(function* () {
      for (const handler of [
        () => {
          throw new Error("bug")
        },
        () => Effect.die(new Error("bug"))
      ]) {
        const exit = yield* Effect.exit(HandlerCall.run(call, handler))
        assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
      }
    })
  )

  it.effect("holds the handler to the deadline of the call that reaches it", () =>
    Effect.gen(function* () {
      const bounds: Array<number> = []
      yield* HandlerCall.run(arrived(bounds), () => Effect.succeed("a"))
      assert.deepStrictEqual(bounds, [])
      yield* HandlerCall.run(arrived(bounds, 500), () => Effect.succeed("a"))
      yield* HandlerCall.run(Call.withDeadline(arrived(bounds, 500), 200), () => Effect.succeed("a"))
      assert.deepStrictEqual(bounds, [500, 200])
    })
  )

  it.effect("the handler sees the call that middleware made of the one that arrived", () =>
    Effect.gen(function* () {
      const first = arrived([], 500)
      const see = () => Effect.map(Call.Current, (current) => current?.deadline)
      const run = (call: Call.Call) => Effect.provideService(HandlerCall.run(call, see), Call.Current, first)
      assert.deepStrictEqual((yield* run(first)).result, Result.succeed(500))
      assert.deepStrictEqual((yield* run(Call.withDeadline(first, 200))).result, Result.succeed(200))
    })
  )
})
