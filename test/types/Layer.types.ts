/** Middleware, stacks, and the layers of a client. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Balancer from "../../src/balancing/Balancer.ts"
import * as P2c from "../../src/balancing/P2c.ts"
import type * as Memory from "../../src/discovery/Memory.ts"
import type { Registry, RegistryError } from "../../src/discovery/Registry.ts"
import type { ResolveError, Resolver } from "../../src/discovery/Resolver.ts"
import * as Static from "../../src/discovery/Static.ts"
import type { Endpoint } from "../../src/Endpoint.ts"
import * as Layer from "../../src/Layer.ts"
import * as Retry from "../../src/resilience/Retry.ts"
import * as Timeout from "../../src/resilience/Timeout.ts"
import type { DeadlineExceeded, RpcError } from "../../src/RpcError.ts"
import * as Service from "../../src/Service.ts"
import type * as Announce from "../../src/transport/Announce.ts"
import type { Connector } from "../../src/transport/Connector.ts"
import type { Listener } from "../../src/transport/Listener.ts"
import type { Assert, Equal, HasAny, Not } from "./Assert.ts"
import { type GetItemRequest, type Gone, type Item, Items, type NotFound } from "./items.ts"

class Key extends Context.Service<Key, { readonly key: string }>()("types/Key") {}
class NoKey extends Error {
  readonly _tag = "NoKey"
}

// Middleware

const plain = Layer.middleware((inner) => (call) => inner(call))
const needing = Layer.middleware((inner) => Effect.as(Key, inner))
const failing = Layer.middleware((inner): Effect.Effect<Endpoint["Service"], NoKey> => Effect.succeed(inner))
const scoped = Layer.middleware((inner) =>
  Effect.as(
    Effect.acquireRelease(Effect.void, () => Effect.void),
    inner
  )
)
export type Middlewares = [
  Assert<Equal<typeof plain, Layer.Middleware<never, never>>>,
  Assert<Equal<typeof needing, Layer.Middleware<never, Key>>>,
  Assert<Equal<typeof failing, Layer.Middleware<NoKey, never>>>,
  Assert<Equal<typeof scoped, Layer.Middleware<never, never>>>
]

// @ts-expect-error: an endpoint fails with an RpcError alone
export const wrongError = Layer.middleware(() => () => Effect.fail("no"))

// @ts-expect-error: an endpoint answers with a Reply
export const wrongReply = Layer.middleware(() => () => Effect.succeed("yes"))

// @ts-expect-error: what a middleware needs it needs when it is built, not per call
export const lateNeed = Layer.middleware((inner) => (call) => Effect.flatMap(Key, () => inner(call)))

// Stacks

const stacked = Layer.stack([plain, needing, failing])
export type Stacked = [Assert<Equal<typeof stacked, Layer.Middleware<NoKey, Key>>>, Assert<Not<HasAny<typeof stacked>>>]

// @ts-expect-error: a stack has at least one middleware
export const empty = Layer.stack([])

// @ts-expect-error: a layer that is no middleware
export const notMiddleware = Layer.stack([plain, Layer.succeed(Key, { key: "" })])

// The layers that come with Volant

export type Shipped = [
  Assert<Equal<ReturnType<typeof Timeout.layer>, Layer.Middleware<never, never>>>,
  Assert<Equal<ReturnType<typeof Retry.layer>, Layer.Middleware<never, never>>>,
  Assert<Equal<ReturnType<typeof Balancer.layer>, Layer.Layer<Endpoint, never, Resolver | Connector>>>,
  Assert<Equal<ReturnType<typeof Static.layer>, Layer.Layer<Resolver, ResolveError>>>,
  Assert<Equal<ReturnType<typeof Memory.layer>, Layer.Layer<Registry | Resolver>>>,
  Assert<Equal<ReturnType<typeof Announce.layer>, Layer.Layer<never, RegistryError, Registry | Listener>>>
]

/** A whole client falls down the page and needs the protocol's connector alone. */
const client = Items.client.pipe(
  Layer.provide(Layer.stack([Timeout.layer("1 second"), Retry.layer(Retry.standard)])),
  Layer.provide(Balancer.layer("item-service", P2c.policy)),
  Layer.provide(Static.layer({ "item-service": ["127.0.0.1:8080"] }))
)
export type Client = [
  Assert<Equal<typeof client, Layer.Layer<Items, ResolveError, Connector>>>,
  Assert<Not<HasAny<typeof client>>>
]

// Value forms

type GetItem = Service.Service<GetItemRequest, Item, NotFound | Gone | RpcError>
declare const getItem: GetItem

const bounded = Timeout.wrap("1 second")(getItem)
const retried = Retry.wrap(Retry.standard)(getItem)
const piped = Service.make(getItem)
export type Wrapped = [
  Assert<
    Equal<typeof bounded, Service.Service<GetItemRequest, Item, NotFound | Gone | RpcError | DeadlineExceeded, never>>
  >,
  Assert<Equal<typeof retried, Service.Service<GetItemRequest, Item, NotFound | Gone | RpcError, never>>>,
  Assert<Equal<typeof piped, Service.Service<GetItemRequest, Item, NotFound | Gone | RpcError, never>>>,
  Assert<Not<HasAny<typeof bounded>>>,
  Assert<Not<HasAny<typeof retried>>>
]

/** A policy that looks at more than a service fails with fits it; one that looks at something else does not. */
export const fits = Retry.wrap({
  schedule: Retry.standard.schedule,
  isRetryable: (error: NotFound | Gone | RpcError) => error._tag === "Gone"
})(getItem)

export const doesNotFit = Retry.wrap({
  schedule: Retry.standard.schedule,
  isRetryable: (error: NotFound) => error._tag === "NotFound"
  // @ts-expect-error: the service has failures that the policy does not know
})(getItem)

export const wrongLayerPolicy = Retry.layer({
  schedule: Retry.standard.schedule,
  // @ts-expect-error: the layer retries on RpcErrors
  isRetryable: (error: NotFound) => error._tag === "NotFound"
})

const adapted = Service.mapError((error: NotFound | Gone | RpcError) => error._tag)(
  Service.mapResponse((item: Item) => item.title)(Service.mapRequest((id: bigint) => ({ id }))(getItem))
)
export type Adapted = Assert<
  Equal<typeof adapted, Service.Service<bigint, string, "NotFound" | "Gone" | "RpcError", never>>
>
