/** Calls that wait for a connection while none can be had (gRPC's wait-for-ready): they go to the pool again when it dials again. */
import type { Deadlines, Timer } from "../transport/Deadlines.ts"
import type { Exchange, Holder, Sink } from "../transport/Exchange.ts"

/** What the calls wait for. */
export interface Place extends Sink {
  readonly isReachable: () => boolean
}

/** Milliseconds between two looks at the pool. */
const pause = 20

/** The waiting calls of one link, in the order in which they came. */
export class ClientWaiting implements Holder {
  private readonly place: Place
  private readonly deadlines: Deadlines["Service"]
  private readonly limit: number
  private calls = new Set<Exchange>()
  private timer: Timer | undefined
  private isClosed = false

  constructor(place: Place, deadlines: Deadlines["Service"], limit: number) {
    this.place = place
    this.deadlines = deadlines
    this.limit = limit
  }

  /** Calls that wait here. */
  get size(): number {
    return this.calls.size
  }

  /** false when the call must not wait: there are too many, or the client is closed. */
  add(call: Exchange): boolean {
    if (this.isClosed || this.calls.size >= this.limit) return false
    call.holder = this
    this.calls.add(call)
    this.schedule()
    return true
  }

  withdraw(call: Exchange): void {
    this.calls.delete(call)
    if (this.calls.size > 0) return
    this.timer?.cancel()
    this.timer = undefined
  }

  /** What waits, and whatever would wait later, does so no longer: the pool has the last word. */
  close(): void {
    this.isClosed = true
    this.timer?.cancel()
    this.submitAll()
  }

  private schedule(): void {
    this.timer ??= this.deadlines.schedule(this.deadlines.now() + pause, () => {
      this.timer = undefined
      if (this.place.isReachable()) this.submitAll()
      else if (this.calls.size > 0) this.schedule()
    })
  }

  private submitAll(): void {
    const { calls } = this
    this.calls = new Set()
    for (const call of calls) {
      // What one of them resumes may have ended another.
      if (call.isEnded) continue
      call.holder = undefined
      this.place.submit(call)
    }
  }
}
