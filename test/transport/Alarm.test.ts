import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { Alarm } from "../../src/transport/Alarm.ts"
import * as Deadlines from "../../src/transport/Deadlines.ts"

const tea = 0
const cake = 1

class Kitchen extends Alarm {
  readonly due: Array<number> = []
  onDue = (_what: number): void => {}

  constructor(deadlines: Deadlines.Deadlines["Service"]) {
    super(deadlines, [Infinity, Infinity])
  }

  wait(what: number, millis: number): void {
    this.set(what, millis)
  }

  move(what: number, millis: number): void {
    this.until[what] = this.deadlines.now() + millis
  }

  protected override check(now: number): void {
    this.takeDue(now, (what) => {
      this.due.push(what)
      this.onDue(what)
    })
  }
}

const kitchen = Effect.map(Deadlines.Deadlines, (deadlines) => ({ deadlines, alarm: new Kitchen(deadlines) }))

describe("an alarm", () => {
  it.effect("tells of each instant once, by one timer for all", () =>
    Effect.gen(function* () {
      const { alarm, deadlines } = yield* kitchen
      alarm.wait(cake, 5000)
      alarm.wait(tea, 1000)
      assert.strictEqual(deadlines.pending(), 1)
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(alarm.due, [tea])
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(alarm.due, [tea, cake])
      assert.strictEqual(deadlines.pending(), 0)
    }).pipe(Effect.provide(Deadlines.layer))
  )

  it.effect("that comes too early, since an instant was moved, goes on waiting", () =>
    Effect.gen(function* () {
      const { alarm, deadlines } = yield* kitchen
      alarm.wait(tea, 1000)
      alarm.move(tea, 3000)
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(alarm.due, [])
      assert.strictEqual(deadlines.pending(), 1)
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(alarm.due, [tea])
    }).pipe(Effect.provide(Deadlines.layer))
  )

  it.effect("that is stopped, also by what it told, is silent for good", () =>
    Effect.gen(function* () {
      const { alarm, deadlines } = yield* kitchen
      alarm.onDue = () => alarm.stop()
      alarm.wait(tea, 1000)
      alarm.wait(cake, 5000)
      yield* TestClock.adjust("1 hour")
      alarm.wait(cake, 1000)
      assert.strictEqual(deadlines.pending(), 0)
      assert.deepStrictEqual(alarm.due, [tea])
    }).pipe(Effect.provide(Deadlines.layer))
  )
})
