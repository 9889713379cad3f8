import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import type { Node } from "../../src/balancing/Policy.ts"
import * as P2c from "../../src/balancing/P2c.ts"
import * as RoundRobin from "../../src/balancing/RoundRobin.ts"
import * as Call from "../../src/Call.ts"
import { Endpoint } from "../../src/Endpoint.ts"
import { ClientFailure } from "../../src/grpc/ClientFailure.ts"
import * as ClientOptions from "../../src/grpc/ClientOptions.ts"
import * as ServiceConfig from "../../src/grpc/ServiceConfig.ts"
import * as Metadata from "../../src/Metadata.ts"
import { DeadlineExceeded, StatusError, Unavailable, RpcError } from "../../src/RpcError.ts"
import * as FakeEndpoint from "../../src/testing/FakeEndpoint.ts"
import { GrpcProbe } from "../fixtures/GrpcProbe.ts"

const { ask, tell } = GrpcProbe.methods

const retryPolicy = {
  maxAttempts: 4,
  initialBackoff: "0.1s",
  maxBackoff: "1s",
  backoffMultiplier: 2,
  retryableStatusCodes: ["UNAVAILABLE", "aborted"]
}

const failing = (code: number, pushback?: number): RpcError =>
  new ClientFailure("test.Probe.ask", "a:1", new StatusError({ code, detail: "" }), Metadata.empty, pushback)

/** The endpoint that a config puts above a fake one. */
const over = (config: object) =>
  Effect.gen(function* () {
    const fake = yield* FakeEndpoint.make
    const layer = Layer.provide(ServiceConfig.layer(ServiceConfig.parseUnsafe(config)), fake.layer)
    const endpoint = yield* Effect.provide(Endpoint, yield* Layer.build(layer))
    return { fake, endpoint }
  })

describe("ServiceConfig.parse", () => {
  it("reads all that the document may say", () => {
    const config = ServiceConfig.parseUnsafe(
      JSON.stringify({
        loadBalancingConfig: [{ grpclb: {} }, { round_robin: {} }],
        methodConfig: [
          {
            name: [{ service: "test.Probe", method: "ask" }],
            timeout: "1.500000001s",
            waitForReady: true,
            maxRequestMessageBytes: "1024",
            retryPolicy: { ...retryPolicy, maxAttempts: 9, perAttemptRecvTimeout: "0.5s", unknown: 1 }
          },
          { name: [{ service: "test.Probe" }], timeout: "2s" },
          { name: [{}], timeout: "3s" }
        ],
        retryThrottling: { maxTokens: 10, tokenRatio: 0.1 },
        healthCheckConfig: { serviceName: "x" }
      })
    )
    const found = ServiceConfig.find(config, ask)
    assert.strictEqual(found?.timeout, 1500.000001)
    assert.strictEqual(found?.waitForReady, true)
    assert.strictEqual(found?.maxRequestMessageBytes, 1024)
    assert.deepStrictEqual(found?.retry, {
      maxAttempts: 5,
      initialBackoff: 100,
      maxBackoff: 1000,
      backoffMultiplier: 2,
      retryableStatusCodes: new Set([14, 10]),
      perAttemptTimeout: 500
    })
    assert.strictEqual(ServiceConfig.find(config, tell)?.timeout, 2000)
    assert.strictEqual(ServiceConfig.find(config, { ...tell, contract: "other.Service" })?.timeout, 3000)
    assert.deepStrictEqual(config.retryThrottling, { maxTokens: 10, tokenRatio: 0.1 })
    assert.strictEqual(ServiceConfig.policy(config, P2c.policy), RoundRobin.policy)
    assert.strictEqual(ServiceConfig.policy(ServiceConfig.empty, P2c.policy), P2c.policy)
    assert.deepStrictEqual(ServiceConfig.parseUnsafe("{}"), ServiceConfig.empty)
    assert.deepStrictEqual(ServiceConfig.parseUnsafe({ loadBalancingPolicy: "ROUND_ROBIN" }).loadBalancing, [
      "round_robin"
    ])
  })

  const one = (method: object) => ({ methodConfig: [{ name: [{}], ...method }] })
  const retry = (change: object) => one({ retryPolicy: { ...retryPolicy, ...change } })
  const bad: ReadonlyArray<readonly [json: unknown, path: string]> = [
    ["{", ""],
    ["[]", ""],
    [{ methodConfig: {} }, "methodConfig"],
    [{ methodConfig: [{ name: [{ method: "x" }] }] }, "methodConfig[0].name[0]"],
    [{ methodConfig: [{ name: [{}] }, { name: [{}] }] }, "methodConfig[1].name[0]"],
    [one({ timeout: "1" }), "methodConfig[0].timeout"],
    [one({ timeout: "-1s" }), "methodConfig[0].timeout"],
    [one({ timeout: 5 }), "methodConfig[0].timeout"],
    [one({ waitForReady: "yes" }), "methodConfig[0].waitForReady"],
    [one({ maxRequestMessageBytes: -1 }), "methodConfig[0].maxRequestMessageBytes"],
    [retry({ maxAttempts: 1 }), "methodConfig[0].retryPolicy.maxAttempts"],
    [retry({ maxAttempts: 2.5 }), "methodConfig[0].retryPolicy.maxAttempts"],
    [retry({ initialBackoff: "0s" }), "methodConfig[0].retryPolicy.initialBackoff"],
    [retry({ maxBackoff: undefined }), "methodConfig[0].retryPolicy.maxBackoff"],
    [retry({ backoffMultiplier: 0 }), "methodConfig[0].retryPolicy.backoffMultiplier"],
    [retry({ retryableStatusCodes: [] }), "methodConfig[0].retryPolicy.retryableStatusCodes"],
    [retry({ retryableStatusCodes: ["NOPE"] }), "methodConfig[0].retryPolicy.retryableStatusCodes[0]"],
    [retry({ retryableStatusCodes: [17] }), "methodConfig[0].retryPolicy.retryableStatusCodes[0]"],
    [one({ retryPolicy, hedgingPolicy: {} }), "methodConfig[0]"],
    [{ retryThrottling: { maxTokens: 0, tokenRatio: 1 } }, "retryThrottling.maxTokens"],
    [{ retryThrottling: { maxTokens: 1001, tokenRatio: 1 } }, "retryThrottling.maxTokens"],
    [{ retryThrottling: { maxTokens: 10, tokenRatio: 0 } }, "retryThrottling.tokenRatio"],
    [{ loadBalancingConfig: [{ a: {}, b: {} }] }, "loadBalancingConfig[0]"]
  ]
  for (const [json, path] of bad) {
    it(`says where it is wrong: ${JSON.stringify(json)}`, () => {
      const result = ServiceConfig.parse(json)
      assert.isTrue(Result.isFailure(result))
      if (Result.isFailure(result)) assert.strictEqual(result.failure.path, path, result.failure.message)
    })
  }
})

