/** Calls that wait until there is somebody to call: gRPC's wait-for-ready, over discovery. */
import { assert, describe } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
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
import { GrpcProbe } from "../fixtures/GrpcProbe.ts"
import { serve } from "../fixtures/GrpcServed.ts"
import { live, turn } from "../fixtures/ServedProbe.ts"

/** A client of "probe" that nobody has announced yet. */
const start = (options?: GrpcClient.Options, config: unknown = {}) =>
  Effect.gen(function* () {
    const memory = yield* Memory.make()
    const middleware: VolantLayer.Middleware = ServiceConfig.layer(ServiceConfig.parseUnsafe(config))
    const context = yield* Layer.build(
      GrpcProbe.client.pipe(
        Layer.provide(middleware),
        Layer.provide(Balancer.layer("probe", P2c.policy)),
        Layer.provide(Layer.succeed(Resolver, memory.resolver)),
        Layer.provide(GrpcClient.layer(options))
      )
    )
    const announce = Effect.gen(function* () {
      const { address } = yield* serve()
      yield* memory.registry.announce("probe", Instance.make(address))
    })
    // The first, empty, snapshot.
    yield* turn
    return { announce, client: Context.get(context, GrpcProbe) }
  })

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
