/**
 * The connections to one instance. Calls go to the first connection that has room; when none has, they wait, and the pool
 * grows up to its maximum. After a failed attempt to connect, calls fail at once with its error until a pause is over;
 * then the next call tries again. Nothing here runs by itself but the closing of idle connections.
 */
import { Overloaded } from "../RpcError.ts"
import type { Backoff } from "./Backoff.ts"
import type * as Deadlines from "./Deadlines.ts"
import { type Exchange, type Sink, unsent } from "./Exchange.ts"

/** What a pool must know of a connection. */
export interface Member {
  /** It takes a call now. */
  readonly hasRoom: () => boolean
  /** Calls that it holds. */
  readonly inFlight: () => number
  /** Calls that it was ever given. */
  readonly taken: () => number
  /** Either ends the exchange or becomes its holder. Only called while there is room. */
  readonly send: (exchange: Exchange) => void
  /** Closes it. What it holds fails, and the pool hears nothing more of it. */
  readonly close: (detail: string) => void
}

/** Why there is no connection. */
export interface Failure {
  readonly detail: string
  readonly cause: unknown
}

/** How an attempt to connect ends. */
export interface Opening {
  readonly onOpen: (member: Member) => void
  readonly onFailure: (failure: Failure) => void
}

/** Bounds are for one instance. */
export interface Options {
  readonly maxConnections: number
  /**
   * Calls that one connection holds, by which the pool knows how many connections its queue is worth. It may change as more
   * is known of the peer.
   */
  readonly concurrency: number
  /** Calls that may wait for a connection; more fail with Overloaded. */
  readonly maxQueued: number
  /** Milliseconds without a call after which a connection is closed; it may take half as long again. */
  readonly idleTimeout: number
  readonly backoff: Backoff
  /** Starts to connect; the returned function gives it up. */
  readonly dial: (opening: Opening) => () => void
  readonly deadlines: Deadlines.Deadlines["Service"]
  readonly random: () => number
}

/** A connection that is lost so soon without having answered anything counts as one that could not be made. */
const shortLived = 1000

/** Synchronous throughout: sockets and timers call it, and it resumes the callers. */
export class Pool implements Sink {
  /** Calls that wait for a connection or for a reply. */
  inFlight = 0
  private readonly options: Options
  private readonly members = new Map<Member, MemberState>()
  private readonly retired = new Set<Member>()
  private readonly queue = new Set<Exchange>()
  private readonly dials = new Set<() => void>()
  private failures = 0
  private retryAt = -Infinity
  private lastFailure: Failure = { detail: "", cause: undefined }
  private sweeper: Deadlines.Timer | undefined
  private closed = false

  constructor(options: Options) {
    this.options = options
  }

  submit(exchange: Exchange): void {
    if (this.queue.size === 0) {
      const member = this.withRoom()
      if (member !== undefined) return member.send(exchange)
    }
    if (this.closed) return exchange.fail(unsent("the client is closed"))
    if (this.isDown()) return this.failFast(exchange)
    if (this.queue.size >= this.options.maxQueued) {
      return exchange.fail(new Overloaded({ limit: `${this.options.maxQueued} calls waiting for a connection` }))
    }
    exchange.holder = this
    this.queue.add(exchange)
    this.grow()
  }

  withdraw(exchange: Exchange): void {
    this.queue.delete(exchange)
  }

  /** A member has room again. */
  onRoom(member: Member): void {
    while (this.queue.size > 0 && member.hasRoom()) member.send(this.dequeue())
  }

  /** A member takes no more calls, and closes when those that it has are over. */
  onSilent(member: Member): void {
    if (!this.members.delete(member)) return
    this.retired.add(member)
    this.serveQueue()
  }

  /** A member is closed, not by the pool. `failure` says why the peer closed it before it had answered anything. */
  onLost(member: Member, failure: Failure | undefined): void {
    const state = this.members.get(member)
    this.retired.delete(member)
    if (state === undefined) return
    this.members.delete(member)
    if (failure === undefined) this.failures = 0
    else if (this.options.deadlines.now() - state.since < shortLived) this.countFailure(failure)
    this.serveQueue()
  }

