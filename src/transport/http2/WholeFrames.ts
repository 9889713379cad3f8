/**
 * Frames other than DATA, each held to the rules of its type when all of it has come (RFC 9113 sections 6.2 to 6.10): sizes,
 * stream or connection, padding.
 */
import * as Frame from "./Frame.ts"
import type { FrameSink } from "./FrameSink.ts"
import * as GoAway from "./GoAway.ts"
import { HeaderBlock } from "./HeaderBlock.ts"
import * as Http2Error from "./Http2Error.ts"
import { Http2Error as Failure } from "./Http2Error.ts"
import type { Limits } from "./Limits.ts"
import * as Padding from "./Padding.ts"
import * as Ping from "./Ping.ts"
import * as Settings from "./Settings.ts"

/** Of one connection. */
export class WholeFrames {
  /** The header block that may be incomplete. */
  readonly block = new HeaderBlock()
  private readonly sink: FrameSink
  private readonly limits: Limits

  constructor(sink: FrameSink, limits: Limits) {
    this.sink = sink
    this.limits = limits
  }

  /** Reads one, whose payload stands from `start` to `end`. */
  read(type: number, flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    switch (type) {
      case Frame.headers:
        return this.headers(flags, id, bytes, start, end)
      case Frame.continuation:
        return this.continuation(flags, bytes, start, end)
      case Frame.windowUpdate:
        return this.windowUpdate(id, bytes, start, end)
      case Frame.rstStream:
        if (id === 0) throw needsStream("RST_STREAM")
        if (end - start !== 4) throw wrongSize("RST_STREAM", end - start)
        return this.sink.onRstStream(id, Frame.readUint32(bytes, start))
      case Frame.settings:
        return this.settings(flags, id, bytes, start, end)
      case Frame.ping:
        if (id !== 0) throw needsConnection("PING")
        if (end - start !== Ping.size) throw wrongSize("PING", end - start)
        if ((flags & Frame.ack) === 0) return this.sink.onPing(bytes, start)
        return this.sink.onPingAck(bytes, start)
      case Frame.goAway:
        if (id !== 0) throw needsConnection("GOAWAY")
        if (!GoAway.isWhole(end - start)) throw wrongSize("GOAWAY", end - start)
        // One or two make sense.
        this.sink.onEmptyFrame()
        return this.sink.onGoAway(GoAway.read(bytes, start, end))
      case Frame.priority:
        return this.priority(id, bytes, start, end)
      case Frame.pushPromise:
        throw new Failure(Http2Error.protocolError, "PUSH_PROMISE, and push was not allowed")
      default:
        return this.sink.onEmptyFrame()
    }
  }

  private headers(flags: number, id: number, bytes: Buffer, payload: number, payloadEnd: number): void {
    if (id === 0) throw needsStream("HEADERS")
    let start = payload
    let end = payloadEnd
    if ((flags & Frame.padded) !== 0) {
      end -= Padding.check(bytes, start, end - start)
      start++
    }
    if ((flags & Frame.prioritized) !== 0) {
      if (end - start < 5) throw wrongSize("HEADERS", payloadEnd - payload)
      if (Frame.readUint31(bytes, start) === id) {
        throw new Failure(Http2Error.protocolError, `stream ${id} depends on itself`)
      }
      start += 5
    }
    if ((flags & Frame.endHeaders) !== 0) return this.sink.onHeaders(id, flags, bytes, start, end)
    this.block.begin(id, flags, bytes.subarray(start, end))
  }

  private continuation(flags: number, bytes: Buffer, start: number, end: number): void {
    const { block } = this
    if (block.id === 0) throw new Failure(Http2Error.protocolError, "CONTINUATION without a header block")
    block.add(bytes.subarray(start, end), this.limits)
    if ((flags & Frame.endHeaders) === 0) return
    const { id } = block
    block.id = 0
    this.sink.onHeaders(id, block.flags, block.bytes, block.start, block.end)
    block.clear()
  }

  private windowUpdate(id: number, bytes: Buffer, start: number, end: number): void {
    if (end - start !== 4) throw wrongSize("WINDOW_UPDATE", end - start)
    const increment = Frame.readUint31(bytes, start)
    if (increment > 0) return this.sink.onWindowUpdate(id, increment)
    const detail = "WINDOW_UPDATE by nothing"
    if (id === 0) throw new Failure(Http2Error.protocolError, detail)
    this.sink.onStreamError(id, Http2Error.protocolError, detail)
  }

  private settings(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (id !== 0) throw needsConnection("SETTINGS")
    const isAck = (flags & Frame.ack) !== 0
    if (isAck ? end > start : !Settings.isWhole(end - start)) throw wrongSize("SETTINGS", end - start)
    if (isAck) this.sink.onSettingsAck()
    else this.sink.onSettings(bytes, start, end)
  }

  /** Priorities are not kept to, which RFC 9113 section 5.3.2 allows. */
  private priority(id: number, bytes: Buffer, start: number, end: number): void {
    if (id === 0) throw needsStream("PRIORITY")
    if (end - start !== 5) {
      return this.sink.onStreamError(id, Http2Error.frameSizeError, `PRIORITY of ${end - start} octets`)
    }
    if (Frame.readUint31(bytes, start) === id) {
      return this.sink.onStreamError(id, Http2Error.protocolError, `stream ${id} depends on itself`)
    }
    this.sink.onEmptyFrame()
  }
}

const needsStream = (name: string): Failure => new Failure(Http2Error.protocolError, `${name} without a stream`)

const needsConnection = (name: string): Failure => new Failure(Http2Error.protocolError, `${name} on a stream`)

const wrongSize = (name: string, size: number): Failure =>
  new Failure(Http2Error.frameSizeError, `${name} of ${size} octets`)
