/** Calls that wait until an instance can be tried (again). They wait together, so that many of them cost one timer. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import type * as Scope from "effect/Scope"

/** Milliseconds between two looks at the instances. */
export const pause = 20

/** Whose calls wait, and for what. */
export interface Options {
  /** How many may wait. */
  readonly limit: number
  /** Whether there is an instance to try. */
  readonly canTry: () => boolean
  /** What it runs in. */
  readonly context: Context.Context<never>
  readonly scope: Scope.Scope
}

/** The calls of one balancer. */
export class Waiting {
  private readonly options: Options
  private readonly latch = Latch.makeUnsafe(false)
  private count = 0
  private isLooking = false

  constructor(options: Options) {
    this.options = options
  }

  get isFull(): boolean {
    return this.count >= this.options.limit
  }

  /** Until there may be an instance to try. */
  readonly turn: Effect.Effect<void> = Effect.acquireUseRelease(
    Effect.sync(() => {
      this.count++
      this.look()
    }),
    () => this.latch.await,
    () => Effect.sync(() => void this.count--)
  )

  /** All that wait try again. */
  readonly wake: Effect.Effect<unknown> = Effect.suspend(() => this.latch.release)

  /** Nobody waits any more. */
  readonly close: Effect.Effect<unknown> = Effect.suspend(() => this.latch.open)

  private look(): void {
    if (this.isLooking) return
    this.isLooking = true
    const { canTry, context, scope } = this.options
    const round: Effect.Effect<void> = Effect.flatMap(Effect.sleep(pause), () => {
      if (this.count === 0) return this.rest
      return canTry() ? Effect.andThen(this.latch.release, round) : round
    })
    Fiber.runIn(Effect.runForkWith(context)(round), scope)
  }

  private readonly rest = Effect.sync(() => {
    this.isLooking = false
  })
}
