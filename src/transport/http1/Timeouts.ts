/** What a connection of HTTP/1.1 may take its time for, and how long. */
import { Alarm } from "../Alarm.ts"
import type { Deadlines } from "../Deadlines.ts"
import type { Limits } from "./Limits.ts"

/** What took too long. `linger` is the end of this side's own patience. */
export type Expired = (typeof all)[number]

const all = ["header", "body", "idle", "stall", "linger"] as const

/** Where each stands in `until`. */
const header = 0
const body = 1
const idle = 2
const stall = 3
const linger = 4

/** The connection, as far as its times depend on it. */
export interface Watched {
  /** Octets that have come, ever. */
  readonly bytesRead: number
  readonly onExpired: (what: Expired) => void
}

/** Milliseconds for the peer to take note of the end before the socket is torn down. */
const patience = 1000

/** Of one connection. */
export class Timeouts extends Alarm {
  private readonly limits: Limits
  private readonly watched: Watched
  /** `bytesRead` when the last request was answered. */
  private mark = 0
  private isWithinHeader = false

  constructor(limits: Limits, deadlines: Deadlines["Service"], watched: Watched) {
    super(deadlines, [Infinity, Infinity, Infinity, Infinity, Infinity])
    this.limits = limits
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
    this.until[header] = this.until[idle] = Infinity
  }

  /** A body is waited for, of which something has come perhaps. */
  onBody(): void {
    this.set(body, this.limits.bodyTimeout)
  }

  /** No body is waited for. */
  onBodyEnd(): void {
    this.until[body] = Infinity
  }

  /** The response was complete before the request, the rest of which is thrown away. */
  onEarlyEnd(): void {
    this.set(body, this.limits.headerTimeout)
  }

  /** Something is to be sent, or some of it has left. */
  onSending(): void {
    this.set(stall, this.limits.stallTimeout)
  }

  onSent(): void {
    this.until[stall] = Infinity
  }

  /** The connection ends: from here on nothing but the linger counts. */
  onEnding(): void {
    this.until.fill(Infinity)
    this.set(linger, patience)
  }

  private wait(): void {
    this.isWithinHeader = false
    this.set(idle, this.limits.idleTimeout)
    this.set(header, this.limits.headerTimeout)
  }

  private enterHeader(): void {
    this.isWithinHeader = true
    this.until[idle] = Infinity
    this.set(header, this.limits.headerTimeout)
  }

  protected override check(now: number): void {
    // The parser does not tell when a header begins, so that one looks from time to time.
    if (this.until[header]! <= now && !this.isWithinHeader) {
      if (this.watched.bytesRead !== this.mark) this.enterHeader()
      else this.set(header, this.limits.headerTimeout)
    }
    this.takeDue(now, (what) => this.watched.onExpired(all[what]!))
  }
}
