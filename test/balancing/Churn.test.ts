import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as TestClock from "effect/testing/TestClock"
import * as Balancer from "../../src/balancing/Balancer.ts"
import * as P2c from "../../src/balancing/P2c.ts"
import * as RoundRobin from "../../src/balancing/RoundRobin.ts"
import * as Call from "../../src/Call.ts"
import { Endpoint } from "../../src/Endpoint.ts"
import * as Layer from "../../src/Layer.ts"
import { at, echo, FakeConnector, FakeResolver } from "./nodes.ts"

const steps = 200
const callsAStep = 20

/** A set of 1 to 8 of 8 instances, of random weights. */
const randomSet = Effect.gen(function* () {
  const count = yield* Random.nextIntBetween(1, 8)
  const ports = (yield* Random.shuffle([1, 2, 3, 4, 5, 6, 7, 8])).slice(0, count)
  return yield* Effect.forEach(ports, (port) => Effect.map(Random.nextIntBetween(1, 30), (weight) => at(port, weight)))
})

describe("instances that come and go under load lose no call", () => {
  for (const [name, policy] of [
    ["P2c", P2c.policy],
    ["RoundRobin", RoundRobin.policy]
  ] as const) {
    for (const seed of ["one", "two", "three"]) {
      it.effect(`${name}, seed ${seed}`, () =>
        Effect.gen(function* () {
          const connector = new FakeConnector()
          connector.work = Effect.flatMap(Random.nextIntBetween(1, 120), (millis) => Effect.sleep(millis))
          const resolver = yield* FakeResolver.of(yield* randomSet)
          const context = yield* Layer.build(
            Balancer.layer("echo", policy).pipe(Layer.provide([resolver.layer, connector.layer]))
          )
          const endpoint = yield* Effect.provideContext(Endpoint, context)
          const fibers: Array<Fiber.Fiber<unknown, unknown>> = []
          let known = new Set<number>()
          for (let step = 0; step < steps; step++) {
            const set = yield* randomSet
            yield* resolver.set(...set)
            yield* TestClock.adjust("10 millis")
            known = new Set(set.map((instance) => Number(instance.key.split(":")[1])))
            const before = connector.received.length
            for (let i = 0; i < callsAStep; i++) {
              fibers.push(yield* Effect.forkChild(endpoint(Call.make(echo, "a")), { startImmediately: true }))
            }
            assert.strictEqual(connector.received.length, before + callsAStep)
            for (const [port] of connector.received.slice(before)) assert.isTrue(known.has(port), `${port} has left`)
          }
          yield* TestClock.adjust("10 seconds")
          for (const fiber of fibers) yield* Fiber.join(fiber)
          assert.strictEqual(fibers.length, steps * callsAStep)
          assert.deepStrictEqual(connector.lost, [])
          assert.isAtMost(connector.opened.length - connector.closed.length, known.size, "links that are left")
        }).pipe(Random.withSeed(seed))
      )
    }
  }
})
