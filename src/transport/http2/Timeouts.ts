/** What a connection may take its time for, and how long. */
import { Alarm } from "../Alarm.ts"
import type { Deadlines } from "../Deadlines.ts"
import type { Limits } from "./Limits.ts"

/** What took too long. `drain` and `linger` are the ends of this side's own patience. */
export type Expired = (typeof all)[number]

const all = ["handshake", "settings", "frame", "idle", "stall", "keepAlive", "drain", "linger"] as const

/** Where each stands in `until`. */
const handshake = 0
const settings = 1
const frame = 2
const idle = 3
const stall = 4
const keepAlive = 5
const drain = 6
const linger = 7

/** The connection, as far as its times depend on it. */
export interface Watched {
  readonly streamCount: number
  /** Octets handed to the system, ever. */
  readonly bytesSent: number
  /** Something waits to be sent. */
  readonly isUnsent: boolean
  /** Nothing is read, so that silence says nothing about the peer. */
  readonly isPaused: boolean
  onExpired(what: Expired): void
  /** It is time for a PING. */
  onSilence(): void
}

/** Milliseconds for the peer to hear of the end before the socket is torn down, and to answer the PING of a drain. */
const patience = 1000

/** Of one connection. */
export class Timeouts extends Alarm {
  /** A stream has ended since the last look. */
  hadStreams = false
  private readonly limits: Limits
  private readonly watched: Watched
  private lastRead: number
  private quietSince: number
  private wholeFrames = 0
  private progress = 0
  private movedAt = 0

  constructor(limits: Limits, deadlines: Deadlines["Service"], watched: Watched) {
    super(deadlines, [Infinity, Infinity, Infinity, Infinity, Infinity, Infinity, Infinity, Infinity])
    this.limits = limits
    this.watched = watched
    this.lastRead = this.quietSince = deadlines.now()
  }

  start(): void {
    this.set(handshake, this.limits.handshakeTimeout)
    this.set(idle, this.limits.idleTimeout)
    this.wake(this.lastRead + this.limits.keepAliveInterval)
  }

  /** Something has come. `wholeFrames` of it were complete so far, and the rest begins another or does not. */
  onRead(isWithinFrame: boolean, wholeFrames: number): void {
    this.lastRead = this.deadlines.now()
    this.until[keepAlive] = Infinity
    if (!isWithinFrame) this.until[frame] = Infinity
    else if (this.until[frame] === Infinity || wholeFrames !== this.wholeFrames)
      this.set(frame, this.limits.frameTimeout)
    this.wholeFrames = wholeFrames
  }

  onHandshake(): void {
    this.until[handshake] = Infinity
  }

  onSettingsSent(): void {
    if (this.until[settings] === Infinity) this.set(settings, this.limits.settingsTimeout)
  }

  onSettingsAck(): void {
    this.until[settings] = Infinity
  }

  onBlocked(): void {
    this.progress = this.watched.bytesSent
    this.movedAt = this.deadlines.now()
    this.set(stall, this.limits.stallTimeout)
  }

  onPingSent(): void {
    this.set(keepAlive, this.limits.keepAliveTimeout)
  }

  onDrain(): void {
    this.set(drain, patience)
  }

  onDrained(): void {
    this.until[drain] = Infinity
  }

  /** The connection ends: from here on nothing but the linger counts. */
  onEnding(): void {
    this.until.fill(Infinity)
    this.progress = this.watched.bytesSent
    this.movedAt = this.deadlines.now()
    this.set(linger, patience)
  }

  protected override check(now: number): void {
    this.refresh(now)
    this.takeDue(now, (what) => this.watched.onExpired(all[what]!))
    this.keepAlive(now)
  }

  /** Moves the instants that depend on what has happened since they were set. */
  private refresh(now: number): void {
    const { limits, until, watched } = this
    // When exactly the last stream ended is not noted, for that would cost each of them a look at the clock.
    if (watched.streamCount > 0 || this.hadStreams) this.quietSince = now
    this.hadStreams = false
    if (until[idle] !== Infinity) until[idle] = this.quietSince + limits.idleTimeout
    const hasMoved = watched.bytesSent !== this.progress
    this.progress = watched.bytesSent
    if (hasMoved) this.movedAt = now
    if (until[stall] !== Infinity) until[stall] = watched.isUnsent ? this.movedAt + limits.stallTimeout : Infinity
    // What was sent before the end may still be on its way to a slow reader.
    const isMoving = watched.isUnsent && this.movedAt + limits.stallTimeout > now
    if (until[linger]! <= now && isMoving) until[linger] = now + patience
  }

  private keepAlive(now: number): void {
    const { limits } = this
    if (limits.keepAliveInterval === Infinity || this.until[linger] !== Infinity) return
    const due = this.lastRead + limits.keepAliveInterval
    if (due > now) return this.wake(due)
    const { isPaused, streamCount } = this.watched
    if (this.until[keepAlive] === Infinity && !isPaused && (limits.keepAliveIdle || streamCount > 0)) {
      this.watched.onSilence()
    }
    this.wake(now + limits.keepAliveInterval)
  }
}
