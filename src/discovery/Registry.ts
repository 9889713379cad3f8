/** The server side of discovery: announces an instance for as long as a scope is open. */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Instance } from "./Instance.ts"

/** The registry refused an instance or cannot be reached. */
export class RegistryError extends Data.TaggedError("RegistryError")<{
  readonly target: string
  /** The key of the instance. */
  readonly instance: string
  readonly detail: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `cannot announce ${this.instance} as "${this.target}": ${this.detail}`
  }
}

/**
 * `announce` is done when resolvers can see the instance. It keeps the announcement alive until the scope closes, and
 * then takes it back.
 */
export class Registry extends Context.Service<
  Registry,
  {
    readonly announce: (target: string, instance: Instance) => Effect.Effect<void, RegistryError, Scope.Scope>
  }
>()("volant/discovery/Registry") {}
