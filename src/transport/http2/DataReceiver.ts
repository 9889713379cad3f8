/**
 * Receives bodies: holds the peer to the windows of streams and connection (RFC 9113 section 5.2), and opens them as what came
 * is consumed. Optionally lets the windows grow to what the path carries in a round trip.
 */
import { BandwidthDelay } from "./BandwidthDelay.ts"
import * as FlowControl from "./FlowControl.ts"
import * as Frame from "./Frame.ts"
import type { Http2Streams } from "./Http2Streams.ts"
import * as Http2Error from "./Http2Error.ts"
import { Http2Error as Failure } from "./Http2Error.ts"
import type { Http2Stream } from "./Http2Stream.ts"
import type { Limits } from "./Limits.ts"
import * as Settings from "./Settings.ts"
import * as StreamState from "./StreamState.ts"

/** Of one connection. */
export class DataReceiver implements FlowControl.ReceiveWindow {
  /** Of the connection. */
  receivable: number
  credit = 0
  /** How wide the windows of streams that are yet to come are. */
  streamWindow: number
  private connectionWindow: number
  private isSettled = false
  private isWidened = false
  private readonly tuning: BandwidthDelay | undefined
  private readonly connection: Http2Streams
  private readonly limits: Limits

  constructor(connection: Http2Streams, limits: Limits, now: () => number) {
    this.connection = connection
    this.limits = limits
    if (limits.maxTunedWindow > 0) {
      const ping = (onAck: () => void): void => connection.ping(onAck)
      this.tuning = new BandwidthDelay(ping, now, (window) => this.widen(window))
    }
    // A window below what a peer assumes at first holds once it has acknowledged it.
    this.streamWindow = Math.max(limits.streamWindow, Settings.defaultWindow)
    this.connectionWindow = this.receivable = Math.max(limits.connectionWindow, Settings.defaultWindow)
  }

  /** A DATA frame begins that counts `size` octets, `padding` of them for nothing. Undefined: it is to be ignored. */
  begin(id: number, size: number, padding: number): Http2Stream | undefined {
    this.receivable -= size
    if (this.receivable < 0) {
      throw new Failure(Http2Error.flowControlError, "more DATA than the window of the connection allows")
    }
    const stream = this.connection.streams.get(id)
    if (stream === undefined || !StreamState.canReceive(stream.state)) {
      this.consume(size)
      this.connection.onClosedData(id, stream)
      return undefined
    }
    stream.receivable -= size
    if (stream.receivable < 0) {
      this.consume(size)
      this.connection.failStream(stream, Http2Error.flowControlError, "more DATA than the stream's window allows")
      return undefined
    }
    stream.unread += size
    if (padding > 0) stream.consume(padding)
    if (this.tuning !== undefined && size > 0 && this.smallestWindow < this.limits.maxTunedWindow) {
      this.tuning.onData(size, this.smallestWindow)
    }
    return stream
  }

  /** Octets of the frame; the last ones of the body or not. */
  take(stream: Http2Stream, bytes: Buffer, start: number, end: number, isLast: boolean): void {
    if (!StreamState.canReceive(stream.state)) return
    if (stream.missing !== -1) {
      stream.missing -= end - start
      if (stream.missing < 0 || (isLast && stream.missing > 0)) return this.failLength(stream)
    }
    stream.handler.onData(bytes, start, end, isLast)
  }

  /** The frame has ended the stream. */
  end(stream: Http2Stream): void {
    if (!StreamState.canReceive(stream.state)) return
    if (stream.missing > 0) return this.failLength(stream)
    this.connection.endRemote(stream)
    stream.handler.onEnd(undefined)
  }

  /** The user has taken octets of a stream. */
  consumeStream(stream: Http2Stream, size: number): void {
    if (StreamState.canReceive(stream.state)) {
      const increment = FlowControl.consume(stream, size, this.streamWindow)
      if (increment > 0) Frame.writeWindowUpdate(this.connection.outbox.writer(), stream.id, increment)
    }
    this.consume(size)
  }

  /** Octets are no longer held against the connection. */
  consume(size: number): void {
    if (!this.connection.isLive) return
    const increment = FlowControl.consume(this, size, this.connectionWindow)
    if (increment > 0) Frame.writeWindowUpdate(this.connection.outbox.writer(), 0, increment)
  }

  /** What the first WINDOW_UPDATE of the connection announces. */
  get surplus(): number {
    return this.connectionWindow - Settings.defaultWindow
  }

  /** The peer keeps to the windows that this side has asked for. */
  onSettled(): void {
    if (this.isSettled || this.isWidened) return
    this.isSettled = true
    const change = this.limits.streamWindow - this.streamWindow
    if (change >= 0) return
    this.streamWindow += change
    for (const stream of this.connection.streams.all()) stream.receivable += change
  }

  private failLength(stream: Http2Stream): void {
    this.connection.failStream(stream, Http2Error.protocolError, "the body is not as long as content-length says")
  }

  private get smallestWindow(): number {
    return Math.min(this.streamWindow, this.connectionWindow)
  }

  private widen(wanted: number): void {
    const window = Math.min(wanted, this.limits.maxTunedWindow, Frame.limit31 - 1)
    this.widenConnection(window)
    this.widenStreams(window)
  }

  private widenConnection(window: number): void {
    const change = window - this.connectionWindow
    if (change <= 0) return
    this.connectionWindow = window
    this.receivable += change
    Frame.writeWindowUpdate(this.connection.outbox.writer(), 0, change)
  }

  private widenStreams(window: number): void {
    const change = window - this.streamWindow
    if (change <= 0) return
    this.streamWindow = window
    this.isWidened = true
    for (const stream of this.connection.streams.all()) stream.receivable += change
    this.connection.settings.send([[Settings.initialWindowSize, window]])
  }
}
