import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/testing/TestClock"
import * as Call from "../../src/Call.ts"
import * as CallOptions from "../../src/CallOptions.ts"
import { Endpoint } from "../../src/Endpoint.ts"
import * as Layer from "../../src/Layer.ts"
import * as Method from "../../src/Method.ts"
import * as Retry from "../../src/resilience/Retry.ts"
import * as StreamMethod from "../../src/StreamMethod.ts"
import * as RetryBudget from "../../src/resilience/RetryBudget.ts"
import * as Timeout from "../../src/resilience/Timeout.ts"
import * as RpcError from "../../src/RpcError.ts"
import * as Service from "../../src/Service.ts"
import * as FakeEndpoint from "../../src/testing/FakeEndpoint.ts"

const codec = { protocol: "none" }
const addItem = Method.unary<string, string, string>({ contract: "Items", name: "addItem", codec })
const getItem = Method.unary<string, string>({ contract: "Items", name: "getItem", idempotent: true, codec })
const addAll = StreamMethod.clientStream<string, string>({ contract: "Items", name: "addAll", idempotent: true, codec })

const refused = new RpcError.Unavailable({ unsent: true, detail: "connection refused" })
const lost = new RpcError.Unavailable({ unsent: false, detail: "connection lost" })

const everySecond: Retry.Policy = { schedule: Schedule.upTo(Schedule.spaced("1 second"), { times: 2 }) }

/** A call under way through `middleware` to an endpoint that the test answers. */
const start = (middleware: Layer.Middleware, call: Call.Call) =>
  Effect.gen(function* () {
    const fake = yield* FakeEndpoint.make
    const context = yield* Layer.build(Layer.provide(middleware, fake.layer))
    const fiber = yield* Effect.forkChild(
      Effect.provideContext(
        Endpoint.use((endpoint) => endpoint(call)),
        context
      ),
      { startImmediately: true }
    )
    return { fake, fiber }
  })

const reasonOf = (exit: Exit.Exit<unknown, RpcError.RpcError>) => {
  assert(Exit.isFailure(exit))
  const error = Cause.findErrorOption(exit.cause)
  assert(error._tag === "Some")
  return error.value.reason
}

