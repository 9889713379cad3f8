/**
 * The socket below a connection: what arrives is read in one batch and answered in one write, reading pauses where it must,
 * and the end comes once, in order, whoever begins it.
 */
import type { Socket } from "node:net"
import type { Deadlines } from "../Deadlines.ts"
import { Inbox } from "../Inbox.ts"
import { type Flow, Outbox, type Writers } from "../Outbox.ts"
import * as Http2Error from "./Http2Error.ts"
import { type ErrorCode, Http2Error as Failure } from "./Http2Error.ts"
import type { Limits } from "./Limits.ts"
import { type Expired, Timeouts, type Watched } from "./Timeouts.ts"

/** What the connections of one server or client share. */
export interface Environment {
  readonly deadlines: Deadlines["Service"]
  readonly writers: Writers
  readonly limits: Limits
  /** A callback of a user broke, or this engine did; the connection is given up. */
  readonly logError: (message: string, defect: unknown) => void
}

/** Why a connection has ended. */
export interface Ended {
  readonly code: ErrorCode
  readonly detail: string
}

/** How far a connection has come. */
export type Phase =
  | "open"
  /** Takes no further stream, and ends with the last one. */
  | "draining"
  /** Was ended by this side; what still comes is thrown away. */
  | "ending"
  | "closed"

/** Of a connection that ends for no reason of its own. */
const closed: Ended = { code: Http2Error.noError, detail: "the connection was closed" }

/** All sockets share their listeners, which find the connection here: five closures each are memory of silent connections. */
const owner = Symbol("Http2Socket")

interface Owned extends Socket {
  readonly [owner]: Http2Socket
}

/** See `Http2Connection`. */
export abstract class Http2Socket implements Flow, Watched {
  readonly limits: Limits
  readonly outbox: Outbox
  readonly timeouts: Timeouts
  phase: Phase = "open"
  /** Nothing is read for now. */
  isPaused = false
  protected readonly socket: Socket
  protected ended: Ended = closed
  private readonly environment: Environment
  private readonly inbox = new Inbox()
  private isReading = false
  private hasMore = false
  private isHeld = false

  constructor(socket: Socket, environment: Environment) {
    const { deadlines, limits, writers } = environment
    this.socket = socket
    this.environment = environment
    this.limits = limits
    this.outbox = new Outbox(socket, writers, this)
    this.timeouts = new Timeouts(limits, deadlines, this)
    const { listeners } = Http2Socket
    Object.assign(socket, { [owner]: this })
      .on("data", listeners.data)
      .on("drain", listeners.drain)
      .on("end", listeners.end)
      .on("error", listeners.error)
      .on("close", listeners.close)
  }

  private static readonly listeners = {
    data(this: Owned, chunk: Buffer): void {
      this[owner].onChunk(chunk)
    },
    drain(this: Owned): void {
      this[owner].outbox.drained()
    },
    end(this: Owned): void {
      this[owner].onPeerEnd()
    },
    error(this: Owned, error: Error): void {
      this[owner].onSocketError(error)
    },
    close(this: Owned): void {
      this[owner].onSocketClose()
    }
  }

  /** Streams go on, whether or not new ones are taken. */
  get isLive(): boolean {
    return this.phase === "open" || this.phase === "draining"
  }

  abstract get streamCount(): number

  get bytesSent(): number {
    return this.socket.bytesWritten - this.socket.writableLength
  }

  get isUnsent(): boolean {
    return this.outbox.size > 0
  }

  /** Takes nothing more from the socket until `resume`. What arrived already is not handed on either. */
  pause(): void {
    this.isHeld = true
    this.halt()
  }

  resume(): void {
    this.isHeld = false
    this.unhalt()
  }

  /** Ends the connection at once with GOAWAY; streams that are open are reset. */
  abstract fail(code: ErrorCode, detail: string): void

