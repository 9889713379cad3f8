/**
 * One HTTP/2 connection, as both sides have it: what frames mean, the streams, and how it ends. From octets to the callbacks
 * of streams in the tick of their arrival; all that is sent in a tick leaves in one write. It knows neither gRPC nor Effect.
 */
import type { Socket } from "node:net"
import type { Deadlines } from "../Deadlines.ts"
import { Inbox } from "../Inbox.ts"
import { type Flow, Outbox, type Writers } from "../Outbox.ts"
import { DataReceiver } from "./DataReceiver.ts"
import { DataSender } from "./DataSender.ts"
import * as FlowControl from "./FlowControl.ts"
import { Floods } from "./Floods.ts"
import * as Frame from "./Frame.ts"
import { FrameReader, type FrameSink } from "./FrameReader.ts"
import { Forgotten } from "./Forgotten.ts"
import * as GoAway from "./GoAway.ts"
import { HeaderSender } from "./HeaderSender.ts"
import { HpackDecoder } from "./HpackDecoder.ts"
import * as Http2Error from "./Http2Error.ts"
import { type ErrorCode, Http2Error as Failure } from "./Http2Error.ts"
import type { Http2Stream } from "./Http2Stream.ts"
import type { Limits } from "./Limits.ts"
import * as Ping from "./Ping.ts"
import * as Settings from "./Settings.ts"
import * as StreamState from "./StreamState.ts"
import { SettingsExchange } from "./SettingsExchange.ts"
import { StreamTable } from "./StreamTable.ts"
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

export type Phase =
  | "open"
  /** Takes no further stream, and ends with the last one. */
  | "draining"
  /** Was ended by this side; what still comes is thrown away. */
  | "ending"
  | "closed"

export abstract class Http2Connection implements Flow, FrameSink, Watched {
  readonly limits: Limits
  readonly outbox: Outbox
  readonly headerSender: HeaderSender
  readonly sender: DataSender
  readonly receiver: DataReceiver
  readonly settings: SettingsExchange
  readonly timeouts: Timeouts
  readonly streams = new StreamTable<Http2Stream>()
  /** What the peer has asked for. */
  readonly peer = new Settings.Settings()
  phase: Phase = "open"
  protected readonly environment: Environment
  protected readonly socket: Socket
  protected readonly decoder: HpackDecoder
  protected readonly reader: FrameReader
  protected readonly floods: Floods
  protected ended: Ended = { code: Http2Error.noError, detail: "the connection was closed" }
  private readonly inbox = new Inbox()
  private readonly pings = new Ping.Pings()
  private readonly forgotten = new Forgotten()
  private isReading = false
  private hasMore = false
  private isPaused = false
  private isHeld = false

  constructor(socket: Socket, environment: Environment) {
    const { deadlines, limits, writers } = environment
    const { now } = deadlines
    this.socket = socket
    this.environment = environment
    this.limits = limits
    this.outbox = new Outbox(socket, writers, this)
    this.headerSender = new HeaderSender(this)
    this.sender = new DataSender(this, this.outbox)
    this.decoder = new HpackDecoder({ tableSize: limits.headerTableSize, listSize: limits.maxHeaderListSize })
    this.receiver = new DataReceiver(this, limits)
    this.settings = new SettingsExchange(this)
    this.reader = new FrameReader(this, limits)
    this.floods = new Floods(limits, now)
    this.timeouts = new Timeouts(limits, deadlines, this)
    socket
      .on("data", (chunk: Buffer) => this.onChunk(chunk))
      .on("drain", () => this.outbox.drained())
      .on("end", () => this.onPeerEnd())
      .on("error", (error) => this.onSocketError(error))
      .on("close", () => this.onSocketClose())
  }

  /** Streams go on, whether or not new ones are taken. */
  get isLive(): boolean {
    return this.phase === "open" || this.phase === "draining"
  }

  get streamCount(): number {
    return this.streams.size
  }

  get bytesSent(): number {
    return this.socket.bytesWritten - this.socket.writableLength
  }

  get isBlocked(): boolean {
    return this.outbox.size > 0
  }