describe("Retry.layer", () => {
  it.effect("a call that succeeds is made once", () =>
    Effect.gen(function* () {
      const { fake, fiber } = yield* start(Retry.layer(everySecond), Call.make(addItem, "a"))
      yield* (yield* fake.next).reply("done")
      const reply = yield* Fiber.join(fiber)
      assert.deepStrictEqual(reply.result, Result.succeed("done"))
      assert.strictEqual(fake.calls.length, 1)
    })
  )

  it.effect("numbers attempts from 0 and names the instances that failed", () =>
    Effect.gen(function* () {
      const { fake, fiber } = yield* start(Retry.layer(everySecond), Call.make(addItem, "a"))
      for (const peer of ["a:1", "b:2"]) {
        yield* (yield* fake.next).fail(new RpcError.RpcError({ method: addItem.fullName, peer, reason: refused }))
        yield* TestClock.adjust("1 second")
      }
      yield* (yield* fake.next).reply("done")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(
        fake.calls.map(({ call }) => [call.attempt, call.tried, call.payload]),
        [
          [0, [], "a"],
          [1, ["a:1"], "a"],
          [2, ["a:1", "b:2"], "a"]
        ]
      )
    })
  )

  it.effect("waits as long as the schedule says", () =>
    Effect.gen(function* () {
      const { fake } = yield* start(Retry.layer(everySecond), Call.make(addItem, "a"))
      yield* (yield* fake.next).fail(refused)
      yield* TestClock.adjust("999 millis")
      assert.strictEqual(fake.calls.length, 1)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(fake.calls.length, 2)
    })
  )

  it.effect("keeps the last error when the schedule ends", () =>
    Effect.gen(function* () {
      const { fake, fiber } = yield* start(Retry.layer(everySecond), Call.make(addItem, "a"))
      for (const detail of ["first", "second", "third"]) {
        yield* (yield* fake.next).fail(new RpcError.Unavailable({ unsent: true, detail }))
        yield* TestClock.adjust("1 second")
      }
      const reason = reasonOf(yield* Fiber.await(fiber))
      assert(reason._tag === "Unavailable")
      assert.strictEqual(reason.detail, "third")
      assert.strictEqual(fake.calls.length, 3)
    })
  )

  const reasons: ReadonlyArray<readonly [string, Method.Any, RpcError.Reason, boolean]> = [
    ["unsent", addItem, refused, true],
    ["no instance", addItem, new RpcError.NoInstance({ target: "items" }), true],
    ["an open circuit", addItem, new RpcError.CircuitOpen({ key: "items" }), true],
    ["a bound on this side", addItem, new RpcError.Overloaded({ limit: "queue of 10" }), true],
    ["perhaps processed", addItem, lost, false],
    ["perhaps processed, idempotent", getItem, lost, true],
    ["status unavailable", addItem, new RpcError.StatusError({ code: 14, detail: "" }), false],
    ["status unavailable, idempotent", getItem, new RpcError.StatusError({ code: 14, detail: "" }), true],
    ["another status, idempotent", getItem, new RpcError.StatusError({ code: 13, detail: "" }), false],
    ["a stream of requests, idempotent", addAll, lost, false],
    ["a stream of requests, unsent", addAll, refused, true],
    ["an attempt's deadline", addItem, new RpcError.DeadlineExceeded({ deadline: 10 }), false],
    ["an attempt's deadline, idempotent", getItem, new RpcError.DeadlineExceeded({ deadline: 10 }), true],
    ["the call's deadline, idempotent", getItem, new RpcError.DeadlineExceeded({ deadline: 60_000 }), false],
    ["an application exception, idempotent", getItem, new RpcError.ApplicationError({ code: 6, detail: "" }), false],
    ["a protocol error, idempotent", getItem, new RpcError.ProtocolError({ detail: "" }), false],
    ["a business status", getItem, new RpcError.BizError({ code: 1, detail: "", extra: new Map() }), false]
  ]
  for (const [name, method, reason, retried] of reasons) {
    it.effect(`${retried ? "retries" : "does not retry"}: ${name}`, () =>
      Effect.gen(function* () {
        const call = Call.withDeadline(Call.make(method, "a"), 60_000)
        const { fake, fiber } = yield* start(Retry.layer(everySecond), call)
        yield* (yield* fake.next).fail(reason)
        yield* TestClock.adjust("1 second")
        assert.strictEqual(fake.calls.length, retried ? 2 : 1)
        if (!retried) assert.strictEqual(reasonOf(yield* Fiber.await(fiber)), reason)
      })
    )
  }

  it.effect("a declared exception is a reply and ends the call", () =>
    Effect.gen(function* () {
      const { fake, fiber } = yield* start(Retry.layer(everySecond), Call.make(getItem, "a"))
      yield* (yield* fake.next).declared("not found")
      const reply = yield* Fiber.join(fiber)
      assert.deepStrictEqual(reply.result, Result.fail("not found"))
      assert.strictEqual(fake.calls.length, 1)
    })
  )

  it.effect("a failure that may not be retried ends retrying, also behind one that may", () =>
    Effect.gen(function* () {
      const { fake, fiber } = yield* start(Retry.layer(everySecond), Call.make(addItem, "a"))
      yield* (yield* fake.next).fail(refused)
      yield* TestClock.adjust("1 second")
      yield* (yield* fake.next).fail(lost)
      assert.strictEqual(reasonOf(yield* Fiber.await(fiber)), lost)
    })
  )

  it.effect("fails at once when the deadline would pass before the next attempt", () =>
    Effect.gen(function* () {
      const call = Call.withDeadline(Call.make(addItem, "a"), 1_000)
      const { fake, fiber } = yield* start(Retry.layer(everySecond), call)
      yield* (yield* fake.next).fail(refused)
      assert.strictEqual(reasonOf(yield* Fiber.await(fiber)), refused)
    })
  )

  it.effect("between two timeouts: one bounds the whole, one each attempt", () =>
    Effect.gen(function* () {
      const stack = Layer.stack([Timeout.layer("3 seconds"), Retry.layer(everySecond), Timeout.layer("500 millis")])
      const { fake, fiber } = yield* start(stack, Call.make(getItem, "a"))
      const deadlines: Array<number | undefined> = []
      for (let attempt = 0; attempt < 3; attempt++) {
        const taken = yield* fake.next
        deadlines.push(taken.call.deadline)
        // What a transport does at the attempt's deadline.
        yield* TestClock.adjust("500 millis")
        yield* taken.fail(new RpcError.DeadlineExceeded({ deadline: taken.call.deadline! }))
        yield* TestClock.adjust("1 second")
        if (fiber.pollUnsafe() !== undefined) break
      }
      // A third attempt would start at 3,000, when the whole call is over.
      assert.deepStrictEqual(deadlines, [500, 2_000])
      assert.strictEqual(reasonOf(yield* Fiber.await(fiber))._tag, "DeadlineExceeded")
    })
  )

  it.effect("a call's options switch it off", () =>
    Effect.gen(function* () {
      const fake = yield* FakeEndpoint.make
      const context = yield* Layer.build(Layer.provide(Retry.layer(everySecond), fake.layer))
      const fiber = yield* Endpoint.use((endpoint) => endpoint(Call.make(addItem, "a"))).pipe(
        CallOptions.withRetry(false),
        Effect.provideContext(context),
        Effect.forkChild({ startImmediately: true })
      )
      yield* (yield* fake.next).fail(refused)
      assert.strictEqual(reasonOf(yield* Fiber.await(fiber)), refused)
    })
  )

  it.effect("spends its budget, one for all calls of the layer, and fails with the error when it is empty", () =>
    Effect.gen(function* () {
      const policy: Retry.Policy = {
        ...everySecond,
        budget: RetryBudget.make({ minPerSecond: 0, ratio: 0.5 })
      }
      const fake = yield* FakeEndpoint.make
      const context = yield* Layer.build(Layer.provide(Retry.layer(policy), fake.layer))
      const send = Effect.forkChild(
        Effect.provideContext(
          Endpoint.use((endpoint) => endpoint(Call.make(addItem, "a"))),
          context
        ),
        { startImmediately: true }
      )
      const first = yield* send
      yield* (yield* fake.next).fail(refused)
      assert.strictEqual(reasonOf(yield* Fiber.await(first)), refused)
      yield* send
      yield* (yield* fake.next).fail(refused)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(fake.calls.length, 3, "two calls pay for one retry")
    })
  )

  it.effect("one policy in two layers has a budget in each, unless the budget is shared", () =>
    Effect.gen(function* () {
      const shared = yield* RetryBudget.make({ minPerSecond: 0.1, ratio: 0 })
      const retriesOf = (budget: Effect.Effect<RetryBudget.RetryBudget>) =>
        Effect.gen(function* () {
          const policy: Retry.Policy = { ...everySecond, budget }
          let calls = 0
          for (let client = 0; client < 2; client++) {
            const { fake, fiber } = yield* start(Retry.layer(policy), Call.make(addItem, "a"))
            yield* (yield* fake.next).fail(refused)
            yield* TestClock.adjust("1 second")
            calls += fake.calls.length
            yield* Fiber.interrupt(fiber)
          }
          return calls - 2
        })
      assert.strictEqual(yield* retriesOf(RetryBudget.make({ minPerSecond: 0.1, ratio: 0 })), 2)
      assert.strictEqual(yield* retriesOf(Effect.succeed(shared)), 1)
    })
  )

  it.effect("interruption ends the pause", () =>
    Effect.gen(function* () {
      const { fake, fiber } = yield* start(Retry.layer(everySecond), Call.make(addItem, "a"))
      yield* (yield* fake.next).fail(refused)
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(fake.calls.length, 1)
    })
  )

  it.effect("a defect is not retried", () =>
    Effect.gen(function* () {
      let calls = 0
      const dying = Layer.succeed(Endpoint, () => {
        calls++
        return Effect.die("bug")
      })
      const context = yield* Layer.build(Layer.provide(Retry.layer(everySecond), dying))
      const exit = yield* Effect.exit(
        Effect.provideContext(
          Endpoint.use((endpoint) => endpoint(Call.make(getItem, "a"))),
          context
        )
      )
      assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
      assert.strictEqual(calls, 1)
    })
  )

  it.effect("standard: two retries, after 50 and 100 ms give or take 20 %", () =>
    Effect.gen(function* () {
      for (const seed of ["a", "b", "c"]) {
        const begin = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
        const at: Array<number> = []
        const failing = Layer.succeed(Endpoint, (call) =>
          Effect.clockWith((clock) => {
            at.push(clock.currentTimeMillisUnsafe() - begin)
            return Effect.fail(new RpcError.RpcError({ method: call.method.fullName, reason: refused }))
          })
        )
        const context = yield* Layer.build(Layer.provide(Retry.layer(Retry.standard), failing))
        const fiber = yield* Endpoint.use((endpoint) => endpoint(Call.make(addItem, "a"))).pipe(
          Effect.provideContext(context),
          Random.withSeed(seed),
          Effect.forkChild({ startImmediately: true })
        )
        for (let millis = 0; millis < 300; millis++) yield* TestClock.adjust("1 millis")
        yield* Fiber.await(fiber)
        assert.strictEqual(at.length, 3)
        const [, first, second] = at as [number, number, number]
        assert.isAtLeast(first, 40)
        assert.isAtMost(first, 61)
        assert.isAtLeast(second - first, 80)
        assert.isAtMost(second - first, 121)
      }
    })
  )

  it.effect("a backoff stops growing at its longest pause", () =>
    Effect.gen(function* () {
      const step = yield* Schedule.toStep(Retry.backoff({ times: 8, longest: "200 millis" }))
      const pauses: Array<number> = []
      for (let i = 0; i < 8; i++) {
        const [, pause] = yield* Effect.orDie(step(0, undefined))
        pauses.push(Duration.toMillis(pause))
      }
      const middles = [50, 100, 200, 200, 200, 200, 200, 200]
      for (const [i, pause] of pauses.entries()) assert.closeTo(pause, middles[i]!, 0.2 * middles[i]!)
    })
  )
})

