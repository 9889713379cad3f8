/** Many calls on one connection: each waits for the reply that has its sequence id, in whatever order replies come. */
import type { Exchange } from "./Exchange.ts"
import { Unclaimed } from "./Unclaimed.ts"

/** Who waits for which reply on one connection. */
export interface Pending {
  /** Calls that wait for their reply. */
  readonly size: number
  /** No more calls may be sent for now. */
  readonly isFull: boolean
  /** Gives the exchange its sequence id and waits for the reply. */
  readonly add: (exchange: Exchange) => void
  /** Gives a oneway exchange its sequence id. */
  readonly addOneway: (exchange: Exchange) => void
  /** Who waits for the reply with this id; no longer, from now on. */
  readonly take: (sequenceId: number) => Exchange | undefined
  /** A reply with an id that nobody waits for: true when that is in order, because its call gave up or was oneway. */
  readonly takeUnclaimed: (sequenceId: number) => boolean
  /** The one among those waiting for whom a reply with a wrong id must be, if that can be told. */
  readonly guess: (method: string) => Exchange | undefined
  /** The exchange has ended: its reply will be dropped. false when the connection is of no use any more because of it. */
  readonly abandon: (exchange: Exchange) => boolean
  /** Removes all that wait. */
  readonly drain: () => ReadonlyArray<Exchange>
}

/** The largest sequence id; 1 follows it. Ids stay positive, since peers differ in how they write negative ones. */
export const maxSequenceId = 0x7fff_ffff

export class Multiplexer implements Pending {
  private readonly waiting = new Map<number, Exchange>()
  private readonly unclaimed = new Unclaimed()
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
    this.waiting.set((exchange.sequenceId = this.next()), exchange)
  }

  addOneway(exchange: Exchange): void {
    this.unclaimed.addOneway((exchange.sequenceId = this.next()))
  }

  take(sequenceId: number): Exchange | undefined {
    const exchange = this.waiting.get(sequenceId)
    if (exchange !== undefined) this.waiting.delete(sequenceId)
    return exchange
  }

  takeUnclaimed(sequenceId: number): boolean {
    return this.unclaimed.take(sequenceId)
  }

  guess(method: string): Exchange | undefined {
    const all = Array.from(this.waiting.values())
    if (all.length === 1) return all[0]
    const same = all.filter((exchange) => exchange.call.method.name === method)
    return same.length === 1 ? same[0] : undefined
  }

  abandon(exchange: Exchange): boolean {
    return !this.waiting.delete(exchange.sequenceId) || this.unclaimed.addAbandoned(exchange.sequenceId)
  }

  drain(): ReadonlyArray<Exchange> {
    const all = Array.from(this.waiting.values())
    this.waiting.clear()
    this.unclaimed.clear()
    return all
  }

  private next(): number {
    let id = this.last
    do id = id === maxSequenceId ? 1 : id + 1
    while (this.waiting.has(id) || (!this.unclaimed.isEmpty && this.unclaimed.has(id)))
    return (this.last = id)
  }
}
