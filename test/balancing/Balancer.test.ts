import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import * as Balancer from "../../src/balancing/Balancer.ts"
import type { Policy } from "../../src/balancing/Policy.ts"
import * as RoundRobin from "../../src/balancing/RoundRobin.ts"
import * as Call from "../../src/Call.ts"
import { Endpoint } from "../../src/Endpoint.ts"
import * as Layer from "../../src/Layer.ts"
import type { RpcError } from "../../src/RpcError.ts"
import * as Retry from "../../src/resilience/Retry.ts"
import { at, FakeConnector, FakeResolver } from "./nodes.ts"
import { call, messageOf, over, start } from "./start.ts"

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

const reasonOf = (result: Result.Result<unknown, RpcError>) =>
  Result.isFailure(result) ? result.failure.reason._tag : "Success"

const textOf = (result: Result.Result<unknown, RpcError>) => (Result.isFailure(result) ? result.failure.message : "")

describe("Balancer: calls that may wait", () => {
  const waiting = (maxWaiting?: number) =>
    Effect.gen(function* () {
      const resolver = yield* FakeResolver.of([])
      const started = yield* start({ resolver, ...(maxWaiting === undefined ? {} : { maxWaiting }) })
      started.connector.waits = true
      return { ...started, fork: (call: Call.Call) => forked(started.send(call)) }
    })
  const forked = <A>(send: Effect.Effect<A, RpcError>) =>
    Effect.forkChild(Effect.result(send), { startImmediately: true })

  it.effect("wait for the first instance, and for the next one when all have gone", () =>
    Effect.gen(function* () {
      const { fork, resolver } = yield* waiting()
      const first = yield* fork(call)
      yield* resolver.set(at(1, 0))
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(first.pollUnsafe(), undefined)
      yield* resolver.set(at(1))
      assert.deepStrictEqual(yield* Fiber.join(first), Result.succeed(1))
      yield* resolver.set()
      yield* TestClock.adjust("1 second")
      const second = yield* fork(call)
      yield* resolver.set(at(2))
      assert.deepStrictEqual(yield* Fiber.join(second), Result.succeed(2))
    })
  )

  it.effect("also while the resolver fails", () =>
    Effect.gen(function* () {
      const resolver = new FakeResolver()
      yield* resolver.break("connection refused")
      const { connector, send } = yield* start({ resolver })
      connector.waits = true
      const fiber = yield* forked(send(call))
      yield* resolver.mend
      yield* resolver.set(at(1))
      yield* TestClock.adjust("200 millis")
      assert.deepStrictEqual(yield* Fiber.join(fiber), Result.succeed(1))
    })
  )

  it.effect("no longer than their deadline, and not when they are interrupted", () =>
    Effect.gen(function* () {
      const { connector, fork, resolver } = yield* waiting()
      const late = yield* fork(Call.withDeadline(call, 2_000))
      const gone = yield* fork(call)
      yield* TestClock.adjust("1999 millis")
      assert.strictEqual(late.pollUnsafe(), undefined)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(reasonOf(yield* Fiber.join(late)), "DeadlineExceeded")
      yield* Fiber.interrupt(gone)
      yield* resolver.set(at(1))
      assert.deepStrictEqual(connector.received, [])
    })
  )

  it.effect("say at their deadline what they waited for", () =>
    Effect.gen(function* () {
      const { connector, fork, resolver } = yield* waiting()
      const nobody = yield* fork(Call.withDeadline(call, 1_000))
      yield* TestClock.adjust("1 second")
      assert.include(textOf(yield* Fiber.join(nobody)), 'for an instance of "echo" that can be reached')
      yield* resolver.set(at(1))
      connector.refusing.add(1)
      const refused = yield* fork(Call.withDeadline(call, 2_000))
      yield* TestClock.adjust("1 second")
      assert.include(
        textOf(yield* Fiber.join(refused)),
        'for an instance of "echo" that can be reached; host:1: connection refused'
      )
    })
  )

  it.effect("are bounded in number", () =>
    Effect.gen(function* () {
      const { fork, resolver } = yield* waiting(2)
      const first = yield* fork(call)
      yield* Fiber.interrupt(yield* fork(call))
      const second = yield* fork(call)
      assert.strictEqual(reasonOf(yield* Fiber.join(yield* fork(call))), "Overloaded")
      yield* resolver.set(at(1))
      for (const each of [first, second]) assert.deepStrictEqual(yield* Fiber.join(each), Result.succeed(1))
    })
  )

  it.effect("fail when the client is closed", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { fork } = yield* Scope.provide(waiting(), scope)
      const fiber = yield* fork(call)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(reasonOf(yield* Fiber.join(fiber)), "NoInstance")
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
