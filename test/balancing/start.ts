/** A client over a balancer whose two ends the test holds. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Balancer from "../../src/balancing/Balancer.ts"
import type { Policy } from "../../src/balancing/Policy.ts"
import * as RoundRobin from "../../src/balancing/RoundRobin.ts"
import * as Call from "../../src/Call.ts"
import type { Instance } from "../../src/discovery/Instance.ts"
import { Endpoint } from "../../src/Endpoint.ts"
import * as Layer from "../../src/Layer.ts"
import type { RpcError } from "../../src/RpcError.ts"
import { echo, FakeConnector, FakeResolver } from "./nodes.ts"

export const call = Call.make(echo, "a")

/** An endpoint over a balancer whose resolver and connector the test holds. */
export const start = (
  options: {
    readonly policy?: Policy
    readonly drain?: "1 minute"
    readonly maxWaiting?: number
    readonly resolver?: FakeResolver
    readonly over?: Layer.Middleware
  } = {}
) =>
  Effect.gen(function* () {
    const resolver = options.resolver ?? new FakeResolver()
    const connector = new FakeConnector()
    const balancer = Balancer.layer("echo", options.policy ?? RoundRobin.policy, {
      drain: options.drain,
      maxWaiting: options.maxWaiting
    }).pipe(Layer.provide([resolver.layer, connector.layer]))
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

export const over = (...instances: ReadonlyArray<Instance>) =>
  Effect.flatMap(FakeResolver.of(instances), (resolver) => start({ resolver }))

export const messageOf = (effect: Effect.Effect<unknown, RpcError>) =>
  Effect.map(Effect.flip(effect), (error) => error.message)