describe("ServiceConfig.layer", () => {
  it.effect("sets the deadline, unless an earlier one is set, and the tags that are not", () =>
    Effect.gen(function* () {
      const { endpoint, fake } = yield* over({
        methodConfig: [
          {
            name: [{ service: "test.Probe", method: "ask" }],
            timeout: "1s",
            waitForReady: true,
            maxResponseMessageBytes: 100
          }
        ]
      })
      const now = yield* Clock.currentTimeMillis
      const call = Call.make(ask, { text: "x" })
      const answered = Effect.gen(function* () {
        const next = yield* fake.next
        yield* next.reply("y")
        return next.call
      })
      const send = (call: Call.Call) =>
        Effect.map(Effect.all([answered, endpoint(call)], { concurrency: 2 }), ([seen]) => seen)
      const plain = yield* send(call)
      assert.strictEqual(plain.deadline, now + 1000)
      assert.strictEqual(ClientOptions.waitsForReady(plain), true)
      assert.strictEqual(ClientOptions.maxReceiveOf(plain), 100)
      const tags = new Map([
        ["grpc.wait-for-ready", "false"],
        ["grpc.max-receive-message-size", "500"],
        ["zone", "a"]
      ])
      const own = yield* send({ ...call, deadline: now + 10, tags })
      assert.strictEqual(own.deadline, now + 10)
      assert.strictEqual(ClientOptions.waitsForReady(own), false)
      assert.strictEqual(ClientOptions.maxReceiveOf(own), 100)
      assert.strictEqual(own.tags.get("zone"), "a")
      const other = yield* send(Call.make(tell, { text: "x" }))
      assert.strictEqual(other.deadline, undefined)
      assert.strictEqual(other.tags.size, 0)
    })
  )

  it.effect("retries what it names, after pauses that grow, and not more often than it may", () =>
    Effect.gen(function* () {
      const { endpoint, fake } = yield* over({ methodConfig: [{ name: [{}], retryPolicy }] })
      const running = yield* Effect.forkChild(Effect.flip(endpoint(Call.make(ask, { text: "x" }))), {
        startImmediately: true
      })
      for (const [attempt, pause] of [100, 200, 400].entries()) {
        const next = yield* fake.next
        assert.strictEqual(next.call.attempt, attempt)
        yield* next.fail(failing(14).reason)
        yield* TestClock.adjust(pause * 0.79)
        assert.strictEqual(fake.calls.length, attempt + 1)
        yield* TestClock.adjust(pause * 0.42)
        assert.strictEqual(fake.calls.length, attempt + 2)
      }
      yield* (yield* fake.next).fail(failing(10).reason)
      assert.strictEqual((yield* Fiber.join(running)).reason._tag, "StatusError")
      const refused = yield* Effect.forkChild(Effect.flip(endpoint(Call.make(ask, { text: "x" }))), {
        startImmediately: true
      })
      yield* (yield* fake.next).fail(failing(5).reason)
      yield* Fiber.join(refused)
      assert.strictEqual(fake.calls.length, 5)
    })
  )
})

