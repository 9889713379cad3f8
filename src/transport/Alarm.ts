/**
 * Several instants that one connection waits for, and one timer for all of them: it is set to the earliest. What happens in
 * between only moves instants, mostly later, and costs no timer.
 */
import type { Deadlines, Timer } from "./Deadlines.ts"

/** Extended by what knows the instants, each by its place in `until`. */
export abstract class Alarm {
  /** Milliseconds since the epoch, Infinity where nothing is waited for. An array takes half the memory of an object. */
  protected readonly until: Array<number>
  protected readonly deadlines: Deadlines["Service"]
  private timer: Timer | undefined
  private timerAt = Infinity
  private readonly onTimer = (): void => {
    this.timerAt = Infinity
    this.check(this.deadlines.now())
    for (const at of this.until) this.wake(at)
  }

  constructor(deadlines: Deadlines["Service"], until: Array<number>) {
    this.deadlines = deadlines
    this.until = until
  }

  /** Nothing is waited for any more, nor ever again. */
  stop(): void {
    this.timer?.cancel()
    this.timer = undefined
    this.timerAt = -Infinity
  }

  /** The earliest instant has come, or one that was moved since. */
  protected abstract check(now: number): void

  protected set(what: number, millis: number): void {
    const at = this.deadlines.now() + millis
    this.until[what] = at
    this.wake(at)
  }

  /** Calls `check` at this instant at the latest. */
  protected wake(at: number): void {
    if (at >= this.timerAt) return
    this.timer?.cancel()
    this.timerAt = at
    this.timer = this.deadlines.schedule(at, this.onTimer)
  }

  /** Takes what is due out, and calls `onDue` with its place. */
  protected takeDue(now: number, onDue: (what: number) => void): void {
    for (let what = 0; what < this.until.length; what++) {
      if (this.until[what]! > now) continue
      this.until[what] = Infinity
      onDue(what)
    }
  }
}
