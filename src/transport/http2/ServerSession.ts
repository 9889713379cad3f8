/** The server's side of a connection: takes requests, and ends gracefully. */
import type { Socket } from "node:net"
import type { Inbox } from "../Inbox.ts"
import * as Frame from "./Frame.ts"
import * as GoAway from "./GoAway.ts"
import * as HeaderRules from "./HeaderRules.ts"
import type { Headers } from "./Headers.ts"
import * as HpackEncoder from "./HpackEncoder.ts"
import { type Ended, type Environment, Http2Connection } from "./Http2Connection.ts"
import * as Http2Error from "./Http2Error.ts"
import { Http2Error as Failure } from "./Http2Error.ts"
import type { Http2Stream, StreamHandler } from "./Http2Stream.ts"
import { ServerStream } from "./ServerStream.ts"
import * as Settings from "./Settings.ts"
import * as StreamState from "./StreamState.ts"

/** What a server hears of a connection. */
export interface ServerListener {
  /** The headers of a request are complete. Answers who hears of the rest; `onEnd` comes even when there is no body. */
  onStream(stream: ServerStream): StreamHandler
  /** The connection is gone, and its streams before it. */
  onClose(ended: Ended): void
}

/** Identifiers that a client skipped, and can never use: so many ranges are remembered. */
const maxSkipped = 16

const none: ReadonlyArray<never> = []

/** Takes an accepted socket, plain or of TLS, and says hello at once. */
export class ServerSession extends Http2Connection {
  private readonly listener: ServerListener
  private hasPreface = false
  private lastId = 0
  /** No stream above is accepted. */
  private acceptedId = GoAway.everything
  /** The first step of `drain` was taken, and the second is to come. */
  private isAnnounced = false
  private skipped: ReadonlyArray<readonly [from: number, to: number]> = none

  constructor(socket: Socket, environment: Environment, listener: ServerListener) {
    super(socket, environment)
    this.listener = listener
    const { limits } = environment
    this.start([
      [Settings.maxConcurrentStreams, limits.maxConcurrentStreams],
      [Settings.initialWindowSize, limits.streamWindow],
      [Settings.maxFrameSize, limits.maxFrameSize],
      [Settings.maxHeaderListSize, limits.maxHeaderListSize],
      [Settings.headerTableSize, limits.headerTableSize]
    ])
  }

  /**
   * Ends gracefully: the client is told to open no more streams, those that it has opened are served to their end, then the
   * connection closes. In two steps, so that streams under way to here are served too (RFC 9113 section 6.8).
   */
  drain(detail = "the server drains"): void {
    if (this.phase !== "open") return
    this.phase = "draining"
    this.ended = { code: Http2Error.noError, detail }
    GoAway.write(this.outbox.writer(), GoAway.everything, Http2Error.noError, detail)
    this.isAnnounced = true
    this.ping(() => this.onDrainExpired())
    this.timeouts.onDrain()
  }

  override onHeaders(id: number, flags: number, bytes: Buffer, start: number, end: number): void {
    // Decoded in any case: the tables of the two sides must stay equal.
    const headers = this.decoder.decode(bytes, start, end)
    const isLast = (flags & Frame.endStream) !== 0
    if (id > this.lastId) return this.open(id, headers, isLast)
    const stream = this.streams.get(id)
    if (stream !== undefined) return this.onTrailers(stream, headers, isLast)
    if (this.isForgotten(id)) return
    if ((id & 1) === 0 || this.skipped.some(([from, to]) => id >= from && id <= to)) {
      throw new Failure(Http2Error.protocolError, `stream ${id} behind stream ${this.lastId}`)
    }
    throw new Failure(Http2Error.streamClosed, `HEADERS for stream ${id}, which is closed`)
  }

  /** A client that says so opens no more streams either way; those that are open go on. */
  override onGoAway(goAway: GoAway.GoAway): void {
    if (this.phase !== "open") return
    this.phase = "draining"
    this.ended = { code: goAway.code, detail: `the client closed: ${goAway.detail}` }
    this.endIfDrained()
  }

  protected override lastPeerId(): number {
    return Math.min(this.lastId, this.acceptedId)
  }

  /** Nor is anything of the streams behind the last GOAWAY looked at. */
  protected override isForgotten(id: number): boolean {
    return id > this.acceptedId || super.isForgotten(id)
  }

