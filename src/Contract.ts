/**
 * An IDL's service as one class: the contract, the key of its client, and the way to serve it.
 *
 * Generated code says `class Items extends Contract.Service<Items>()("acme.Items", { getItem: ... }) {}`.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import * as ClientCall from "./ClientCall.ts"
import { Endpoint } from "./Endpoint.ts"
import type { Guard } from "./Guard.ts"
import * as HandlerCall from "./HandlerCall.ts"
import type * as Method from "./Method.ts"
import { toEffect } from "./Reply.ts"
import { type DuplicateRoute, Router } from "./Router.ts"

/** The methods of a contract by their names in TypeScript. */
export type Methods = Readonly<Record<string, Method.Any>>

/** What `yield* Items` gives: a function for each method. */
export type Client<M extends Methods> = { readonly [K in keyof M]: Method.ToClient<M[K]> }

/** What `Items.serve` takes: a handler for each method. */
export type Handlers<M extends Methods, R = never> = { readonly [K in keyof M]: Method.ToHandler<M[K], R> }

/** The services that a set of handlers needs. */
export type HandlerServices<H> = {
  readonly [K in keyof H]: H[K] extends (...args: Array<any>) => infer Outcome ? ServicesOf<Outcome> : never
}[keyof H]

type ServicesOf<Outcome> =
  Outcome extends Effect.Effect<any, any, infer R> ? R : Outcome extends Stream.Stream<any, any, infer R> ? R : never

/** The class that stands for one contract. */
export interface Contract<Self, M extends Methods> extends Context.Service<Self, Client<M>> {
  new (_: never): Context.ServiceClass.Shape<string, Client<M>>
  /** The IDL's name, qualified by its namespace. */
  readonly contract: string
  readonly methods: M
  /** The client, over whatever endpoint is below: middleware, a balancer, a connection. */
  readonly client: Layer.Layer<Self, never, Endpoint>
  /**
   * Adds handlers to a router. What handlers need is needed once, when the layer builds; a handler that acquires
   * resources says `Effect.scoped` itself, since the layer's scope outlives the call.
   */
  readonly serve: <H extends Handlers<M, any>, P = never, R = never>(
    handlers: H & Exact<H, M>,
    guard?: Guard<P, R>
  ) => Layer.Layer<never, DuplicateRoute, Router | Exclude<HandlerServices<H>, P> | R>
}

/** The text is what the compiler shows of a handler that no method has. */
type Exact<H, M> = { readonly [K in Exclude<keyof H, keyof M>]: "the contract has no method of this name" }

/** Declares a contract. Methods are in the order of the IDL. */
export const Service =
  <Self>() =>
  <const M extends Methods>(contract: string, methods: M): Contract<Self, M> => {
    const Key = Context.Service<Self, Client<M>>()(contract)
    const client = Layer.effect(
      Key,
      Effect.map(Endpoint, (endpoint) => makeClient(methods, endpoint))
    )
    const serve = (handlers: Record<string, Handler>, guard?: Guard<never>) =>
      Layer.effectDiscard(
        Effect.gen(function* () {
          const router = yield* Router
          const context = yield* Effect.context<never>()
          yield* router.add(
            Object.entries(methods).map(([key, method]) => ({
              method,
              context,
              endpoint: makeEndpoint(method, handlers[key]!, guard)
            }))
          )
        })
      )
    return Object.assign(Key, { contract, methods, client, serve }) as unknown as Contract<Self, M>
  }

type Handler = (request: unknown) => Effect.Effect<unknown, unknown>

const makeClient = <M extends Methods>(methods: M, endpoint: Endpoint["Service"]): Client<M> =>
  Object.fromEntries(
    Object.entries(methods).map(([key, method]) => [
      key,
      method.shape?.toClient(method, endpoint) ??
        ((payload: unknown) =>
          Effect.withFiber((fiber) => Effect.flatMap(ClientCall.send(fiber, endpoint, method, payload), toEffect)))
    ])
  ) as Client<M>

const makeEndpoint = (method: Method.Any, handler: Handler, guard: Guard<never> | undefined): Endpoint["Service"] => {
  const endpoint = method.shape?.toEndpoint(handler) ?? ((call) => HandlerCall.run(call, handler))
  if (guard === undefined) return endpoint
  return (call) =>
    Effect.flatMap(guard.check(call), (given) =>
      Effect.withFiber((fiber) => {
        // The fiber exists for this call alone; a stream that the handler returns runs in it as well.
        fiber.setContext(Context.merge(fiber.context, given))
        return endpoint(call)
      })
    )
}
