/** The latest snapshot of one target, and all who follow it. */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Stream from "effect/Stream"
import type { Instance } from "./Instance.ts"
import type { ResolveError, Snapshot } from "./Resolver.ts"

/** What a resolver holds for each target: it sets, watchers follow. Between two reads only the latest snapshot is kept. */
export class Topic {
  private snapshot: Snapshot = { revision: 0, instances: [] }
  private failures = 0
  private failure: ResolveError | undefined
  private readonly changed = Latch.makeUnsafe(false)

  /** The current snapshot, then each later one. Fails when `fail` is called while it runs. */
  readonly watch: Stream.Stream<Snapshot, ResolveError> = Stream.fromPull(
    Effect.sync(() => {
      const failures = this.failures
      let seen: Snapshot | undefined
      const pull: Effect.Effect<readonly [Snapshot], ResolveError> = Effect.suspend(() => {
        if (this.failures !== failures && this.failure !== undefined) return Effect.fail(this.failure)
        if (this.snapshot === seen) return Effect.flatMap(this.changed.await, () => pull)
        seen = this.snapshot
        return Effect.succeed([seen])
      })
      return pull
    })
  )

  readonly set = (instances: ReadonlyArray<Instance>): Effect.Effect<void> =>
    Effect.suspend(() => {
      this.snapshot = { revision: this.snapshot.revision + 1, instances }
      return this.changed.release
    })

  /** Ends the watches that run now; later ones start with the current snapshot. */
  readonly fail = (error: ResolveError): Effect.Effect<void> =>
    Effect.suspend(() => {
      this.failures++
      this.failure = error
      return this.changed.release
    })
}
