import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import * as Balancer from "../../src/balancing/Balancer.ts"
import type { Policy } from "../../src/balancing/Policy.ts"
import * as RoundRobin from "../../src/balancing/RoundRobin.ts"
import * as Call from "../../src/Call.ts"
import type { Instance } from "../../src/discovery/Instance.ts"
import { Endpoint } from "../../src/Endpoint.ts"
import * as Layer from "../../src/Layer.ts"
import * as Retry from "../../src/resilience/Retry.ts"
import { RpcError, Unavailable } from "../../src/RpcError.ts"
import { at, echo, FakeConnector, FakeResolver } from "./nodes.ts"

const call = Call.make(echo, "a")

/** An endpoint over a balancer whose resolver and connector the test holds. */
const start = (
  options: {
    readonly policy?: Policy
    readonly drain?: "1 minute"
    readonly resolver?: FakeResolver
    readonly over?: Layer.Middleware
  } = {}
) =>
  Effect.gen(function* () {
    const resolver = options.resolver ?? new FakeResolver()
    const connector = new FakeConnector()
    const balancer = Balancer.layer("echo", options.policy ?? RoundRobin.policy, { drain: options.drain }).pipe(
      Layer.provide([resolver.layer, connector.layer])
    )
    const context = yield* Layer.build(
      options.over === undefined ? balancer : options.over.pipe(Layer.provide(balancer))
    )
    const endpoint = yield* Effect.provideContext(Endpoint, context)
    const send = (call: Call.Call) => Effect.map(endpoint(call), (reply) => portIn(reply.result))
    return { resolver, connector, endpoint, send }
  })

const portIn = (result: { readonly _tag: string; readonly success?: unknown }): number => {
  assert.strictEqual(typeof result.success, "number")
  return Number(result.success)
}

const over = (...instances: ReadonlyArray<Instance>) =>
  Effect.flatMap(FakeResolver.of(instances), (resolver) => start({ resolver }))

const messageOf = (effect: Effect.Effect<unknown, RpcError>) =>
  Effect.map(Effect.flip(effect), (error) => error.message)

