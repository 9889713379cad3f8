/**
 * How many retries one may afford, so that retries do not multiply the load of a service that is already failing: a share of
 * the calls of the last seconds, plus a few for those who seldom call. Finagle's RetryBudget.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/** Told of every call and asked before every retry. */
export interface RetryBudget {
  /** Counts a call, which pays for a part of a retry. */
  readonly deposit: () => void
  /** Takes a retry out of the budget; false when there is not enough in it. */
  readonly tryWithdraw: () => boolean
  /** Retries that could be made now. */
  readonly balance: () => number
}

/** How much a budget allows. The defaults are Finagle's. */
export interface Options {
  /** Retries per call, for example 0.2: one retry for five calls. Default 0.2. */
  readonly ratio?: number | undefined
  /** Retries per second that are always allowed. Default 10. */
  readonly minPerSecond?: number | undefined
  /** How long calls and retries count. Default 10 seconds. */
  readonly ttl?: Duration.Input | undefined
}

const sliceCount = 10

/** A budget of its own, on the clock of the context. */
export const make = (options?: Options): Effect.Effect<RetryBudget> =>
  Effect.map(Clock.Clock, (clock) => {
    const ttl = Duration.toMillis(options?.ttl ?? "10 seconds")
    const reserve = ((options?.minPerSecond ?? 10) * ttl) / 1000
    return new Window(options?.ratio ?? 0.2, reserve, ttl / sliceCount, clock)
  })

/** Retries as often as the schedule says. */
export const unlimited: Effect.Effect<RetryBudget> = Effect.succeed({
  deposit: () => {},
  tryWithdraw: () => true,
  balance: () => Infinity
})

/** Deposits and withdrawals by slices of time, a ring of them; a slice counts until its place is needed again. */
class Window implements RetryBudget {
  private readonly slices = new Float64Array(sliceCount)
  private current = 0
  private readonly ratio: number
  private readonly reserve: number
  private readonly sliceMillis: number
  private readonly clock: Clock.Clock

  constructor(ratio: number, reserve: number, sliceMillis: number, clock: Clock.Clock) {
    this.ratio = ratio
    this.reserve = reserve
    this.sliceMillis = sliceMillis
    this.clock = clock
    this.current = this.now()
  }

  deposit = (): void => {
    this.advance()
    this.slices[this.current % sliceCount]! += this.ratio
  }

  tryWithdraw = (): boolean => {
    if (this.balance() < 1 - 1e-9) return false
    this.slices[this.current % sliceCount]! -= 1
    return true
  }

  balance = (): number => {
    this.advance()
    return this.slices.reduce((sum, slice) => sum + slice, this.reserve)
  }

  private now(): number {
    return Math.floor(this.clock.currentTimeMillisUnsafe() / this.sliceMillis)
  }

  /** A clock that was set back keeps the current slice. */
  private advance(): void {
    const now = this.now()
    if (now <= this.current) return
    for (let slice = Math.max(this.current + 1, now - sliceCount + 1); slice <= now; slice++) {
      this.slices[slice % sliceCount] = 0
    }
    this.current = now
  }
}