  /** Sends a PING; `onAck` is called when it is answered. */
  ping(onAck: () => void): void {
    if (!this.isLive) return
    this.pings.write(this.outbox.writer(), onAck)
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
  fail(code: ErrorCode, detail: string): void {
    if (!this.isLive) return
    this.ended = { code, detail }
    GoAway.write(this.outbox.writer(), this.lastPeerId(), code, detail)
    this.finish()
  }

  /** Closes the socket without a word. */
  destroy(): void {
    this.socket.destroy()
  }

  // For streams.

  /** END_STREAM was sent. */
  endLocal(stream: Http2Stream): void {
    stream.state = StreamState.endLocal(stream.state)
    if (stream.state === "closed") this.release(stream)
    else this.onEndedLocal(stream)
  }

  /** END_STREAM came. To be called before the handler hears of it. */
  endRemote(stream: Http2Stream): void {
    stream.state = StreamState.endRemote(stream.state)
    if (stream.state === "closed") this.release(stream)
  }

  /** Ends a stream from this side, and tells the peer. */
  resetStream(stream: Http2Stream, code: ErrorCode): void {
    Frame.writeRstStream(this.outbox.writer(), stream.id, code)
    this.forgotten.add(stream.id)
    this.release(stream)
  }

  /** The peer broke a rule on one stream. */
  failStream(stream: Http2Stream, code: ErrorCode, detail: string): void {
    this.resetStream(stream, code)
    stream.handler.onReset({ code, source: "local", detail, unprocessed: false })
    this.floods.count("resets")
  }

  /** DATA has come for a stream that takes none. */
  onClosedData(id: number, stream: Http2Stream | undefined): void {
    if (stream !== undefined)
      return this.failStream(stream, Http2Error.streamClosed, "DATA behind the end of the stream")
    if (this.isIdle(id)) throw idle("DATA", id)
    if (!this.isForgotten(id)) this.refuse(id, Http2Error.streamClosed)
  }

  // Frames.

  abstract onHeaders(id: number, flags: number, bytes: Buffer, start: number, end: number): void

  beginData(id: number, size: number, padding: number): Http2Stream | undefined {
    if (size > 0) this.floods.onData()
    return this.receiver.begin(id, size, padding)
  }

  onData(stream: Http2Stream, bytes: Buffer, start: number, end: number, isLast: boolean): void {
    this.receiver.take(stream, bytes, start, end, isLast)
  }

  endData(stream: Http2Stream): void {
    this.receiver.end(stream)
  }

  onRstStream(id: number, code: ErrorCode): void {
    const stream = this.streams.get(id)
    if (stream === undefined && this.isIdle(id)) throw idle("RST_STREAM", id)
    this.floods.count("resets")
    if (stream === undefined) return
    this.release(stream)
    stream.handler.onReset({
      code,
      source: "peer",
      detail: `the peer reset the stream: ${Http2Error.nameOf(code)}`,
      unprocessed: code === Http2Error.refusedStream
    })
  }

  onSettings(bytes: Buffer, start: number, end: number): void {
    this.floods.count("settings")
    this.settings.receive(bytes, start, end)
    this.onPeerSettings()
  }

  onSettingsAck(): void {
    if (!this.settings.acknowledge()) this.onEmptyFrame()
  }

  onPing(bytes: Buffer, at: number): void {
    this.floods.count("pings")
    Ping.writeAck(this.outbox.writer(), bytes, at)
  }

  onPingAck(bytes: Buffer, at: number): void {
    this.pings.onAck(bytes, at)
  }

  abstract onGoAway(goAway: GoAway.GoAway): void

  onWindowUpdate(id: number, increment: number): void {
    if (id === 0) {
      const window = FlowControl.widen(this.sender.window, increment)
      if (window === undefined) throw new Failure(Http2Error.flowControlError, "the connection's window passes 2^31-1")
      this.sender.window = window
      return this.sender.pump()
    }
    const stream = this.streams.get(id)
    if (stream === undefined) {
      if (this.isIdle(id)) throw idle("WINDOW_UPDATE", id)
      return
    }
    const window = FlowControl.widen(stream.sendable, increment)
    if (window === undefined) {
      return this.failStream(stream, Http2Error.flowControlError, "the stream's window passes 2^31-1")
    }
    stream.sendable = window
    if (stream.firstChunk !== undefined) this.sender.resume(stream)
  }

  onEmptyFrame(): void {
    this.floods.count("emptyFrames")
  }

  onStreamError(id: number, code: ErrorCode, detail: string): void {
    const stream = this.streams.get(id)
    if (stream === undefined) throw new Failure(code, detail)
    this.failStream(stream, code, detail)
  }

  // Timeouts.

  onExpired(what: Expired): void {
    const { limits } = this
    switch (what) {
      case "handshake":
        return this.fail(Http2Error.protocolError, `no SETTINGS within ${limits.handshakeTimeout} ms`)
      case "settings":
        return this.fail(Http2Error.settingsTimeout, `SETTINGS not acknowledged in ${limits.settingsTimeout} ms`)
      case "frame":
        return this.fail(Http2Error.enhanceYourCalm, `a frame not complete in ${limits.frameTimeout} ms`)
      case "idle":
        return this.fail(Http2Error.noError, `no stream for ${limits.idleTimeout} ms`)
      case "stall":
        this.ended = { code: Http2Error.enhanceYourCalm, detail: `the peer read nothing for ${limits.stallTimeout} ms` }
        return this.destroy()
      case "keepAlive":
        this.ended = { code: Http2Error.noError, detail: `PING not answered within ${limits.keepAliveTimeout} ms` }
        return this.destroy()
      case "drain":
        return this.onDrainExpired()
      case "linger":
        return this.destroy()
    }
  }

  onSilence(): void {
    this.ping(() => {})
    this.timeouts.onPingSent()
  }

  // The socket's writing side.

  onSlowReader(): void {
    this.timeouts.onBlocked()
    if (this.outbox.size - this.sender.waiting > this.limits.maxUnsent) this.halt()
  }

  onDrained(): void {
    this.outbox.beginBatch()
    try {
      this.sender.pump()
    } catch (error) {
      this.onDefect(error)
    } finally {
      this.outbox.endBatch()
    }
    this.unhalt()
  }

  // For the two sides.

  /** The highest stream of the peer that was or may be looked at. */
  protected abstract lastPeerId(): number

  /** Whether a stream has never been opened. */
  protected abstract isIdle(id: number): boolean

  /** A stream is gone, however it ended. */
  protected abstract onReleased(stream: Http2Stream): void

  /** This side has sent all of a stream, the peer has not. */
  protected onEndedLocal(_stream: Http2Stream): void {}

  /** The peer's settings are in force. */
  protected onPeerSettings(): void {}

  /** The peer has not answered the PING of a drain. */
  protected onDrainExpired(): void {}

  /** The connection is gone. */
  protected abstract onClosed(): void

  /** What comes before the first frame. Answers whether it is through. */
  protected readPreface(_inbox: Inbox): boolean {
    return true
  }

  /** To be called when the constructor is done: says hello. */
  protected start(settings: ReadonlyArray<readonly [id: number, value: number]>): void {
    this.settings.send(settings)
    const { surplus } = this.receiver
    if (surplus > 0) Frame.writeWindowUpdate(this.outbox.writer(), 0, surplus)
    this.timeouts.start()
  }

  /** Tells the peer that a stream, which may be no object here, is not accepted. */
  protected refuse(id: number, code: ErrorCode): void {
    Frame.writeRstStream(this.outbox.writer(), id, code)
    this.forgotten.add(id)
    this.floods.count("resets")
  }

  /** This side has reset the stream lately, and the peer may not have known. */
  protected isForgotten(id: number): boolean {
    return this.forgotten.has(id)
  }

  /** No more comes, and no more is sent behind what is. */
  protected finish(): void {
    if (!this.isLive) return
    this.phase = "ending"
    this.reader.isHalted = true
    // First, for what has not left by now is reported as never sent.
    this.outbox.flush()
    this.abandonStreams()
    this.socket.end()
    // What still comes is read and thrown away: unread octets would make the close a reset.
    this.socket.resume()
    this.timeouts.onEnding()
  }

  /** The fault of a stream that ends with the connection. */
  protected isUnprocessed(_stream: Http2Stream): boolean {
    return false
  }

  private onChunk(chunk: Buffer): void {
    if (!this.isLive) return
    this.inbox.push(chunk)
    this.hasMore = true
    this.pump()
  }

  private pump(): void {
    if (this.isReading || this.reader.isHalted) return
    this.isReading = true
    this.outbox.beginBatch()
    try {
      // A write may make a socket of TLS hand on more in the middle of the reading.
      do {
        this.hasMore = false
        if (this.readPreface(this.inbox)) this.reader.read(this.inbox)
      } while (this.hasMore)
    } catch (error) {
      if (error instanceof Failure) this.fail(error.code, error.detail)
      else this.onDefect(error)
    } finally {
      this.isReading = false
      this.outbox.endBatch()
    }
    if (this.isLive) this.timeouts.onRead(this.inbox.length > 0 || this.reader.isWithinBlock)
    else this.inbox.clear()
  }

  private onDefect(defect: unknown): void {
    this.environment.logError("a callback of an HTTP/2 stream broke; the connection is closed", defect)
    this.fail(Http2Error.internalError, "the program broke")
  }

  private halt(): void {
    this.isPaused = true
    this.reader.isHalted = true
    this.socket.pause()
  }

  private unhalt(): void {
    if (!this.isPaused || this.isHeld || this.outbox.blocked) return
    if (!this.isLive) return
    this.isPaused = false
    this.reader.isHalted = false
    this.pump()
    if (!this.isPaused) this.socket.resume()
  }

  /** The stream is over. What was received of it and not consumed is no longer held against the peer. */
  protected release(stream: Http2Stream): void {
    stream.state = "closed"
    this.streams.remove(stream)
    if (stream.firstChunk !== undefined) this.sender.drop(stream)
    if (stream.unread > 0) this.receiver.consume(stream.unread)
    stream.unread = 0
    this.onReleased(stream)
  }

  private abandonStreams(): void {
    const { code, detail } = this.ended
    for (const stream of this.streams.all()) {
      if (stream.state === "closed") continue
      const unprocessed = this.isUnprocessed(stream)
      this.release(stream)
      try {
        stream.handler.onReset({ code, source: "connection", detail, unprocessed })
      } catch (error) {
        this.onDefect(error)
      }
    }
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
    this.reader.isHalted = true
    this.timeouts.stop()
    this.pings.clear()
    this.inbox.clear()
    this.outbox.close()
    this.abandonStreams()
    this.onClosed()
  }
}

const idle = (name: string, id: number): Failure =>
  new Failure(Http2Error.protocolError, `${name} for stream ${id}, which was never opened`)