  /** false while connecting keeps failing. */
  isReachable(): boolean {
    return !this.closed && !this.isDown() && (this.failures === 0 || this.members.size > 0 || this.dials.size === 0)
  }

  /** Connections that are open now. */
  get size(): number {
    return this.members.size
  }

  /** Calls that wait for a connection. */
  get queued(): number {
    return this.queue.size
  }

  /** Fails all that is in flight or waits. */
  close(): void {
    this.closed = true
    this.sweeper?.cancel()
    for (const giveUp of this.dials) giveUp()
    this.dials.clear()
    const members = [...this.members.keys(), ...this.retired]
    this.members.clear()
    this.retired.clear()
    for (const member of members) member.close("the client was closed")
    while (this.queue.size > 0) this.dequeue().fail(unsent("the client was closed"))
  }

  private withRoom(): Member | undefined {
    for (const member of this.members.keys()) if (member.hasRoom()) return member
    return undefined
  }

  private dequeue(): Exchange {
    const [first] = this.queue
    this.queue.delete(first!)
    return first!
  }

  private grow(): void {
    const { concurrency, maxConnections } = this.options
    while (
      this.queue.size > this.dials.size * concurrency &&
      this.members.size + this.dials.size < maxConnections &&
      !this.isPausing()
    ) {
      this.dial()
    }
  }

  private dial(): void {
    const giveUp = this.options.dial({
      onOpen: (member) => {
        this.dials.delete(giveUp)
        this.members.set(member, { since: this.options.deadlines.now(), takenBefore: -1, idleSweeps: 0 })
        this.scheduleSweep()
        this.onRoom(member)
        // It may have less room than was hoped for.
        this.grow()
      },
      onFailure: (failure) => {
        this.dials.delete(giveUp)
        this.countFailure(failure)
        this.serveQueue()
      }
    })
    this.dials.add(giveUp)
  }

  private countFailure(failure: Failure): void {
    this.lastFailure = failure
    // Attempts that were made at the same time fail at the same time, and count once.
    if (this.isPausing()) return
    this.failures++
    this.retryAt = this.options.deadlines.now() + this.options.backoff.delay(this.failures, this.options.random())
  }

  private isPausing(): boolean {
    return this.failures > 0 && this.options.deadlines.now() < this.retryAt
  }

  /** No connection, none to come, and not yet time to try again. */
  private isDown(): boolean {
    return this.members.size === 0 && this.dials.size === 0 && this.isPausing()
  }

  private serveQueue(): void {
    if (this.closed) return
    if (!this.isDown()) return this.grow()
    // What these fail into may call again; those calls fail fast and do not join the queue.
    while (this.queue.size > 0) this.failFast(this.dequeue())
  }

  private failFast(exchange: Exchange): void {
    exchange.fail(unsent(this.lastFailure.detail, this.lastFailure.cause))
  }

  private scheduleSweep(): void {
    const { deadlines, idleTimeout } = this.options
    if (this.sweeper !== undefined || this.closed || idleTimeout === Infinity) return
    this.sweeper = deadlines.schedule(deadlines.now() + idleTimeout / 2, () => {
      this.sweeper = undefined
      this.sweep()
      if (this.members.size > 0) this.scheduleSweep()
    })
  }

  /** Two sweeps without a call between them are one idle time; so no call has to look at the clock. */
  private sweep(): void {
    for (const [member, state] of this.members) {
      const taken = member.inFlight() > 0 ? -1 : member.taken()
      state.idleSweeps = taken === -1 || taken !== state.takenBefore ? 0 : state.idleSweeps + 1
      state.takenBefore = taken
      if (state.idleSweeps < 2) continue
      this.members.delete(member)
      member.close("idle")
    }
  }
}

interface MemberState {
  /** When it was opened. */
  readonly since: number
  takenBefore: number
  idleSweeps: number
}
