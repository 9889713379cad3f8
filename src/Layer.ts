/** Everything that `effect/Layer` has, and the verbs that build and stack middleware. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Base from "effect/Layer"
import * as Scope from "effect/Scope"
import { Endpoint } from "./Endpoint.ts"

export * from "effect/Layer"

/** Needs the endpoint below it, provides the endpoint above it. */
export interface Middleware<out E = never, out R = never> extends Base.Layer<Endpoint, E, Endpoint | R> {}

/**
 * The one way to make a middleware. `wrap` runs once, when the layer is built; a call only runs what it returned.
 *
 * Layers memoise by identity, so a middleware made with `Layer.effect` and used by two clients would hand the second
 * client the first one's endpoint. This one is built anew wherever it stands.
 */
export const middleware = <E = never, R = never>(
  wrap: (inner: Endpoint["Service"]) => Endpoint["Service"] | Effect.Effect<Endpoint["Service"], E, R>
): Middleware<E, Exclude<R, Scope.Scope>> =>
  Base.fromBuild((_memoMap, scope) =>
    Effect.flatMap(Endpoint, (inner) => {
      const outer = wrap(inner)
      return Effect.isEffect(outer)
        ? Effect.map(Effect.provideService(outer, Scope.Scope, scope), (endpoint) => Context.make(Endpoint, endpoint))
        : Effect.succeed(Context.make(Endpoint, outer))
    })
  ) as Middleware<E, Exclude<R, Scope.Scope>>

/** `stack([a, b, c])`: a is outermost, so a call visits a, then b, then c. */
export const stack = <const M extends readonly [Middleware<any, any>, ...Array<Middleware<any, any>>]>(
  layers: M
): Middleware<Base.Error<M[number]>, Exclude<Base.Services<M[number]>, Endpoint>> =>
  layers.reduceRight((inner, outer) => Base.provide(outer, inner)) as Base.Layer<any, any, any>
