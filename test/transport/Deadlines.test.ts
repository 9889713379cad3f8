import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { describe } from "vitest"
import * as Deadlines from "../../src/transport/Deadlines.ts"

const recorder = Effect.gen(function* () {
  const deadlines = yield* Deadlines.Deadlines
  const ran: Array<readonly [name: string, at: number]> = []
  const at = (millis: number, name: string) =>
    deadlines.schedule(deadlines.now() + millis, () => void ran.push([name, deadlines.now()]))
  return { deadlines, ran, at }
})

describe("Deadlines", () => {
  it.effect("runs in order, never early, and at most one resolution late", () =>
    Effect.gen(function* () {
      const { at, deadlines, ran } = yield* recorder
      const start = deadlines.now()
      for (const millis of [50, 7, 1000, 5000, 3_600_000]) at(millis, `${millis}`)
      yield* TestClock.adjust("2 hours")
      assert.deepStrictEqual(
        ran.map(([name]) => Number(name)),
        [7, 50, 1000, 5000, 3_600_000]
      )
      for (const [name, instant] of ran) {
        const late = instant - start - Number(name)
        assert.isTrue(late >= 0 && late <= Deadlines.resolution, `${name} was ${late} ms late`)
      }
      assert.strictEqual(deadlines.pending(), 0)
    }).pipe(Effect.provide(Deadlines.layer))
  )

  it.effect("a cancelled timer does not run, and cancelling twice counts once", () =>
    Effect.gen(function* () {
      const { at, deadlines, ran } = yield* recorder
      const timers = Array.from({ length: 10_000 }, (_, i) => at(10 + (i % 500), `${i}`))
      const kept = at(20, "kept")
      for (const timer of timers) {
        timer.cancel()
        timer.cancel()
      }
      assert.strictEqual(deadlines.pending(), 1)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(
        ran.map(([name]) => name),
        ["kept"]
      )
      kept.cancel()
      assert.strictEqual(deadlines.pending(), 0)
    }).pipe(Effect.provide(Deadlines.layer))
  )

  it.effect("a callback may set timers and cancel others that are due in the same tick", () =>
    Effect.gen(function* () {
      const { at, deadlines, ran } = yield* recorder
      const victims = [at(8, "victim"), at(8, "victim")]
      deadlines.schedule(deadlines.now() + 4, () => {
        for (const victim of victims) victim.cancel()
        at(12, "later")
        at(-1000, "overdue")
      })
      yield* TestClock.adjust("100 millis")
      assert.deepStrictEqual(
        ran.map(([name]) => name),
        ["overdue", "later"]
      )
    }).pipe(Effect.provide(Deadlines.layer))
  )

  it.effect("a timer that a callback sets for later does not hold up those that are due before it", () =>
    Effect.gen(function* () {
      const { at, deadlines, ran } = yield* recorder
      const start = deadlines.now()
      deadlines.schedule(start + 100, () => void at(1000, "late"))
      at(120, "soon")
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(
        ran.map(([name]) => name),
        ["soon", "late"]
      )
      assert.isAtMost(ran[0]![1] - start, 120 + Deadlines.resolution)
    }).pipe(Effect.provide(Deadlines.layer))
  )

  it.effect("starts again after it was idle, and an earlier timer shortens the sleep", () =>
    Effect.gen(function* () {
      const { at, ran } = yield* recorder
      at(10, "first")
      yield* TestClock.adjust("1 minute")
      at(1000, "third")
      at(10, "second")
      yield* TestClock.adjust("20 millis")
      assert.deepStrictEqual(
        ran.map(([name]) => name),
        ["first", "second"]
      )
      yield* TestClock.adjust("1 second")
      assert.strictEqual(ran.length, 3)
    }).pipe(Effect.provide(Deadlines.layer))
  )

  it.effect("Infinity is never", () =>
    Effect.gen(function* () {
      const { deadlines } = yield* recorder
      deadlines.schedule(Infinity, () => assert.fail("ran")).cancel()
      assert.strictEqual(deadlines.pending(), 0)
    }).pipe(Effect.provide(Deadlines.layer))
  )
})
