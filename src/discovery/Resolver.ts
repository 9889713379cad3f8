/** The client side of discovery: who serves a target now, and from then on. */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Stream from "effect/Stream"
import type { Instance } from "./Instance.ts"

/** All instances of a target at one moment: never a difference to an earlier one. */
export interface Snapshot {
  /** Grows with each change within one watch. */
  readonly revision: number
  /** Empty when the target is known to have no instance, which is not the same as not knowing. */
  readonly instances: ReadonlyArray<Instance>
}

/** The instances of a target cannot be learnt for now. Whoever watches keeps the last snapshot and watches again. */
export class ResolveError extends Data.TaggedError("ResolveError")<{
  readonly target: string
  readonly detail: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `cannot resolve "${this.target}": ${this.detail}`
  }
}

/**
 * `watch` gives the current snapshot at once and another after each change. A slow reader may miss snapshots between two
 * that it sees, never the last one. The stream ends only with its scope; a failure means: watch again.
 */
export class Resolver extends Context.Service<
  Resolver,
  { readonly watch: (target: string) => Stream.Stream<Snapshot, ResolveError> }
>()("volant/discovery/Resolver") {}