describe("ServiceConfig.layer: what the peer and the tokens say", () => {
  /** Answers attempts with these failures, then with a success. */
  const scripted = (config: object, failures: Array<RpcError>) =>
    Effect.gen(function* () {
      const at: Array<number> = []
      const below = Layer.effect(
        Endpoint,
        Effect.map(Clock.Clock, (clock) => () => {
          at.push(clock.currentTimeMillisUnsafe())
          const failure = failures.shift()
          return failure === undefined
            ? Effect.succeed({
                result: Result.succeed("y"),
                metadata: Metadata.empty,
                backward: new Map(),
                trailers: Metadata.empty
              })
            : Effect.fail(failure)
        })
      )
      const built = yield* Layer.build(Layer.provide(ServiceConfig.layer(ServiceConfig.parseUnsafe(config)), below))
      const endpoint = yield* Effect.provide(Endpoint, built)
      return { at, send: Effect.suspend(() => endpoint(Call.make(ask, { text: "x" }))) }
    })

  it.effect("a peer's pushback replaces the pause, and begins the growth anew; -1 ends it", () =>
    Effect.gen(function* () {
      const config = { methodConfig: [{ name: [{}], retryPolicy }] }
      const { at, send } = yield* scripted(config, [failing(14), failing(14, 7000), failing(14)])
      const fiber = yield* Effect.forkChild(send, { startImmediately: true })
      for (let i = 0; i < 200; i++) yield* TestClock.adjust("50 millis")
      yield* Fiber.join(fiber)
      const pauses = at.slice(1).map((time, i) => time - at[i]!)
      assert.isTrue(pauses[0]! >= 80 && pauses[0]! <= 170, `${pauses}`)
      assert.isTrue(pauses[1]! >= 7000 && pauses[1]! <= 7050, `${pauses}`)
      assert.isTrue(pauses[2]! >= 80 && pauses[2]! <= 170, `${pauses}`)
      const never = yield* scripted(config, [failing(14, -1)])
      yield* Effect.flip(never.send)
      assert.strictEqual(never.at.length, 1)
    })
  )

  it.effect("at half of the tokens nothing is retried; successes bring them back", () =>
    Effect.gen(function* () {
      const failures = Array.from({ length: 5 }, () => failing(14))
      const { at, send } = yield* scripted(
        {
          methodConfig: [{ name: [{}], retryPolicy: { ...retryPolicy, maxAttempts: 2, initialBackoff: "0.001s" } }],
          retryThrottling: { maxTokens: 6, tokenRatio: 1 }
        },
        failures
      )
      const attempt = Effect.gen(function* () {
        const before = at.length
        const fiber = yield* Effect.forkChild(Effect.exit(send), { startImmediately: true })
        yield* TestClock.adjust("10 millis")
        yield* Fiber.join(fiber)
        return at.length - before
      })
      // 6 -> 5, retried -> 4; 4 -> 3, which is half.
      assert.strictEqual(yield* attempt, 2)
      assert.strictEqual(yield* attempt, 1)
      failures.length = 0
      // Two successes make 5: 5 -> 4 may be retried.
      yield* attempt
      yield* attempt
      failures.push(failing(14))
      assert.strictEqual(yield* attempt, 2)
    })
  )

  it.effect("what was not sent is retried, named or not", () =>
    Effect.gen(function* () {
      const config = { methodConfig: [{ name: [{}], retryPolicy: { ...retryPolicy, retryableStatusCodes: [10] } }] }
      const unsent = new RpcError({ method: "m", reason: new Unavailable({ unsent: true, detail: "" }) })
      const { at, send } = yield* scripted(config, [unsent])
      const fiber = yield* Effect.forkChild(send, { startImmediately: true })
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      assert.strictEqual(at.length, 2)
    })
  )
})

