/** Calls that wait until there is somebody to call: gRPC's wait-for-ready, over discovery. */
import * as Http2 from "node:http2"
import * as Net from "node:net"
import type { AddressInfo } from "node:net"
import { assert, describe } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Balancer from "../../src/balancing/Balancer.ts"
import * as P2c from "../../src/balancing/P2c.ts"
import * as CallOptions from "../../src/CallOptions.ts"
import * as Instance from "../../src/discovery/Instance.ts"
import * as Memory from "../../src/discovery/Memory.ts"
import { Resolver } from "../../src/discovery/Resolver.ts"
import * as GrpcClient from "../../src/grpc/GrpcClient.ts"
import * as ServiceConfig from "../../src/grpc/ServiceConfig.ts"
import type * as VolantLayer from "../../src/Layer.ts"
import { failure, fork, success } from "../fixtures/Connected.ts"
import * as GrpcPeer from "../fixtures/GrpcPeer.ts"
import { GrpcProbe } from "../fixtures/GrpcProbe.ts"
import { serve } from "../fixtures/GrpcServed.ts"
import { live, settled, turn } from "../fixtures/ServedProbe.ts"

/** A client of "probe" that nobody has announced yet. */
const start = (options?: GrpcClient.Options, config: unknown = {}) =>
  Effect.gen(function* () {
    const memory = yield* Memory.make({ ttl: "1 hour" })
    const middleware: VolantLayer.Middleware = ServiceConfig.layer(ServiceConfig.parseUnsafe(config))
    const context = yield* Layer.build(
      GrpcProbe.client.pipe(
        Layer.provide(middleware),
        Layer.provide(Balancer.layer("probe", P2c.policy)),
        Layer.provide(Layer.succeed(Resolver, memory.resolver)),
        Layer.provide(GrpcClient.layer({ connectTimeout: "20 seconds", ...options }))
      )
    )
    const announce = Effect.gen(function* () {
      const { address } = yield* serve()
      yield* memory.registry.announce("probe", Instance.make(address))
    })
    // The first, empty, snapshot.
    yield* turn
    return { announce, memory, client: Context.get(context, GrpcProbe) }
  })

/** A port where nobody listens. */
const deadPort = Effect.callback<number>((resume) => {
  const server = Net.createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})

const at = (port: number) => Instance.make({ _tag: "Tcp", host: "127.0.0.1", port })

const reasonOf = (exit: Parameters<typeof failure>[0]): string => failure(exit).reason._tag

describe("wait-for-ready, where no instance is known", () => {
  live(
    "by the client's options: calls of each kind wait for the first instance, or for their deadline",
    Effect.gen(function* () {
      const { announce, client } = yield* start({ waitForReady: true })
      const requests = Stream.make({ text: "a" }, { text: "b" })
      const waiting = yield* Effect.forEach(
        [
          client.ask({ text: "x" }),
          client.join(requests),
          Stream.runCollect(client.list({ text: "a,b" })),
          Stream.runCollect(client.chat(requests))
        ],
        (call: Effect.Effect<unknown, unknown>) => fork(call)
      )
      const late = yield* Effect.exit(client.ask({ text: "x" }).pipe(CallOptions.withTimeout("30 millis")))
      assert.strictEqual(reasonOf(late), "DeadlineExceeded")
      const impatient = yield* Effect.exit(client.ask({ text: "x" }).pipe(GrpcClient.withWaitForReady(false)))
      assert.strictEqual(reasonOf(impatient), "NoInstance")
      yield* announce
      assert.deepStrictEqual(yield* Effect.forEach(waiting, success), ["x", "a,b", ["a", "b"], ["a", "b"]])
    })
  )

  live(
    "by the call's own, and by the service config; otherwise calls fail at once",
    Effect.gen(function* () {
      const { announce, client } = yield* start(undefined, {
        methodConfig: [{ name: [{ service: "test.Probe", method: "askAgain" }], waitForReady: true }]
      })
      assert.strictEqual(reasonOf(yield* Effect.exit(client.ask({ text: "x" }))), "NoInstance")
      const own = yield* fork(client.ask({ text: "own" }).pipe(GrpcClient.withWaitForReady(true)))
      const configured = yield* fork(client.askAgain({ text: "configured" }))
      yield* announce
      assert.deepStrictEqual(yield* Effect.forEach([own, configured], success), ["own", "configured"])
    })
  )
})

