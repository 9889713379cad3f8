/** Service configs that change while a client lives. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Call from "../../src/Call.ts"
import { Endpoint } from "../../src/Endpoint.ts"
import * as ServiceConfig from "../../src/grpc/ServiceConfig.ts"
import { RpcError, StatusError } from "../../src/RpcError.ts"
import * as FakeEndpoint from "../../src/testing/FakeEndpoint.ts"
import { GrpcProbe } from "../fixtures/GrpcProbe.ts"

const { ask } = GrpcProbe.methods

const retryPolicy = {
  maxAttempts: 4,
  initialBackoff: "0.1s",
  maxBackoff: "1s",
  backoffMultiplier: 2,
  retryableStatusCodes: ["UNAVAILABLE"]
}

const unavailable = new RpcError({ method: "test.Probe.ask", reason: new StatusError({ code: 14, detail: "" }) })

describe("ServiceConfig.layerChanges", () => {
  const config = (seconds: number) =>
    ServiceConfig.parseUnsafe({ methodConfig: [{ name: [{}], timeout: `${seconds}s` }] })

  const start = (configs: Stream.Stream<ServiceConfig.ServiceConfig, Error>) =>
    Effect.gen(function* () {
      const fake = yield* FakeEndpoint.make
      const layer = Layer.provide(ServiceConfig.layerChanges(configs), fake.layer)
      const endpoint = yield* Effect.provide(Endpoint, yield* Layer.build(layer))
      return Effect.gen(function* () {
        yield* Effect.forkChild(endpoint(Call.make(ask, { text: "x" })), { startImmediately: true })
        return (yield* fake.next).call.deadline
      })
    })

  it.effect("each config holds from when it comes, and the last one when no more come", () =>
    Effect.gen(function* () {
      const queue = yield* Queue.unbounded<ServiceConfig.ServiceConfig, Error>()
      const deadline = yield* start(Stream.fromQueue(queue))
      const told = (config: ServiceConfig.ServiceConfig) =>
        Effect.andThen(Queue.offer(queue, config), TestClock.adjust(0))
      assert.strictEqual(yield* deadline, undefined)
      yield* told(config(1))
      assert.strictEqual(yield* deadline, 1000)
      yield* told(config(2))
      assert.strictEqual(yield* deadline, 2000)
      yield* told(ServiceConfig.empty)
      assert.strictEqual(yield* deadline, undefined)
      yield* told(config(3))
      yield* Queue.fail(queue, new Error("the registry is gone"))
      yield* TestClock.adjust(0)
      assert.strictEqual(yield* deadline, 3000)
    })
  )

  it.effect("a retry goes on by the config that the call began with", () =>
    Effect.gen(function* () {
      const fake = yield* FakeEndpoint.make
      const queue = yield* Queue.unbounded<ServiceConfig.ServiceConfig>()
      yield* Queue.offer(queue, ServiceConfig.parseUnsafe({ methodConfig: [{ name: [{}], retryPolicy }] }))
      const layer = Layer.provide(ServiceConfig.layerChanges(Stream.fromQueue(queue)), fake.layer)
      const endpoint = yield* Effect.provide(Endpoint, yield* Layer.build(layer))
      yield* TestClock.adjust(0)
      const running = yield* Effect.forkChild(endpoint(Call.make(ask, { text: "x" })), { startImmediately: true })
      yield* (yield* fake.next).fail(unavailable)
      yield* Queue.offer(queue, ServiceConfig.empty)
      yield* TestClock.adjust("1 second")
      yield* (yield* fake.next).reply("y")
      assert.strictEqual((yield* Fiber.join(running)).result._tag, "Success")
    })
  )
})