  protected override isIdle(id: number): boolean {
    return (id & 1) === 0 || id > this.lastId
  }

  protected override readPreface(inbox: Inbox): boolean {
    if (this.hasPreface) return true
    const { preface } = Frame
    const size = Math.min(inbox.length, preface.length)
    if (inbox.bytes.compare(preface, 0, size, inbox.start, inbox.start + size) !== 0) {
      throw new Failure(Http2Error.protocolError, "the connection does not begin with the preface of HTTP/2")
    }
    if (size < preface.length) return false
    inbox.skip(size)
    return (this.hasPreface = true)
  }

  /** The response is complete, so that the rest of the request is of no use: the client is asked to stop. */
  protected override onEndedLocal(stream: Http2Stream): void {
    this.resetStream(stream, Http2Error.noError)
  }

  /** Each stream of a client costs the server more than the client, so that many in vain are an attack (CVE-2023-44487). */
  protected override onPeerReset(): void {
    this.floods.count("resets")
  }

  protected override onReleased(): void {
    if (this.phase === "draining" && this.streams.size === 0) this.endIfDrained()
  }

  protected override onDrainExpired(): void {
    if (!this.isAnnounced || this.phase !== "draining") return
    this.isAnnounced = false
    this.timeouts.onDrained()
    this.acceptedId = this.lastId
    GoAway.write(this.outbox.writer(), this.lastId, Http2Error.noError, this.ended.detail)
    this.endIfDrained()
  }

  protected override onClosed(): void {
    this.listener.onClose(this.ended)
  }

  private endIfDrained(): void {
    if (this.streams.size === 0 && !this.isAnnounced) this.finish()
  }

  /** Who lets responses wait gets no more of them: flow control bounds bodies, but not what a server holds for slow readers. */
  private get isFull(): boolean {
    return this.streams.size >= this.limits.maxConcurrentStreams || this.sender.waiting > this.limits.maxWaiting
  }

  private open(id: number, headers: Headers, isLast: boolean): void {
    if ((id & 1) === 0) throw new Failure(Http2Error.protocolError, `a client opened stream ${id}, which is even`)
    if (id > this.lastId + 2) this.skip(this.lastId + 2, id - 2)
    this.lastId = id
    if (id > this.acceptedId) return
    if (this.isFull) return this.refuse(id, Http2Error.refusedStream)
    const stream = new ServerStream(this, id, headers)
    this.streams.add(stream)
    const fault = headers.isTooLarge ? undefined : HeaderRules.faultOf(headers, "request")
    if (fault !== undefined) return this.failStream(stream, Http2Error.protocolError, fault)
    if (headers.isTooLarge) return this.reject(stream, tooLarge, isLast)
    if (headers.method === "CONNECT") return this.reject(stream, notImplemented, isLast)
    if (isLast && headers.contentLength > 0) {
      return this.failStream(stream, Http2Error.protocolError, "content-length without a body")
    }
    if (isLast) this.endRemote(stream)
    const handler = this.listener.onStream(stream)
    stream.handler = handler
    if (isLast && stream.state !== "closed") handler.onEnd(undefined)
  }

  private reject(stream: ServerStream, status: HpackEncoder.Prepared, isLast: boolean): void {
    if (isLast) this.endRemote(stream)
    stream.respond(status, undefined, true)
  }

  private onTrailers(stream: Http2Stream, headers: Headers, isLast: boolean): void {
    if (!StreamState.canReceive(stream.state)) {
      return this.failStream(stream, Http2Error.streamClosed, "HEADERS behind the end of the stream")
    }
    if (!isLast) return this.failStream(stream, Http2Error.protocolError, "trailers that do not end the stream")
    if (headers.isTooLarge) return this.failStream(stream, Http2Error.enhanceYourCalm, "trailers beyond the limit")
    const fault = HeaderRules.faultOf(headers, "trailers")
    if (fault !== undefined) return this.failStream(stream, Http2Error.protocolError, fault)
    if (stream.missing > 0) return this.failStream(stream, Http2Error.protocolError, "the body is too short")
    this.endRemote(stream)
    stream.handler.onEnd(headers)
  }

  private skip(from: number, to: number): void {
    this.skipped = [...this.skipped.slice(1 - maxSkipped), [from, to]]
  }
}

const tooLarge = HpackEncoder.prepare([":status", "431"])
const notImplemented = HpackEncoder.prepare([":status", "501"])
