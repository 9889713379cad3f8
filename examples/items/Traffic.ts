/** Many callers that never pause, and the book that is kept of their calls. */
import * as Effect from "effect/Effect"

export interface Interval {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Calls that each instance answered. */
  readonly byInstance: ReadonlyMap<string, number>
  readonly calls: number
}

export class Traffic {
  readonly protocol: string
  calls = 0
  /** Calls that failed in the end. */
  lost = 0
  /** Attempts beyond the first. */
  retried = 0
  /** Why the last lost call was lost. */
  lastLoss = ""
  isOver = false
  private latencies: Array<number> = []
  private byInstance = new Map<string, number>()
  private since = performance.now()

  constructor(protocol: string) {
    this.protocol = protocol
  }

  answered(instance: string, millis: number): void {
    this.calls++
    this.latencies.push(millis)
    this.byInstance.set(instance, (this.byInstance.get(instance) ?? 0) + 1)
  }

  failed(why: string): void {
    this.calls++
    this.lost++
    this.lastLoss = why
  }

  /** What happened since the last time that this was asked. */
  interval(): Interval {
    const now = performance.now()
    const sorted = Float64Array.from(this.latencies).sort()
    const interval: Interval = {
      perSecond: (sorted.length / (now - this.since)) * 1000,
      p50: sorted[Math.floor(sorted.length * 0.5)] ?? 0,
      p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
      byInstance: this.byInstance,
      calls: sorted.length
    }
    this.latencies = []
    this.byInstance = new Map()
    this.since = now
    return interval
  }
}

/** What all callers need of an item, over whatever protocol it came. */
export interface Item {
  readonly id: bigint
  readonly content: string
}

/** One call after the other until the traffic is over; every call is waited for. */
export const caller = Effect.fnUntraced(function* <E>(
  traffic: Traffic,
  getItem: (id: bigint) => Effect.Effect<Item, E>
) {
  for (let id = 0n; !traffic.isOver; id++) {
    const sent = performance.now()
    yield* Effect.matchCause(getItem(id), {
      onSuccess: (item) =>
        item.id === id
          ? traffic.answered(item.content, performance.now() - sent)
          : traffic.failed(`the reply is for item ${item.id}, the call was for item ${id}`),
      onFailure: (cause) => traffic.failed(String(cause))
    })
  }
})
