/**
 * What a connection of HTTP/1.1 may take its time for, and how long. One timer for each connection, set to the earliest
 * instant that matters; what happens in between only moves instants, mostly later, and costs no timer.
 */
import type { Deadlines, Timer } from "../Deadlines.ts"
import type { Limits } from "./Limits.ts"

/** What took too long. `linger` is the end of this side's own patience. */
export type Expired = "header" | "body" | "idle" | "stall" | "linger"

/** The connection, as far as its times depend on it. */
export interface Watched {
  /** Octets that have come, ever. */
  readonly bytesRead: number
  readonly onExpired: (what: Expired) => void
}

/** Milliseconds for the peer to take note of the end before the socket is torn down. */
const patience = 1000

/** Of one connection. */
export class Timeouts {
  private readonly limits: Limits
  private readonly deadlines: Deadlines["Service"]
  private readonly watched: Watched
  private readonly until: { [What in Expired]: number } = {
    header: Infinity,
    body: Infinity,
    idle: Infinity,
    stall: Infinity,
    linger: Infinity
  }
  /** `bytesRead` when the last request was answered. */
  private mark = 0
  private isWithinHeader = false
  private timer: Timer | undefined
  private timerAt = Infinity
  private readonly onTimer = (): void => this.check()

  constructor(limits: Limits, deadlines: Deadlines["Service"], watched: Watched) {
    this.limits = limits
    this.deadlines = deadlines
    this.watched = watched
  }

  /** The connection is new, and may have begun its first request. */
  start(): void {
    this.wait()
    if (this.watched.bytesRead > 0) this.enterHeader()
  }

  /** Nothing is under way, and a request may come. */
  onIdle(): void {
    this.mark = this.watched.bytesRead
    this.wait()
  }

  /** A header is complete. */
  onRequest(): void {
    this.until.header = this.until.idle = Infinity
  }

  /** A body is waited for, of which something has come perhaps. */
  onBody(): void {
    this.set("body", this.limits.bodyTimeout)
  }

  /** No body is waited for. */
  onBodyEnd(): void {
    this.until.body = Infinity
  }

  /** The response was complete before the request, the rest of which is thrown away. */
  onEarlyEnd(): void {
    this.set("body", this.limits.headerTimeout)
  }

  /** Something is to be sent, or some of it has left. */
  onSending(): void {
    this.set("stall", this.limits.stallTimeout)
  }

  onSent(): void {
    this.until.stall = Infinity
  }

  /** The connection ends: from here on nothing but the linger counts. */
  onEnding(): void {
    for (const what of Object.keys(this.until) as Array<Expired>) this.until[what] = Infinity
    this.set("linger", patience)
  }

  stop(): void {
    this.timer?.cancel()
    this.timer = undefined
    this.timerAt = -Infinity
  }

  private wait(): void {
    this.isWithinHeader = false
    this.set("idle", this.limits.idleTimeout)
    this.set("header", this.limits.headerTimeout)
  }

  private enterHeader(): void {
    this.isWithinHeader = true
    this.until.idle = Infinity
    this.set("header", this.limits.headerTimeout)
  }

  private set(what: Expired, millis: number): void {
    const at = this.deadlines.now() + millis
    this.until[what] = at
    this.wake(at)
  }

  private wake(at: number): void {
    if (at >= this.timerAt) return
    this.timer?.cancel()
    this.timerAt = at
    this.timer = this.deadlines.schedule(at, this.onTimer)
  }

  private check(): void {
    this.timerAt = Infinity
    const now = this.deadlines.now()
    // The parser does not tell when a header begins, so that one looks from time to time.
    if (this.until.header <= now && !this.isWithinHeader) {
      if (this.watched.bytesRead !== this.mark) this.enterHeader()
      else this.set("header", this.limits.headerTimeout)
    }
    for (const what of Object.keys(this.until) as Array<Expired>) {
      if (this.until[what] > now) continue
      this.until[what] = Infinity
      this.watched.onExpired(what)
    }
    for (const what of Object.keys(this.until) as Array<Expired>) this.wake(this.until[what])
  }
}
