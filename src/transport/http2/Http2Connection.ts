/**
 * One HTTP/2 connection, as both sides have it: the streams, and what frames mean for them. From octets to the callbacks
 * of streams in the tick of their arrival; all that is sent in a tick leaves in one write. It knows neither gRPC nor Effect.
 */
import type { Socket } from "node:net"
import type { Inbox } from "../Inbox.ts"
import { DataReceiver } from "./DataReceiver.ts"
import { DataSender } from "./DataSender.ts"
import * as FlowControl from "./FlowControl.ts"
import { Floods } from "./Floods.ts"
import * as Frame from "./Frame.ts"
import { FrameReader } from "./FrameReader.ts"
import type { FrameSink } from "./FrameSink.ts"
import { Forgotten } from "./Forgotten.ts"
import * as GoAway from "./GoAway.ts"
import { HeaderSender } from "./HeaderSender.ts"
import { HpackDecoder } from "./HpackDecoder.ts"
import * as Http2Error from "./Http2Error.ts"
import { type ErrorCode, Http2Error as Failure } from "./Http2Error.ts"
import { type Ended, type Environment, Http2Socket, type Phase } from "./Http2Socket.ts"
import type { Http2Stream } from "./Http2Stream.ts"
import * as Ping from "./Ping.ts"
import * as Settings from "./Settings.ts"
import * as StreamState from "./StreamState.ts"
import { SettingsExchange } from "./SettingsExchange.ts"
import { StreamTable } from "./StreamTable.ts"
import type { Expired } from "./Timeouts.ts"

/** Of the socket below, for those who know connections only. */
export type { Ended, Environment, Phase }

/** See `ServerSession` and `ClientSession`. */
export abstract class Http2Connection extends Http2Socket implements FrameSink {
  readonly headerSender: HeaderSender
  readonly sender: DataSender
  readonly receiver: DataReceiver
  readonly settings: SettingsExchange
  readonly streams = new StreamTable<Http2Stream>()
  /** What the peer has asked for. */
  readonly peer = new Settings.Settings()
  protected readonly decoder: HpackDecoder
  protected readonly reader: FrameReader
  protected readonly floods: Floods
  private readonly pings = new Ping.Pings()
  private readonly forgotten = new Forgotten()
  constructor(socket: Socket, environment: Environment) {
    super(socket, environment)
    const { deadlines, limits } = environment
    this.headerSender = new HeaderSender(this)
    this.sender = new DataSender(this, this.outbox)
    this.decoder = new HpackDecoder({ tableSize: limits.headerTableSize, listSize: limits.maxHeaderListSize })
    this.receiver = new DataReceiver(this, limits, deadlines.now)
    this.settings = new SettingsExchange(this)
    this.reader = new FrameReader(this, limits)
    this.floods = new Floods(limits, deadlines.now)
  }

  override get streamCount(): number {
    return this.streams.size
  }

  /** Sends a PING; `onAck` is called when it is answered. */
  ping(onAck: () => void): void {
    if (!this.isLive) return
    this.pings.write(this.outbox.writer(), onAck)
  }

  override fail(code: ErrorCode, detail: string): void {
    if (!this.isLive) return
    this.ended = { code, detail }
    GoAway.write(this.outbox.writer(), this.lastPeerId(), code, detail)
    this.finish()
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

  /** The peer keeps to what this side has asked for. */
  onSettled(): void {
    this.receiver.onSettled()
    this.decoder.onSettled()
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
    this.onPeerReset()
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
    this.floods.countPing(this.sender.frames)
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

  override onExpired(what: Expired): void {
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

  override onSilence(): void {
    this.ping(() => {})
    this.timeouts.onPingSent()
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

  /** The peer has reset a stream. */
  protected onPeerReset(): void {}

  /** The peer's settings are in force. */
  protected onPeerSettings(): void {}

  /** The peer has not answered the PING of a drain. */
  protected onDrainExpired(): void {}

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

  /** The fault of a stream that ends with the connection. */
  protected isUnprocessed(_stream: Http2Stream): boolean {
    return false
  }

  /** The stream is over. What was received of it and not consumed is no longer held against the peer. */
  protected release(stream: Http2Stream): void {
    stream.state = "closed"
    this.streams.remove(stream)
    if (stream.firstChunk !== undefined) this.sender.drop(stream)
    if (stream.unread > 0) this.receiver.consume(stream.unread)
    stream.unread = 0
    this.timeouts.hadStreams = true
    this.onReleased(stream)
  }

  protected override read(inbox: Inbox): void {
    if (this.readPreface(inbox)) this.reader.read(inbox)
  }

  protected override get wholeFrames(): number {
    return this.reader.wholeFrames
  }

  protected override get isWithinBlock(): boolean {
    return this.reader.isWithinBlock
  }

  protected override setHalted(isHalted: boolean): void {
    this.reader.isHalted = isHalted
  }

  protected override sendWaiting(): void {
    this.sender.pump()
  }

  protected override abandonStreams(): void {
    this.pings.clear()
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
}

const idle = (name: string, id: number): Failure =>
  new Failure(Http2Error.protocolError, `${name} for stream ${id}, which was never opened`)
