/**
 * One call at a time on one connection, for peers that read the next request only when they have answered the last, or
 * that answer in the order of requests whatever their ids say.
 */
import type { Exchange } from "./Exchange.ts"
import { maxSequenceId, type Pending } from "./Multiplexer.ts"
import { Unclaimed } from "./Unclaimed.ts"

/** At most one exchange waits. Ids count up all the same: a reply with another id shows a peer that is out of step. */
export class PingPong implements Pending {
  private readonly unclaimed = new Unclaimed()
  private waiting: Exchange | undefined
  private last = 0

  get size(): number {
    return this.waiting === undefined ? 0 : 1
  }

  get isFull(): boolean {
    return this.waiting !== undefined
  }

  add(exchange: Exchange): void {
    exchange.sequenceId = this.next()
    this.waiting = exchange
  }

  addOneway(exchange: Exchange): void {
    this.unclaimed.addOneway((exchange.sequenceId = this.next()))
  }

  take(sequenceId: number): Exchange | undefined {
    const waiting = this.waiting
    if (waiting === undefined || waiting.sequenceId !== sequenceId) return undefined
    this.waiting = undefined
    return waiting
  }

  takeUnclaimed(sequenceId: number): boolean {
    return this.unclaimed.take(sequenceId)
  }

  guess(): Exchange | undefined {
    return this.waiting
  }

  /** A reply is still to come, and no call may be sent before it: a new connection costs less than to wait for it. */
  abandon(exchange: Exchange): boolean {
    if (this.waiting !== exchange) return true
    this.waiting = undefined
    return false
  }

  drain(): ReadonlyArray<Exchange> {
    const waiting = this.waiting
    this.waiting = undefined
    return waiting === undefined ? [] : [waiting]
  }

  private next(): number {
    return (this.last = this.last === maxSequenceId ? 1 : this.last + 1)
  }
}
