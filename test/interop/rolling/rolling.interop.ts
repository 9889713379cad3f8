import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Balancer from "../../../src/balancing/Balancer.ts"
import * as P2c from "../../../src/balancing/P2c.ts"
import * as Memory from "../../../src/discovery/Memory.ts"
import { Resolver } from "../../../src/discovery/Resolver.ts"
import * as Static from "../../../src/discovery/Static.ts"
import * as VolantLayer from "../../../src/Layer.ts"
import * as Retry from "../../../src/resilience/Retry.ts"
import * as Timeout from "../../../src/resilience/Timeout.ts"
import { isRpcError, isUnsent } from "../../../src/RpcError.ts"
import * as ThriftClient from "../../../src/thrift/ThriftClient.ts"
import { Random } from "../../fuzz/Random.ts"
import { type Cell, table } from "../Cells.ts"
import { Server } from "./Fleet.ts"
import { Worker } from "./gen/worker.ts"

const callers = 48
const cells: Array<Cell> = []
afterAll(() => console.log(table("server processes under load", cells)))

class Traffic {
  calls = 0
  retried = 0
  readonly lost: Array<string> = []
  readonly byProcess = new Map<number, number>()
  isOver = false
}

const counting = (traffic: Traffic) =>
  VolantLayer.middleware((inner) => (call) => {
    if (call.attempt > 0) traffic.retried++
    return inner(call)
  })

const client = (traffic: Traffic, resolver: Layer.Layer<Resolver>, policy: Parameters<typeof Retry.layer>[0]) =>
  Worker.client.pipe(
    Layer.provide(VolantLayer.stack([Timeout.layer("5 seconds"), Retry.layer(policy), counting(traffic)])),
    Layer.provide(Balancer.layer("worker", P2c.policy)),
    Layer.provide(resolver),
    Layer.provide(ThriftClient.layer())
  )

/** Calls without a pause until it is told to stop; every failure and every wrong answer is a loss. */
const caller = (traffic: Traffic, method: "work" | "once", worker: Worker["Service"], number: number) =>
  Effect.gen(function* () {
    const random = new Random(number)
    for (let i = 0; !traffic.isOver; i++) {
      const id = BigInt(number) * 1_000_000n + BigInt(i)
      // Now and then a slow one, so that something is running whenever a server is told to end.
      const millis = random.below(100) === 0 ? 400 : random.below(4)
      yield* Effect.matchEffect(worker[method]({ id, millis }), {
        onFailure: (error) => Effect.sync(() => void traffic.lost.push(String(error))),
        onSuccess: (answer) =>
          Effect.sync(() => {
            if (answer.id !== id) traffic.lost.push(`${id} was answered with ${answer.id}`)
            traffic.byProcess.set(answer.pid, (traffic.byProcess.get(answer.pid) ?? 0) + 1)
          })
      })
      traffic.calls++
      if (millis === 0) yield* Effect.yieldNow
    }
  })

/** Three servers; callers that never stop; and what happens to the servers meanwhile. */
const run = (
  method: "work" | "once",
  resolverOf: (memory: Memory.Memory, servers: ReadonlyArray<Server>) => Layer.Layer<Resolver>,
  policy: Parameters<typeof Retry.layer>[0],
  events: (servers: ReadonlyArray<Server>) => Effect.Effect<void>
): Effect.Effect<Traffic, never, Scope.Scope> =>
  Effect.gen(function* () {
    const memory = yield* Memory.make({ ttl: "1500 millis" })
    const servers = [new Server(memory), new Server(memory), new Server(memory)]
    yield* Effect.acquireRelease(
      Effect.promise(() => Promise.all(servers.map((server) => server.start()))),
      () => Effect.promise(() => Promise.all(servers.map((server) => server.kill())))
    )
    const traffic = new Traffic()
    const calling = yield* Effect.forkChild(
      Effect.provide(
        Worker.use((worker) =>
          Effect.forEach(
            Array.from({ length: callers }, (_, number) => number),
            (number) => caller(traffic, method, worker, number),
            { concurrency: "unbounded", discard: true }
          )
        ),
        client(traffic, resolverOf(memory, servers), policy)
      )
    )
    yield* Effect.sleep("500 millis")
    yield* events(servers)
    yield* Effect.sleep("500 millis")
    traffic.isOver = true
    yield* Fiber.join(calling)
    return traffic
  })

const note = (row: string, traffic: Traffic): void => {
  const text = `${traffic.calls} calls, ${traffic.retried} retried, ${traffic.lost.length} lost`
  const detail = traffic.lost.slice(0, 10).join("\n")
  cells.push({ row, column: `${callers} callers`, ok: traffic.lost.length === 0, text, detail })
}

const fromMemory = (memory: Memory.Memory) => Layer.succeed(Resolver, memory.resolver)

const fromList = (_memory: Memory.Memory, servers: ReadonlyArray<Server>) =>
  Layer.orDie(Static.layer({ worker: servers.map((server) => server.address) }))

/** Each server is killed without a word, and comes back after a second. */
const killEach = (servers: ReadonlyArray<Server>) =>
  Effect.forEach(
    servers,
    (server) =>
      Effect.promise(() => server.kill()).pipe(
        Effect.andThen(Effect.sleep("1 second")),
        Effect.andThen(Effect.promise(() => server.start())),
        Effect.andThen(Effect.sleep("1 second"))
      ),
    { discard: true }
  )

/** Each server is restarted as a deployment does it. */
const restartEach = (servers: ReadonlyArray<Server>) =>
  Effect.forEach(
    servers,
    (server) =>
      Effect.promise(() => server.stop()).pipe(
        Effect.andThen(Effect.promise(() => server.start())),
        Effect.andThen(Effect.sleep("300 millis"))
      ),
    { discard: true }
  )

const onlyUnsent: Parameters<typeof Retry.layer>[0] = {
  ...Retry.standard,
  isRetryable: (error) => isRpcError(error) && isUnsent(error)
}

describe("servers that are killed under load", () => {
  it.live("lose no idempotent call, when a registry notices by its time to live", () =>
    Effect.gen(function* () {
      const traffic = yield* run("work", fromMemory, Retry.standard, killEach)
      note("kill -9 each, in-memory registry", traffic)
      assert.deepStrictEqual(traffic.lost, [])
      assert.isAbove(traffic.retried, 0, "nothing was in flight when the servers died")
      assert.strictEqual(traffic.byProcess.size, 6, "all six processes answered")
    }).pipe(Effect.scoped)
  )

  it.live("lose no idempotent call, when nobody notices: a static list", () =>
    Effect.gen(function* () {
      const traffic = yield* run("work", fromList, Retry.standard, killEach)
      note("kill -9 each, static list", traffic)
      assert.deepStrictEqual(traffic.lost, [])
      assert.isAbove(traffic.retried, 0, "nothing was in flight when the servers died")
      assert.strictEqual(traffic.byProcess.size, 6, "all six processes answered")
    }).pipe(Effect.scoped)
  )
})

describe("servers that are restarted under load, one after the other", () => {
  it.live("lose no call, though no call that was sent is sent again", () =>
    Effect.gen(function* () {
      const traffic = yield* run("once", fromMemory, onlyUnsent, restartEach)
      note("rolling restart, only unsent calls retried", traffic)
      assert.deepStrictEqual(traffic.lost, [])
      assert.strictEqual(traffic.byProcess.size, 6, "all six processes answered")
    }).pipe(Effect.scoped)
  )
})