  /** Closes the socket without a word. */
  destroy(): void {
    this.socket.destroy()
  }

  abstract onExpired(what: Expired): void

  abstract onSilence(): void

  onSlowReader(): void {
    this.timeouts.onBlocked()
  }

  onDrained(): void {
    this.outbox.beginBatch()
    try {
      this.sendWaiting()
    } catch (error) {
      this.onDefect(error)
    } finally {
      this.outbox.endBatch()
    }
    this.unhalt()
  }

  /** Reads what is complete, and throws an `Http2Error` where the connection cannot go on. */
  protected abstract read(inbox: Inbox): void

  /** What is left in the inbox begins a frame, or a header block is incomplete. */
  protected abstract get isWithinBlock(): boolean

  /** Frames, and header blocks of many frames, that were complete. */
  protected abstract get wholeFrames(): number

  /** Nothing more is read until it is resumed. */
  protected abstract setHalted(isHalted: boolean): void

  /** The socket takes more again. */
  protected abstract sendWaiting(): void

  /** Resets all streams: the connection ends. */
  protected abstract abandonStreams(): void

  /** The connection is gone. */
  protected abstract onClosed(): void

  /** No more comes, and no more is sent behind what is. */
  protected finish(): void {
    if (!this.isLive) return
    this.phase = "ending"
    this.setHalted(true)
    // First, for what has not left by now is reported as never sent.
    this.outbox.flush()
    this.abandonStreams()
    this.socket.end()
    // What still comes is read and thrown away: unread octets would make the close a reset.
    this.socket.resume()
    this.timeouts.onEnding()
  }

  protected onDefect(defect: unknown): void {
    this.environment.logError("a callback of an HTTP/2 stream broke; the connection is closed", defect)
    this.fail(Http2Error.internalError, "the program broke")
  }

  private onChunk(chunk: Buffer): void {
    if (!this.isLive) return
    this.inbox.push(chunk)
    this.hasMore = true
    this.pump()
  }

  private pump(): void {
    if (this.isReading || this.isPaused) return
    this.isReading = true
    this.outbox.beginBatch()
    try {
      // A write may make a socket of TLS hand on more in the middle of the reading.
      do {
        this.hasMore = false
        this.read(this.inbox)
      } while (this.hasMore)
    } catch (error) {
      if (error instanceof Failure) this.fail(error.code, error.detail)
      else this.onDefect(error)
    } finally {
      this.isReading = false
      this.outbox.endBatch()
    }
    if (!this.isLive) return this.inbox.clear()
    // Bodies wait at their streams. The rest is bounded by not asking for more of it.
    if (this.outbox.blocked && this.outbox.size > this.limits.maxUnsent) this.halt()
    this.timeouts.onRead(!this.isPaused && (this.inbox.length > 0 || this.isWithinBlock), this.wholeFrames)
  }

  private halt(): void {
    if (!this.isLive) return
    this.isPaused = true
    this.setHalted(true)
    this.socket.pause()
  }

  private unhalt(): void {
    if (!this.isPaused || this.isHeld || this.outbox.blocked || !this.isLive) return
    this.isPaused = false
    this.setHalted(false)
    this.pump()
    if (!this.isPaused) this.socket.resume()
  }

  private onPeerEnd(): void {
    // What GOAWAY said before tells more.
    if (this.phase === "open") this.ended = { code: Http2Error.noError, detail: "the peer closed the connection" }
    this.finish()
  }

  private onSocketError(error: Error): void {
    if (this.isLive && this.ended.code === Http2Error.noError) {
      this.ended = { code: Http2Error.internalError, detail: `the connection broke: ${error.message}` }
    }
  }

  private onSocketClose(): void {
    if (this.phase === "closed") return
    this.phase = "closed"
    this.setHalted(true)
    this.timeouts.stop()
    this.inbox.clear()
    this.outbox.close()
    this.abandonStreams()
    this.onClosed()
  }
}