describe("Balancer: choosing", () => {
  it.effect("spreads calls, and opens a link when the first call goes there", () =>
    Effect.gen(function* () {
      const { connector, send } = yield* over(at(1), at(2), at(3))
      assert.deepStrictEqual(connector.opened, [])
      const first = yield* send(call)
      assert.deepStrictEqual(connector.opened, [first])
      const ports = yield* Effect.forEach(Array(8).fill(call), send)
      assert.deepStrictEqual([first, ...ports].sort(), [1, 1, 1, 2, 2, 2, 3, 3, 3])
      assert.deepStrictEqual(connector.opened.toSorted(), [1, 2, 3])
    })
  )

  it.effect("builds a picker for each snapshot and none for a call", () =>
    Effect.gen(function* () {
      let built = 0
      const counting: Policy = (nodes, random) => {
        built++
        return RoundRobin.policy(nodes, random)
      }
      const resolver = yield* FakeResolver.of([at(1)])
      const { send } = yield* start({ resolver, policy: counting })
      for (let i = 0; i < 10; i++) yield* send(call)
      assert.strictEqual(built, 1)
      yield* resolver.set(at(1), at(2))
      yield* Effect.yieldNow
      for (let i = 0; i < 10; i++) yield* send(call)
      assert.strictEqual(built, 2)
    })
  )

  it.effect("an instance of weight 0 takes no call", () =>
    Effect.gen(function* () {
      const { send } = yield* over(at(1, 0), at(2))
      assert.deepStrictEqual(yield* Effect.forEach(Array(5).fill(call), send), [2, 2, 2, 2, 2])
    })
  )

  it.effect("a changed weight keeps the link", () =>
    Effect.gen(function* () {
      const { connector, resolver, send } = yield* over(at(1, 10), at(2, 10))
      yield* Effect.forEach(Array(4).fill(call), send)
      yield* resolver.set(at(1, 30), at(2, 10))
      yield* Effect.yieldNow
      const ports = yield* Effect.forEach(Array(8).fill(call), send)
      assert.strictEqual(ports.filter((port) => port === 1).length, 6)
      assert.strictEqual(connector.opened.length, 2)
      assert.deepStrictEqual(connector.closed, [])
    })
  )

  it.effect("a call that names an instance goes there, known or not, whatever its weight", () =>
    Effect.gen(function* () {
      const { connector, send } = yield* over(at(1, 0), at(2))
      assert.strictEqual(yield* send({ ...call, instance: "host:1" }), 1)
      assert.strictEqual(yield* send({ ...call, instance: "host:9" }), 9)
      assert.strictEqual(yield* send({ ...call, instance: "host:9" }), 9)
      assert.deepStrictEqual(connector.opened, [1, 9])
      assert.deepStrictEqual(yield* Effect.forEach(Array(4).fill(call), send), [2, 2, 2, 2])
    })
  )

  it.effect("a call that names an instance does not wait for the resolver", () =>
    Effect.gen(function* () {
      const { send } = yield* start()
      assert.strictEqual(yield* send({ ...call, instance: "host:9" }), 9)
    })
  )

  it.effect("a call that names what is no address fails", () =>
    Effect.gen(function* () {
      const { send } = yield* over(at(1))
      assert.strictEqual(
        yield* messageOf(send({ ...call, instance: "nowhere" })),
        'Echo.echo: no instance of "echo": the call asks for "nowhere", which is no address; is it running and announced?'
      )
    })
  )

  it.effect("keeps a bounded number of links to instances that only calls named", () =>
    Effect.gen(function* () {
      const { connector, send } = yield* over(at(1))
      for (let port = 1_000; port < 1_100; port++) yield* send({ ...call, instance: `host:${port}` })
      yield* TestClock.adjust("1 second")
      assert.strictEqual(connector.opened.length, 100)
      assert.strictEqual(connector.closed.length, 36)
      assert.strictEqual(Math.max(...connector.closed), 1_035)
    })
  )

  it.effect("a stranger that is announced later keeps its link", () =>
    Effect.gen(function* () {
      const { connector, resolver, send } = yield* over(at(1))
      yield* send({ ...call, instance: "host:2" })
      yield* resolver.set(at(2))
      yield* Effect.yieldNow
      assert.strictEqual(yield* send(call), 2)
      assert.deepStrictEqual(connector.opened, [2])
    })
  )

  it.effect("one layer value over two connectors is two balancers", () =>
    Effect.gen(function* () {
      const resolver = yield* FakeResolver.of([at(1)])
      const balancer = Balancer.layer("echo", RoundRobin.policy)
      const connectors = [new FakeConnector(), new FakeConnector()] as const
      yield* Effect.forEach(
        connectors,
        (connector) =>
          Effect.gen(function* () {
            const context = yield* Layer.build(balancer.pipe(Layer.provide([resolver.layer, connector.layer])))
            yield* (yield* Effect.provideContext(Endpoint, context))(call)
          }),
        { discard: true }
      )
      assert.deepStrictEqual(
        connectors.map((connector) => connector.opened),
        [[1], [1]]
      )
    })
  )
})

