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

/**
 * A table of slots, in which an id's place is its low bits: ids in flight at a time are mostly consecutive. A `Map` would
 * do as well, but one that changes so quickly leaves obsolete tables behind which keep each other, and all that was once
 * in them, until a full collection; that doubled the cost of a call.
 */
export class Multiplexer implements Pending {
  size = 0
  private slots: Array<Exchange | undefined> = new Array<undefined>(initialSlots).fill(undefined)
  private readonly unclaimed = new Unclaimed()
  private readonly concurrency: number
  private last: number

  /** `last` is the id before the first one. */
  constructor(concurrency: number, last = 0) {
    this.concurrency = concurrency
    this.last = last
  }

  get isFull(): boolean {
    return this.size >= this.concurrency
  }

  add(exchange: Exchange): void {
    if (this.size * 2 >= this.slots.length) this.grow()
    const id = this.next()
    exchange.sequenceId = id
    this.slots[id & (this.slots.length - 1)] = exchange
    this.size++
  }

  addOneway(exchange: Exchange): void {
    exchange.sequenceId = this.next()
    this.unclaimed.addOneway(exchange.sequenceId)
  }

  take(sequenceId: number): Exchange | undefined {
    const slot = sequenceId & (this.slots.length - 1)
    const exchange = this.slots[slot]
    if (exchange === undefined || exchange.sequenceId !== sequenceId) return undefined
    this.slots[slot] = undefined
    this.size--
    return exchange
  }

  takeUnclaimed(sequenceId: number): boolean {
    return this.unclaimed.take(sequenceId)
  }

  guess(method: string): Exchange | undefined {
    const all = this.all()
    if (all.length === 1) return all[0]
    const same = all.filter((exchange) => exchange.call.method.name === method)
    return same.length === 1 ? same[0] : undefined
  }

  abandon(exchange: Exchange): boolean {
    return this.take(exchange.sequenceId) === undefined || this.unclaimed.addAbandoned(exchange.sequenceId)
  }

  drain(): ReadonlyArray<Exchange> {
    const all = this.all()
    this.slots.fill(undefined)
    this.size = 0
    this.unclaimed.clear()
    return all
  }

  private all(): ReadonlyArray<Exchange> {
    return this.slots.filter((exchange) => exchange !== undefined)
  }

  /** The next id whose slot is free, as at least half of them are. */
  private next(): number {
    let id = this.last
    do id = id === maxSequenceId ? 1 : id + 1
    while (
      this.slots[id & (this.slots.length - 1)] !== undefined ||
      (!this.unclaimed.isEmpty && this.unclaimed.has(id))
    )
    return (this.last = id)
  }

  /** Ids with different slots keep different ones in a table twice as large. */
  private grow(): void {
    const all = this.all()
    this.slots = new Array<undefined>(this.slots.length * 2).fill(undefined)
    for (const exchange of all) this.slots[exchange.sequenceId & (this.slots.length - 1)] = exchange
  }
}

/** A power of two, as are all sizes that follow. */
const initialSlots = 16