describe("wait-for-ready, where no instance can be reached", () => {
  const patient: GrpcClient.Options = { waitForReady: true, reconnect: { initial: "5 millis", max: "20 millis" } }

  live(
    "calls wait for whichever instance can be reached first",
    Effect.gen(function* () {
      const { client, memory } = yield* start(patient)
      const [dead, other] = [yield* deadPort, yield* deadPort]
      yield* memory.registry.announce("probe", at(dead))
      yield* memory.registry.announce("probe", at(other))
      const requests = Stream.make({ text: "a" }, { text: "b" })
      const waiting = yield* Effect.forEach(
        Array.from({ length: 20 }, (_, i): Effect.Effect<unknown, unknown> =>
          i % 2 === 0 ? client.ask({ text: `${i}` }) : client.join(requests)
        ),
        (call) => fork(call)
      )
      // They have met with refused connections by then.
      yield* Effect.exit(client.ask({ text: "x" }).pipe(CallOptions.withTimeout("60 millis")))
      yield* serve({}, { port: other })
      assert.deepStrictEqual(
        yield* Effect.forEach(waiting, success),
        Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? `${i}` : "a,b"))
      )
    })
  )

  live(
    "and go to another one when theirs has left",
    Effect.gen(function* () {
      const { announce, client, memory } = yield* start(patient)
      const leaving = yield* Scope.make()
      yield* memory.registry.announce("probe", at(yield* deadPort)).pipe(Scope.provide(leaving))
      yield* turn
      const call = yield* fork(client.ask({ text: "x" }))
      const impatient = yield* Effect.exit(client.ask({ text: "x" }).pipe(GrpcClient.withWaitForReady(false)))
      assert.strictEqual(reasonOf(impatient), "Unavailable")
      yield* Scope.close(leaving, Exit.void)
      yield* announce
      assert.strictEqual(yield* success(call), "x")
    })
  )

  live(
    "an instance that can be reached and refuses calls is not asked for ever",
    Effect.gen(function* () {
      const { client, memory } = yield* start(patient)
      let asked = 0
      const peer = yield* GrpcPeer.make({
        answer: ({ stream }) => {
          asked++
          stream.close(Http2.constants.NGHTTP2_REFUSED_STREAM)
        }
      })
      yield* memory.registry.announce("probe", Instance.make(Instance.parseAddress(peer.address)!))
      yield* turn
      assert.strictEqual(reasonOf(yield* Effect.exit(client.ask({ text: "x" }))), "Unavailable")
      assert.isAtMost(asked, 4)
    })
  )

  live(
    "a call that names its instance waits for that one",
    Effect.gen(function* () {
      const { announce, client } = yield* start(patient)
      yield* announce
      const port = yield* deadPort
      const call = yield* fork(client.ask({ text: "x" }).pipe(CallOptions.withInstance(`127.0.0.1:${port}`)))
      const late = yield* Effect.exit(
        client
          .ask({ text: "x" })
          .pipe(CallOptions.withInstance(`127.0.0.1:${port}`), CallOptions.withTimeout("60 millis"))
      )
      assert.strictEqual(reasonOf(late), "DeadlineExceeded")
      yield* serve({ ask: () => Effect.succeed("that one") }, { port })
      assert.strictEqual(yield* success(call), "that one")
    })
  )
})

live(
  "wait-for-ready: instances that are replaced by others, with nobody there in between, lose no call, without any retry",
  Effect.gen(function* () {
    const { client, memory } = yield* start({
      waitForReady: true,
      reconnect: { initial: "5 millis", max: "20 millis" }
    })
    const phase = { isOver: false }
    let calls = 0
    const asking = (n: number) =>
      Effect.gen(function* () {
        for (let i = 0; !phase.isOver; i++) {
          const text = `${n} ${i}`
          assert.strictEqual(yield* client.ask({ text }), text)
          calls++
        }
      })
    const load = yield* fork(
      Effect.all(
        Array.from({ length: 16 }, (_, n) => asking(n)),
        { concurrency: "unbounded" }
      )
    )
    for (let round = 0; round < 5; round++) {
      const instance = yield* Scope.make()
      const { address } = yield* serve({}, { drainTimeout: "30 seconds" }).pipe(Scope.provide(instance))
      yield* memory.registry.announce("probe", Instance.make(address)).pipe(Scope.provide(instance))
      const before = calls
      yield* settled(() => calls > before + 100)
      yield* Scope.close(instance, Exit.void)
    }
    phase.isOver = true
    yield* serve().pipe(Effect.flatMap(({ address }) => memory.registry.announce("probe", Instance.make(address))))
    yield* success(load)
  })
)