describe("Retry.wrap", () => {
  it.effect("works on a service of any kind with a predicate of its own", () =>
    Effect.gen(function* () {
      const seen: Array<number> = []
      const service = Service.make((n: number) => {
        seen.push(n)
        return seen.length < 3 ? Effect.fail({ _tag: "Busy" as const }) : Effect.succeed(`${n}!`)
      })
      const retried = Retry.wrap({
        schedule: Schedule.recurs(5),
        isRetryable: (error: { readonly _tag: "Busy" }) => error._tag === "Busy"
      })(service)
      assert.strictEqual(yield* retried(7), "7!")
      assert.deepStrictEqual(seen, [7, 7, 7])
    })
  )

  it.effect("by default only what was not sent is sent again", () =>
    Effect.gen(function* () {
      const attempts = (error: unknown) =>
        Effect.gen(function* () {
          let calls = 0
          const failing = Service.make((_: string) => {
            calls++
            return Effect.fail(error)
          })
          const exit = yield* Effect.exit(Retry.wrap({ schedule: Schedule.recurs(2) })(failing)("a"))
          assert.isTrue(Exit.isFailure(exit))
          return calls
        })
      const rpc = (reason: RpcError.Reason) => new RpcError.RpcError({ method: "Items.getItem", reason })
      assert.strictEqual(yield* attempts(rpc(refused)), 3)
      assert.strictEqual(yield* attempts(rpc(lost)), 1)
      assert.strictEqual(yield* attempts("declared"), 1)
    })
  )

  it.effect("has one budget for all calls", () =>
    Effect.gen(function* () {
      let calls = 0
      const failing = Service.make((_: string) => {
        calls++
        return Effect.fail("busy")
      })
      const retried = Retry.wrap({
        schedule: Schedule.recurs(1),
        isRetryable: () => true,
        budget: RetryBudget.make({ minPerSecond: 0.2, ratio: 0, ttl: "10 seconds" })
      })(failing)
      for (let i = 0; i < 5; i++) yield* Effect.exit(retried("a"))
      assert.strictEqual(calls, 7)
    })
  )
})