describe("Balancer: following the resolver", () => {
  it.effect("a call before the first snapshot waits for it", () =>
    Effect.gen(function* () {
      const { resolver, send } = yield* start()
      const fiber = yield* Effect.forkChild(send(call), { startImmediately: true })
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(fiber.pollUnsafe(), undefined)
      yield* resolver.set(at(1))
      assert.strictEqual(yield* Fiber.join(fiber), 1)
    })
  )

  it.effect("but not longer than its deadline", () =>
    Effect.gen(function* () {
      const { send } = yield* start()
      const fiber = yield* Effect.forkChild(Effect.flip(send(Call.withDeadline(call, 2_000))), {
        startImmediately: true
      })
      yield* TestClock.adjust("1999 millis")
      assert.strictEqual(fiber.pollUnsafe(), undefined)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Fiber.join(fiber)).reason._tag, "DeadlineExceeded")
    })
  )

  it.effect("an empty set fails calls at once, and says so", () =>
    Effect.gen(function* () {
      const { send } = yield* over()
      const error = yield* Effect.flip(send(call))
      assert.strictEqual(error.reason._tag, "NoInstance")
      assert.strictEqual(error.message, 'Echo.echo: no instance of "echo"; is it running and announced?')
    })
  )

  it.effect("so does a set in which nobody takes calls", () =>
    Effect.gen(function* () {
      const { send } = yield* over(at(1, 0), at(2, 0))
      assert.include(yield* messageOf(send(call)), "the weight of all 2 instances is 0")
    })
  )

  it.effect("a resolver that fails before its first snapshot fails the waiting calls with what it said", () =>
    Effect.gen(function* () {
      const resolver = new FakeResolver()
      yield* resolver.break("connection refused")
      const { send } = yield* start({ resolver })
      const message = yield* messageOf(send(call))
      assert.include(message, 'no instance of "echo": cannot resolve "echo": connection refused')
      yield* resolver.mend
      yield* resolver.set(at(1))
      yield* TestClock.adjust("200 millis")
      assert.strictEqual(yield* send(call), 1)
    })
  )

  it.effect("a failing resolver leaves the last snapshot and is asked again after 0.1, 0.2, 0.4, ... 10 seconds", () =>
    Effect.gen(function* () {
      const { resolver, send } = yield* over(at(1))
      yield* resolver.break("gone")
      const asked: Array<number> = []
      for (let millis = 0; millis < 60_000; millis += 10) {
        const before = resolver.watched.length
        yield* TestClock.adjust("10 millis")
        if (resolver.watched.length > before) asked.push(millis + 10)
        assert.strictEqual(yield* send(call), 1)
      }
      const pauses = asked.map((at, i) => at - (asked[i - 1] ?? 0))
      const middles = [100, 200, 400, 800, 1_600, 3_200, 6_400]
      for (const [i, pause] of pauses.entries()) {
        const middle = middles[i] ?? 10_000
        assert.isAtLeast(pause, middle * 0.8)
        assert.isAtMost(pause, middle * 1.2 + 10)
      }
      assert.isAbove(pauses.length, middles.length)
    })
  )

  it.effect("the pauses start over once the resolver has answered", () =>
    Effect.gen(function* () {
      const { resolver, send } = yield* over(at(1))
      yield* resolver.break("gone")
      yield* TestClock.adjust("30 seconds")
      yield* resolver.set(at(2))
      yield* resolver.mend
      yield* TestClock.adjust("12 seconds")
      assert.strictEqual(yield* send(call), 2)
      const before = resolver.watched.length
      yield* resolver.break("gone again")
      yield* TestClock.adjust("120 millis")
      assert.strictEqual(resolver.watched.length, before + 1)
    })
  )
})

describe("Balancer: instances that leave", () => {
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

describe("Balancer: opening links", () => {
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
      connector.gate = Effect.fail(new RpcError({ method: "", reason }))
      for (let attempt = 0; attempt < 2; attempt++) {
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

describe("Balancer under a Retry", () => {
  it.effect("an instance that refuses costs no call: the retry goes elsewhere", () =>
    Effect.gen(function* () {
      for (const seed of ["one", "two", "three"]) {
        const resolver = yield* FakeResolver.of([at(1), at(2), at(3)])
        const { connector, send } = yield* Random.withSeed(start({ resolver, over: Retry.layer(Retry.standard) }), seed)
        connector.refusing.add(2)
        const fibers = yield* Effect.forEach(Array(60).fill(call), (call: Call.Call) =>
          Effect.forkChild(send(call), { startImmediately: true })
        )
        yield* TestClock.adjust("1 second")
        const ports = yield* Effect.forEach(fibers, Fiber.join)
        assert.notInclude(ports, 2)
        const retries = connector.received.filter(([, call]) => call.attempt > 0)
        assert.strictEqual(retries.length, 20)
        for (const [port, call] of retries) {
          assert.deepStrictEqual(call.tried, ["host:2"])
          assert.notStrictEqual(port, 2)
        }
      }
    })
  )

  it.effect("with nobody left it tries the same again", () =>
    Effect.gen(function* () {
      const resolver = yield* FakeResolver.of([at(1)])
      const { connector, send } = yield* start({ resolver, over: Retry.layer(Retry.standard) })
      connector.refusing.add(1)
      const fiber = yield* Effect.forkChild(Effect.flip(send(call)), { startImmediately: true })
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(fiber)).peer, "host:1")
      assert.strictEqual(connector.received.length, 3)
    })
  )
})
