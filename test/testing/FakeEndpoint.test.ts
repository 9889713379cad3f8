import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Call from "../../src/Call.ts"
import * as Contract from "../../src/Contract.ts"
import * as Method from "../../src/Method.ts"
import { isRpcError, Overloaded } from "../../src/RpcError.ts"
import * as FakeEndpoint from "../../src/testing/FakeEndpoint.ts"

class TooBig {
  readonly _tag = "TooBig"
}

const double = Method.unary<{ readonly n: number }, number, TooBig>({
  name: "double",
  contract: "test.Numbers",
  codec: { protocol: "none" }
})
const halve = Method.unary<{ readonly n: number }, number>({
  name: "halve",
  contract: "test.Numbers",
  codec: { protocol: "none" }
})

class Numbers extends Contract.Service<Numbers>()("test.Numbers", { double, halve }) {}

describe("FakeEndpoint", () => {
  it.effect("answers a client's call by hand", () =>
    Effect.gen(function* () {
      const fake = yield* FakeEndpoint.make
      const running = yield* Numbers.use((numbers) => numbers.double({ n: 4 })).pipe(
        Effect.provide(Numbers.client),
        Effect.provide(fake.layer),
        Effect.forkChild
      )
      const call = yield* fake.nextOf(double)
      assert.strictEqual(call.payload.n, 4)
      assert.strictEqual(fake.waiting(), 1)
      yield* call.reply(8)
      assert.strictEqual(yield* Fiber.join(running), 8)
      assert.strictEqual(call.state(), "answered")
      assert.strictEqual(fake.waiting(), 0)
    })
  )

  it.effect("answers with a declared exception and with a framework failure", () =>
    Effect.gen(function* () {
      const fake = yield* FakeEndpoint.make
      const client = yield* Numbers.pipe(Effect.provide(Numbers.client), Effect.provide(fake.layer))
      const first = yield* Effect.forkChild(Effect.flip(client.double({ n: 1 })))
      yield* Effect.flatMap(fake.next, (call) => call.declared(new TooBig()))
      assert.instanceOf(yield* Fiber.join(first), TooBig)
      const second = yield* Effect.forkChild(Effect.flip(client.double({ n: 2 })))
      yield* Effect.flatMap(fake.next, (call) => call.fail(new Overloaded({ limit: "1 call" })))
      const error = yield* Fiber.join(second)
      assert.isTrue(isRpcError(error) && error.method === "test.Numbers.double" && error.reason._tag === "Overloaded")
    })
  )

  it.effect("sees the interruption of a call, and drops an answer that comes after it", () =>
    Effect.gen(function* () {
      const fake = yield* FakeEndpoint.make
      const running = yield* Effect.forkChild(fake.endpoint(Call.make(double, { n: 1 })))
      const call = yield* fake.next
      const watcher = yield* Effect.forkChild(call.interrupted)
      yield* Fiber.interrupt(running)
      yield* Fiber.join(watcher)
      assert.strictEqual(call.state(), "interrupted")
      yield* call.reply(2)
      assert.strictEqual(call.state(), "interrupted")
      assert.strictEqual(fake.waiting(), 0)
    })
  )

  it.effect("hands calls over in order and keeps all of them", () =>
    Effect.gen(function* () {
      const fake = yield* FakeEndpoint.make
      for (const n of [1, 2, 3]) {
        yield* Effect.forkChild(fake.endpoint(Call.make(double, n)), { startImmediately: true })
      }
      const taken = [yield* fake.next, yield* fake.next]
      assert.deepStrictEqual(
        taken.map((call) => call.payload),
        [1, 2]
      )
      assert.deepStrictEqual(
        fake.calls.map((call) => call.payload),
        [1, 2, 3]
      )
    })
  )

  it.effect("takes a mistake of the test for a defect", () =>
    Effect.gen(function* () {
      const fake = yield* FakeEndpoint.make
      yield* Effect.forkChild(fake.endpoint(Call.make(double, 1)), { startImmediately: true })
      const wrong = yield* Effect.exit(fake.nextOf(halve))
      assert.include(messageOf(wrong), "expected a call of test.Numbers.halve")
      yield* fake.calls[0]!.reply(1)
      const twice = yield* Effect.exit(fake.calls[0]!.reply(1))
      assert.include(messageOf(twice), "answered already")
    })
  )
})

const messageOf = (exit: Exit.Exit<unknown, unknown>): string =>
  Exit.isFailure(exit) ? String(Cause.squash(exit.cause)) : "success"
