/** A check before each call of a contract on the server. It may refuse the call and may provide what handlers need. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Call } from "./Call.ts"
import type { RpcError } from "./RpcError.ts"

/**
 * Checks calls and provides `P` to their handlers. `R` is needed once, when the handlers' layer builds. To refuse a
 * call it fails.
 */
export interface Guard<in P, out R = never> {
  readonly check: (call: Call) => Effect.Effect<Context.Context<P>, RpcError, R>
}

/** A guard that only lets pass or refuses. */
export const make = <R = never>(check: (call: Call) => Effect.Effect<void, RpcError, R>): Guard<never, R> => ({
  check: (call) => Effect.as(check(call), Context.empty())
})

/** A guard whose result handlers read as the service `key`, for example the authenticated user. */
export const provide = <I, S, R = never>(
  key: Context.Key<I, S>,
  check: (call: Call) => Effect.Effect<S, RpcError, R>
): Guard<I, R> => ({
  check: (call) => Effect.map(check(call), (service) => Context.make(key, service))
})
