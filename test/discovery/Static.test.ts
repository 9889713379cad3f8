import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { Resolver } from "../../src/discovery/Resolver.ts"
import * as Static from "../../src/discovery/Static.ts"

const watch = (target: string) => Stream.unwrap(Effect.map(Resolver, (resolver) => resolver.watch(target)))

describe("Static", () => {
  it.effect("gives the listed instances with weight and tags", () =>
    Effect.gen(function* () {
      const [snapshot] = yield* Stream.runCollect(Stream.take(watch("items"), 1))
      assert(snapshot !== undefined)
      assert.deepStrictEqual(
        snapshot.instances.map(({ key, weight, tags }) => [key, weight, Object.fromEntries(tags)]),
        [
          ["127.0.0.1:8080", 10, {}],
          ["unix:/run/items.sock", 0, { zone: "a" }]
        ]
      )
    }).pipe(
      Effect.provide(
        Static.layer({ items: ["127.0.0.1:8080", { address: "/run/items.sock", weight: 0, tags: { zone: "a" } }] })
      )
    )
  )

  it.effect("keeps watching after the only snapshot", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Stream.runDrain(watch("items")), { startImmediately: true })
      yield* Effect.yieldNow
      assert.strictEqual(fiber.pollUnsafe(), undefined)
      yield* Fiber.interrupt(fiber)
    }).pipe(Effect.provide(Static.layer({ items: ["127.0.0.1:8080"] })))
  )

  it.effect("names the known targets when one is not listed", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Stream.runDrain(watch("itms")))
      assert.strictEqual(
        error.message,
        'cannot resolve "itms": it is not in the static list, which has "items", "orders"'
      )
    }).pipe(Effect.provide(Static.layer({ items: ["127.0.0.1:8080"], orders: [] })))
  )

  const bad: ReadonlyArray<readonly [Static.Entry, RegExp]> = [
    ["localhost", /"localhost" is no address; write host:port/],
    [{ address: "localhost:1", weight: -1 }, /the weight of localhost:1 is -1/],
    [{ address: "localhost:1", weight: NaN }, /the weight of localhost:1 is NaN/],
    [{ address: "localhost:1", weight: Infinity }, /the weight of localhost:1 is Infinity/]
  ]
  for (const [entry, message] of bad) {
    it.effect(`does not build with ${JSON.stringify(entry)}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Effect.provide(Resolver, Static.layer({ items: [entry] })))
        assert.match(error.message, message)
      })
    )
  }
})
