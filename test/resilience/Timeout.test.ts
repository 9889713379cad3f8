import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import * as Call from "../../src/Call.ts"
import { Endpoint } from "../../src/Endpoint.ts"
import * as Layer from "../../src/Layer.ts"
import * as Method from "../../src/Method.ts"
import * as Timeout from "../../src/resilience/Timeout.ts"
import * as Service from "../../src/Service.ts"
import * as FakeEndpoint from "../../src/testing/FakeEndpoint.ts"

const getItem = Method.unary<string, string>({ contract: "Items", name: "getItem", codec: { protocol: "none" } })

/** The deadline that arrives below `middleware`. */
const deadlineBelow = (middleware: Layer.Middleware, call: Call.Call) =>
  Effect.gen(function* () {
    const fake = yield* FakeEndpoint.make
    const context = yield* Layer.build(Layer.provide(middleware, fake.layer))
    yield* Effect.forkScoped(
      Effect.provideContext(
        Endpoint.use((endpoint) => endpoint(call)),
        context
      )
    )
    return (yield* fake.next).call.deadline
  })

describe("Timeout.layer", () => {
  it.effect("gives a call without deadline one", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_000)
      const deadline = yield* deadlineBelow(Timeout.layer("250 millis"), Call.make(getItem, "a"))
      assert.strictEqual(deadline, 1_250)
    })
  )

  it.effect("keeps an earlier deadline and lowers a later one", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_000)
      const call = Call.make(getItem, "a")
      const timeout = Timeout.layer("250 millis")
      assert.strictEqual(yield* deadlineBelow(timeout, Call.withDeadline(call, 1_100)), 1_100)
      assert.strictEqual(yield* deadlineBelow(timeout, Call.withDeadline(call, 9_000)), 1_250)
    })
  )

  it.effect("an infinite one sets no deadline", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* deadlineBelow(Timeout.layer("Infinity"), Call.make(getItem, "a")), undefined)
    })
  )

  it.effect("of several the shortest holds, wherever it stands", () =>
    Effect.gen(function* () {
      const call = Call.make(getItem, "a")
      const long = Timeout.layer("1 second")
      const short = Timeout.layer("200 millis")
      assert.strictEqual(yield* deadlineBelow(Layer.stack([long, short]), call), 200)
      assert.strictEqual(yield* deadlineBelow(Layer.stack([short, long]), call), 200)
    })
  )

  it.effect("the time counts from each call, not from when the layer was built", () =>
    Effect.gen(function* () {
      const fake = yield* FakeEndpoint.make
      const context = yield* Layer.build(Layer.provide(Timeout.layer("1 second"), fake.layer))
      const send = Effect.forkScoped(
        Effect.provideContext(
          Endpoint.use((endpoint) => endpoint(Call.make(getItem, "a"))),
          context
        )
      )
      yield* TestClock.adjust("10 seconds")
      yield* send
      assert.strictEqual((yield* fake.next).call.deadline, 11_000)
    })
  )
})

describe("Timeout.wrap", () => {
  it.effect("interrupts a service of any kind and says which instant passed", () =>
    Effect.gen(function* () {
      let interrupted = false
      const slow = Service.make((_: string) =>
        Effect.onInterrupt(Effect.never as Effect.Effect<string>, () => Effect.sync(() => (interrupted = true)))
      )
      const fiber = yield* Effect.forkChild(Effect.flip(Timeout.wrap("3 seconds")(slow)("a")), {
        startImmediately: true
      })
      yield* TestClock.adjust("2999 millis")
      assert.strictEqual(fiber.pollUnsafe(), undefined)
      yield* TestClock.adjust("1 millis")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error._tag, "DeadlineExceeded")
      assert.strictEqual(error.deadline, 3_000)
      assert.isTrue(interrupted)
    })
  )

  it.effect("passes what comes in time", () =>
    Effect.gen(function* () {
      const double = Service.make((n: number) => (n > 0 ? Effect.succeed(2 * n) : Effect.fail("negative" as const)))
      const bounded = Timeout.wrap("1 second")(double)
      assert.strictEqual(yield* bounded(21), 42)
      assert.strictEqual(yield* Effect.flip(bounded(-1)), "negative")
    })
  )
})
