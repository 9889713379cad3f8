import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Service from "../src/Service.ts"

const half = Service.make((n: number) => (n % 2 === 0 ? Effect.succeed(n / 2) : Effect.fail(`${n} is odd` as const)))

describe("Service", () => {
  it.effect("is a function", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* half(4), 2)
      assert.strictEqual(yield* Effect.flip(half(3)), "3 is odd")
    })
  )

  it.effect("mapRequest adapts what goes in", () =>
    Effect.gen(function* () {
      const ofText = Service.mapRequest((text: string) => Number(text))(half)
      assert.strictEqual(yield* ofText("8"), 4)
    })
  )

  it.effect("mapResponse adapts what comes out", () =>
    Effect.gen(function* () {
      const text = Service.mapResponse((n: number) => `=${n}`)(half)
      assert.strictEqual(yield* text(4), "=2")
    })
  )

  it.effect("mapError adapts the failure alone", () =>
    Effect.gen(function* () {
      const wrapped = Service.mapError((why: string) => ({ why }))(half)
      assert.deepStrictEqual(yield* Effect.flip(wrapped(1)), { why: "1 is odd" })
      assert.strictEqual(yield* wrapped(2), 1)
    })
  )

  it.effect("wrap decides whether and how often the inner service runs", () =>
    Effect.gen(function* () {
      const seen: Array<number> = []
      const counted = Service.make((n: number) => {
        seen.push(n)
        return half(n)
      })
      const twice = Service.wrap((inner: typeof half, n: number) => Effect.flatMap(inner(n), inner))(counted)
      assert.strictEqual(yield* twice(12), 3)
      assert.deepStrictEqual(seen, [12, 6])
      const never = Service.wrap((_: typeof half, n: number) => Effect.succeed(n))(counted)
      assert.strictEqual(yield* never(1), 1)
      assert.strictEqual(seen.length, 2)
    })
  )

  it.effect("combinators compose by pipe, the last one outermost", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const logged = (name: string) =>
        Service.wrap((inner: typeof half, n: number) => {
          log.push(name)
          return inner(n)
        })
      yield* logged("outer")(logged("inner")(half))(2)
      assert.deepStrictEqual(log, ["outer", "inner"])
    })
  )
})
