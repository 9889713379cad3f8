import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Instance } from "../discovery/Instance.ts"
import type { Call } from "../Call.ts"
import type { Endpoint } from "../Endpoint.ts"
import type { RpcError } from "../RpcError.ts"

/** The way to one instance: an endpoint that dials when first used, and pools and reuses connections below. */
export interface Link {
  readonly endpoint: Endpoint["Service"]
  /** Calls that wait for a reply or for a connection now. What balancers compare. */
  readonly inFlight: () => number
  /**
   * false while dialling keeps failing, so that balancers prefer other instances; true again when it is time to try once
   * more, for nobody else will. Absent means reachable.
   */
  readonly isReachable?: (() => boolean) | undefined
}

/** What who opens a link wants of it. */
export interface OpenOptions {
  /** Whether calls may wait in the link while it has no connection. Default true; balancers let them wait above all links. */
  readonly waits?: boolean | undefined
}

/**
 * Opens links to instances; a protocol's client provides it. A link is closed, with what is in flight on it, by its scope.
 * Failures of a link name the instance: `peer` of their RpcError is its `key`, by which a retry avoids it.
 */
export class Connector extends Context.Service<
  Connector,
  {
    readonly open: (instance: Instance, options?: OpenOptions) => Effect.Effect<Link, RpcError, Scope.Scope>
    /** Whether a call waits, up to its deadline, while no instance can be had for it. Absent means that none does. */
    readonly waits?: ((call: Call) => boolean) | undefined
  }
>()("volant/transport/Connector") {}
