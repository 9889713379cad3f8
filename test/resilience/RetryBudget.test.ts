import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import * as RetryBudget from "../../src/resilience/RetryBudget.ts"

const times = (n: number, f: () => void) => {
  for (let i = 0; i < n; i++) f()
}

/** How many retries there are before the budget refuses one. */
const drain = (budget: RetryBudget.RetryBudget) => {
  let taken = 0
  while (taken < 100_000 && budget.tryWithdraw()) taken++
  return taken
}

describe("RetryBudget", () => {
  it.effect("starts with its minimum: 10 a second for 10 seconds", () =>
    Effect.gen(function* () {
      assert.strictEqual(drain(yield* RetryBudget.make()), 100)
    })
  )

  it.effect("allows a retry for every five calls on top", () =>
    Effect.gen(function* () {
      const budget = yield* RetryBudget.make()
      times(1_000, budget.deposit)
      assert.strictEqual(drain(budget), 300)
    })
  )

  it.effect("without minimum only calls pay", () =>
    Effect.gen(function* () {
      const budget = yield* RetryBudget.make({ minPerSecond: 0, ratio: 0.1 })
      assert.isFalse(budget.tryWithdraw())
      times(9, budget.deposit)
      assert.isFalse(budget.tryWithdraw())
      times(1, budget.deposit)
      assert.isTrue(budget.tryWithdraw())
      assert.isFalse(budget.tryWithdraw())
    })
  )

  it.effect("calls pay for as long as the time to live, and not longer", () =>
    Effect.gen(function* () {
      const budget = yield* RetryBudget.make({ minPerSecond: 0, ratio: 0.5, ttl: "10 seconds" })
      times(4, budget.deposit)
      yield* TestClock.adjust("9 seconds")
      times(4, budget.deposit)
      assert.strictEqual(budget.balance(), 4)
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual(budget.balance(), 2)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(budget.balance(), 0)
    })
  )

  it.effect("calls are forgotten however long nothing was asked", () =>
    Effect.gen(function* () {
      for (let seconds = 10; seconds < 40; seconds++) {
        const budget = yield* RetryBudget.make({ minPerSecond: 0, ratio: 1, ttl: "10 seconds" })
        budget.deposit()
        yield* TestClock.adjust(`${seconds} seconds`)
        assert.strictEqual(budget.balance(), 0)
      }
    })
  )

  it.effect("retries are forgotten as calls are, so the minimum comes back", () =>
    Effect.gen(function* () {
      const budget = yield* RetryBudget.make({ minPerSecond: 1, ttl: "10 seconds" })
      assert.strictEqual(drain(budget), 10)
      yield* TestClock.adjust("9 seconds")
      assert.isFalse(budget.tryWithdraw())
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual(drain(budget), 10)
    })
  )

  it.effect("a clock set back loses nothing", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(60_000)
      const budget = yield* RetryBudget.make({ minPerSecond: 0, ratio: 1 })
      times(3, budget.deposit)
      yield* TestClock.setTime(10_000)
      times(2, budget.deposit)
      assert.strictEqual(budget.balance(), 5)
    })
  )

  it.effect("unlimited never refuses", () =>
    Effect.gen(function* () {
      assert.strictEqual(drain(yield* RetryBudget.unlimited), 100_000)
    })
  )
})
