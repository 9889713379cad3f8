/**
 * One HTTP/2 connection, as both sides have it: the streams, and what frames mean for them. From octets to the callbacks
 * of streams in the tick of their arrival; all that is sent in a tick leaves in one write. It knows neither gRPC nor Effect.
 */
import type { Socket } from "node:net"
import type { Inbox } from "../Inbox.ts"
import * as FlowControl from "./FlowControl.ts"
import * as Frame from "./Frame.ts"
import { FrameReader } from "./FrameReader.ts"
import type { FrameSink } from "./FrameSink.ts"
import * as GoAway from "./GoAway.ts"
import * as Http2Error from "./Http2Error.ts"
import { type ErrorCode, Http2Error as Failure } from "./Http2Error.ts"
import type { Ended, Environment, Phase } from "./Http2Socket.ts"
import type { Http2Stream } from "./Http2Stream.ts"
import { Http2Streams, neverOpened } from "./Http2Streams.ts"
import * as Ping from "./Ping.ts"
import type { Expired } from "./Timeouts.ts"

/** Of the socket below, for those who know connections only. */
export type { Ended, Environment, Phase }

/** See `ServerSession` and `ClientSession`. */
export abstract class Http2Connection extends Http2Streams implements FrameSink {
  protected readonly reader: FrameReader

  constructor(socket: Socket, environment: Environment) {
    super(socket, environment)
    this.reader = new FrameReader(this, environment.limits)
  }

  override fail(code: ErrorCode, detail: string): void {
    if (!this.isLive) return
    this.ended = { code, detail }
    GoAway.write(this.outbox.writer(), this.lastPeerId(), code, detail)
    this.finish()
  }

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
    if (stream === undefined && this.isIdle(id)) throw neverOpened("RST_STREAM", id)
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
    this.pings?.onAck(bytes, at)
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
      if (this.isIdle(id)) throw neverOpened("WINDOW_UPDATE", id)
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
}
