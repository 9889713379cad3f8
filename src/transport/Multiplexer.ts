/** Many calls on one connection: each waits for the reply that has its sequence id, in whatever order replies come. */
import type { Exchange } from "./Exchange.ts"

/** Who waits for which reply on one connection. */
export interface Pending {
  /** Calls that wait for their reply. */
  readonly size: number
  /** No more calls may be sent for now. */
  readonly isFull: boolean
  /** Gives the exchange its sequence id and waits for the reply. */
  readonly add: (exchange: Exchange) => void
  /** Who waits for the reply with this id; no longer, from now on. */
  readonly take: (sequenceId: number) => Exchange | undefined
  /** The one among those waiting whom a reply with an id that nobody has must be meant for, if that can be told. */
  readonly guess: (method: string) => Exchange | undefined
  /** The exchange has ended: its reply will be dropped. false when the connection is of no use any more because of it. */
  readonly abandon: (exchange: Exchange) => boolean
  /** Was the reply with this id abandoned? Asked once: a second reply with the same id is another matter. */
  readonly takeAbandoned: (sequenceId: number) => boolean
  /** Removes all that wait. */
  readonly drain: () => ReadonlyArray<Exchange>
}

/** The largest sequence id. Ids are positive: some peers keep them in an unsigned or a signed field, and 1 follows it. */
export const maxSequenceId = 0x7fff_ffff

/** So many replies may be outstanding that nobody waits for; a peer that owes more than this is stuck. */
const maxAbandoned = 65_536

export class Multiplexer implements Pending {
  private readonly waiting = new Map<number, Exchange>()
  private readonly abandoned = new Set<number>()
  private readonly concurrency: number
  private last: number

  /** `last` is the id before the first one. */
  constructor(concurrency: number, last = 0) {
    this.concurrency = concurrency
    this.last = last
  }

  get size(): number {
    return this.waiting.size
  }

  get isFull(): boolean {
    return this.waiting.size >= this.concurrency
  }

  add(exchange: Exchange): void {
    let id = this.last
    do id = id === maxSequenceId ? 1 : id + 1
    while (this.waiting.has(id) || (this.abandoned.size > 0 && this.abandoned.has(id)))
    this.last = id
    exchange.sequenceId = id
    this.waiting.set(id, exchange)
  }

  take(sequenceId: number): Exchange | undefined {
    const exchange = this.waiting.get(sequenceId)
    if (exchange !== undefined) this.waiting.delete(sequenceId)
    return exchange
  }

  guess(method: string): Exchange | undefined {
    const all = Array.from(this.waiting.values())
    if (all.length === 1) return all[0]
    const same = all.filter((exchange) => exchange.call.method.name === method)
    return same.length === 1 ? same[0] : undefined
  }

  abandon(exchange: Exchange): boolean {
    if (!this.waiting.delete(exchange.sequenceId)) return true
    this.abandoned.add(exchange.sequenceId)
    return this.abandoned.size <= maxAbandoned
  }

  takeAbandoned(sequenceId: number): boolean {
    return this.abandoned.delete(sequenceId)
  }

  drain(): ReadonlyArray<Exchange> {
    const all = Array.from(this.waiting.values())
    this.waiting.clear()
    this.abandoned.clear()
    return all
  }
}
