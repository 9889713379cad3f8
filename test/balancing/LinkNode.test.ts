import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import * as Call from "../../src/Call.ts"
import { RpcError, Unavailable } from "../../src/RpcError.ts"
import { at, FakeResolver } from "./nodes.ts"
import { call, over, start } from "./start.ts"

describe("Links to instances that leave", () => {
  it.effect("calls in flight finish, and then the link is closed", () =>
    Effect.gen(function* () {
      const { connector, resolver, send } = yield* over(at(1))
      connector.holding.add(1)
      const fibers = yield* Effect.forEach([1, 2], () => Effect.forkChild(send(call), { startImmediately: true }))
      yield* resolver.set(at(2))
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(connector.closed, [])
      assert.strictEqual(yield* send(call), 2)
      yield* connector.release(1)
      assert.deepStrictEqual(yield* Effect.forEach(fibers, Fiber.join), [1, 1])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(connector.closed, [1])
      assert.deepStrictEqual(connector.lost, [])
    })
  )

  it.effect("an idle link is closed soon, one with endless calls after the drain time", () =>
    Effect.gen(function* () {
      const resolver = yield* FakeResolver.of([at(1), at(2)])
      const { connector, send } = yield* start({ resolver, drain: "1 minute" })
      yield* send(call)
      connector.holding.add(1).add(2)
      const stuck = yield* Effect.forkChild(send(call), { startImmediately: true })
      const stuckAt = connector.received.at(-1)![0]
      yield* resolver.set()
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(connector.closed, [3 - stuckAt])
      yield* TestClock.adjust("58 seconds")
      assert.deepStrictEqual(connector.closed, [3 - stuckAt])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(connector.closed, [3 - stuckAt, stuckAt])
      assert.deepStrictEqual(connector.lost, [stuckAt])
      yield* Fiber.interrupt(stuck)
    })
  )

  it.effect("an instance that comes back gets a link of its own", () =>
    Effect.gen(function* () {
      const { connector, resolver, send } = yield* over(at(1))
      yield* send(call)
      yield* resolver.set()
      yield* TestClock.adjust("1 second")
      yield* resolver.set(at(1))
      yield* Effect.yieldNow
      assert.strictEqual(yield* send(call), 1)
      assert.deepStrictEqual([connector.opened, connector.closed], [[1, 1], [1]])
    })
  )

  it.effect("the end of the layer closes every link and ends the watch", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { connector, resolver, send } = yield* Scope.provide(over(at(1), at(2)), scope)
      yield* Effect.forEach(Array(4).fill(call), send)
      yield* send({ ...call, instance: "host:3" })
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(connector.closed.toSorted(), [1, 2, 3])
      yield* resolver.set(at(4))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(resolver.watched.length, 1)
    })
  )
})

describe("Opening links", () => {
  it.effect("calls that come while a link opens share it; an interrupted one leaves it to the others", () =>
    Effect.gen(function* () {
      const { connector, send } = yield* over(at(1))
      const gate = yield* Deferred.make<void>()
      connector.gate = Deferred.await(gate)
      const first = yield* Effect.forkChild(send(call), { startImmediately: true })
      const second = yield* Effect.forkChild(send(call), { startImmediately: true })
      yield* Fiber.interrupt(first)
      yield* Deferred.succeed(gate, undefined)
      assert.strictEqual(yield* Fiber.join(second), 1)
      assert.deepStrictEqual(connector.opened, [1])
    })
  )

  it.effect("a failure says which call and which instance, and the next call opens again", () =>
    Effect.gen(function* () {
      const { connector, send } = yield* over(at(1))
      const reason = new Unavailable({ unsent: true, detail: "no certificate" })
      const failing = Effect.fail(new RpcError({ method: "", reason }))
      for (const gate of [failing, failing, Effect.andThen(Effect.yieldNow, failing)]) {
        connector.gate = gate
        const error = yield* Effect.flip(send(call))
        assert.strictEqual(error.message, "Echo.echo at host:1: no certificate (the request was not sent)")
      }
      connector.gate = Effect.void
      assert.strictEqual(yield* send(call), 1)
    })
  )

  it.effect("a defect in a connector is a failure of the call", () =>
    Effect.gen(function* () {
      const { connector, send } = yield* over(at(1))
      connector.gate = Effect.die(new Error("bug"))
      const exit = yield* Effect.exit(send(call))
      assert.isTrue(Exit.isFailure(exit) && !Cause.hasDies(exit.cause))
    })
  )

  it.effect("a link is not opened with the services of the call that needed it first", () =>
    Effect.gen(function* () {
      const { connector, send } = yield* over(at(1))
      let served: Call.Call | undefined = call
      connector.gate = Effect.flatMap(Call.Current, (current) => {
        served = current
        return Effect.void
      })
      yield* Effect.provideService(send(call), Call.Current, call)
      assert.strictEqual(served, undefined)
    })
  )
})