describe("ServiceConfig.layer: time for each attempt", () => {
  it.effect("an attempt that takes longer is made again; the end of the call's time is its end", () =>
    Effect.gen(function* () {
      const policy = { ...retryPolicy, retryableStatusCodes: [], perAttemptRecvTimeout: "0.5s" }
      const { endpoint, fake } = yield* over({ methodConfig: [{ name: [{}], timeout: "2.5s", retryPolicy: policy }] })
      const running = yield* Effect.forkChild(Effect.flip(endpoint(Call.make(ask, { text: "x" }))), {
        startImmediately: true
      })
      const first = yield* fake.next
      assert.strictEqual(first.call.deadline, 500)
      yield* TestClock.setTime(500)
      yield* first.fail(new DeadlineExceeded({ deadline: 500 }))
      yield* TestClock.adjust("120 millis")
      const second = yield* fake.next
      assert.isTrue(second.call.deadline! >= 1080 && second.call.deadline! <= 1120, `${second.call.deadline}`)
      yield* TestClock.setTime(2500)
      yield* second.fail(new DeadlineExceeded({ deadline: 2500 }))
      assert.strictEqual((yield* Fiber.join(running)).reason._tag, "DeadlineExceeded")
      assert.strictEqual(fake.calls.length, 2)
    })
  )
})

describe("ServiceConfig.layer: what is not made again", () => {
  const over = (failures: Array<RpcError>) =>
    Effect.gen(function* () {
      const fake = yield* FakeEndpoint.make
      const config = ServiceConfig.parseUnsafe({ methodConfig: [{ name: [{}], retryPolicy }] })
      const layer = Layer.provide(ServiceConfig.layer(config), fake.layer)
      const endpoint = yield* Effect.provide(Endpoint, yield* Layer.build(layer))
      return Effect.fnUntraced(function* (call: Call.Call) {
        const running = yield* Effect.forkChild(Effect.flip(endpoint(call)), { startImmediately: true })
        for (const failure of failures) {
          yield* (yield* fake.next).fail(failure)
          yield* TestClock.adjust("1 second")
        }
        assert.strictEqual((yield* Fiber.join(running)).reason, failures.at(-1)!.reason)
        assert.strictEqual(fake.calls.length, failures.length)
      })
    })

  it.effect("a call whose response had begun", () =>
    Effect.gen(function* () {
      const reason = new StatusError({ code: 14, detail: "" })
      const begun = new ClientFailure("m", "a:1", reason, Metadata.empty, undefined, Metadata.empty)
      const send = yield* over([failing(14), begun])
      yield* send(Call.make(ask, { text: "x" }))
    })
  )

  it.effect("a stream of requests of which some may have been taken", () =>
    Effect.gen(function* () {
      const refused = new RpcError({ method: "m", reason: new Unavailable({ unsent: true, detail: "" }) })
      for (const method of [GrpcProbe.methods.join, GrpcProbe.methods.chat]) {
        const send = yield* over([refused, failing(14)])
        yield* send(Call.make(method, Stream.empty))
      }
    })
  )
})

describe("pick_first", () => {
  it.effect("stays with one node while it can be reached", () =>
    Effect.gen(function* () {
      const reachable = new Set(["a", "b", "c"])
      const nodes = ["a", "b", "c"].map((name) => ({ name, isReachable: () => reachable.has(name) }))
      const policy = ServiceConfig.policy(ServiceConfig.parseUnsafe({ loadBalancingPolicy: "PICK_FIRST" }), P2c.policy)
      const pick = policy(nodes as unknown as [Node, ...Array<Node>], yield* Random.Random)
      const next = () => (pick(Call.make(ask, {})) as unknown as { name: string }).name
      assert.deepStrictEqual([next(), next()], ["a", "a"])
      reachable.delete("a")
      assert.deepStrictEqual([next(), next()], ["b", "b"])
      reachable.add("a")
      assert.strictEqual(next(), "b")
      reachable.clear()
      assert.isString(next())
    })
  )
})
