/**
 * Cuts what arrives into frames and holds each to the rules of its type (RFC 9113 section 6): sizes, stream or connection,
 * padding, the order of header blocks. DATA is passed on as it comes, other frames when they are complete.
 */
import type { Inbox } from "../Inbox.ts"
import * as Frame from "./Frame.ts"
import * as GoAway from "./GoAway.ts"
import { HeaderBlock } from "./HeaderBlock.ts"
import * as Http2Error from "./Http2Error.ts"
import { type ErrorCode, Http2Error as Failure } from "./Http2Error.ts"
import type { Http2Stream } from "./Http2Stream.ts"
import type { Limits } from "./Limits.ts"
import * as Ping from "./Ping.ts"
import * as Settings from "./Settings.ts"

/** What frames mean is somebody else's. Each may throw an `Http2Error`, which ends the connection. */
export interface FrameSink {
  /** A header block is complete. `flags` are those of its HEADERS frame. */
  onHeaders(id: number, flags: number, bytes: Buffer, start: number, end: number): void
  /** A DATA frame begins that counts `size` octets in the windows, `padding` of them for nothing. Undefined: it is ignored. */
  beginData(id: number, size: number, padding: number): Http2Stream | undefined
  /** Octets of that frame; the last ones of the stream or not. */
  onData(stream: Http2Stream, bytes: Buffer, start: number, end: number, isLast: boolean): void
  /** The frame has ended the stream. */
  endData(stream: Http2Stream): void
  onRstStream(id: number, code: ErrorCode): void
  onSettings(bytes: Buffer, start: number, end: number): void
  onSettingsAck(): void
  onPing(bytes: Buffer, at: number): void
  onPingAck(bytes: Buffer, at: number): void
  onGoAway(goAway: GoAway.GoAway): void
  onWindowUpdate(id: number, increment: number): void
  /** A frame that does nothing. */
  onEmptyFrame(): void
  /** A frame breaks a rule that concerns its stream alone. */
  onStreamError(id: number, code: ErrorCode, detail: string): void
}

/** Of one connection. */
export class FrameReader {
  /** Reads nothing more while it is set; what is left stays in the inbox. */
  isHalted = false
  /** Frames that were complete, and DATA that has begun; a header block of many frames counts as one. */
  wholeFrames = 0
  private readonly sink: FrameSink
  private readonly limits: Limits
  private readonly block = new HeaderBlock()
  private hasSettings = false
  // The DATA frame of which not everything has come.
  private isWithinData = false
  private stream: Http2Stream | undefined
  private dataLeft = 0
  private paddingLeft = 0
  private endsStream = false

  constructor(sink: FrameSink, limits: Limits) {
    this.sink = sink
    this.limits = limits
  }

  /** The peer's SETTINGS have come, which are its first frame. */
  get isStarted(): boolean {
    return this.hasSettings
  }

  /** Waits for the rest of a header block. */
  get isWithinBlock(): boolean {
    return this.block.id !== 0
  }

  /** Reads what is complete. */
  read(inbox: Inbox): void {
    const { bytes, end, start } = inbox
    let at = start
    while (!this.isHalted) {
      if (this.isWithinData) {
        at = this.continueData(bytes, at, end)
        if (this.isWithinData) break
      }
      if (end - at < Frame.headSize) break
      const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
      const type = bytes[at + 3]!
      const flags = bytes[at + 4]!
      const id = Frame.readUint31(bytes, at + 5)
      if (length > this.limits.maxFrameSize) throw tooLarge(type, length, this.limits.maxFrameSize)
      this.checkOrder(type, flags, id)
      const payload = at + Frame.headSize
      if (type === Frame.data) {
        // The length of the padding stands before the octets.
        if ((flags & Frame.padded) !== 0 && length > 0 && end === payload) break
        at = this.beginData(bytes, payload, end, length, flags, id)
        this.wholeFrames++
        continue
      }
      if (end - payload < length) break
      at = payload + length
      this.frame(type, flags, id, bytes, payload, at)
      if (this.block.id === 0) this.wholeFrames++
    }
    inbox.skip(at - start)
  }

  private checkOrder(type: number, flags: number, id: number): void {
    const { block } = this
    if (block.id !== 0 && (type !== Frame.continuation || id !== block.id)) {
      throw new Failure(Http2Error.protocolError, `another frame within the header block of stream ${block.id}`)
    }
    if (this.hasSettings) return
    if (type !== Frame.settings || (flags & Frame.ack) !== 0) {
      throw new Failure(Http2Error.protocolError, "the first frame is not SETTINGS")
    }
    this.hasSettings = true
  }

  private beginData(bytes: Buffer, payload: number, end: number, length: number, flags: number, id: number): number {
    if (id === 0) throw needsStream("DATA")
    let at = payload
    let padding = 0
    let body = length
    if ((flags & Frame.padded) !== 0) {
      padding = checkPadding(bytes, at, length)
      body -= padding + 1
      at++
    }
    const stream = this.sink.beginData(id, length, length - body)
    this.endsStream = (flags & Frame.endStream) !== 0
    if (body === 0 && !this.endsStream) this.sink.onEmptyFrame()
    if (end - at < body + padding) {
      this.isWithinData = true
      this.stream = stream
      this.dataLeft = body
      this.paddingLeft = padding
      return this.continueData(bytes, at, end)
    }
    if (stream !== undefined) {
      if (body > 0) this.sink.onData(stream, bytes, at, at + body, this.endsStream)
      if (this.endsStream) this.sink.endData(stream)
    }
    return at + body + padding
  }

  private continueData(bytes: Buffer, start: number, end: number): number {
    const { stream } = this
    const size = Math.min(this.dataLeft, end - start)
    const padding = Math.min(this.paddingLeft, end - start - size)
    this.dataLeft -= size
    this.paddingLeft -= padding
    this.isWithinData = this.dataLeft + this.paddingLeft > 0
    if (!this.isWithinData) this.stream = undefined
    if (stream !== undefined) {
      const isLast = this.endsStream && this.dataLeft === 0
      if (size > 0) this.sink.onData(stream, bytes, start, start + size, isLast)
      if (this.endsStream && !this.isWithinData) this.sink.endData(stream)
    }
    return start + size + padding
  }

  private frame(type: number, flags: number, id: number, bytes: Buffer, start: number, end: number): void {
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
      end -= checkPadding(bytes, start, end - start)
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

/** How much padding there is, behind its length and the octets. */
const checkPadding = (bytes: Buffer, at: number, length: number): number => {
  if (length === 0) throw new Failure(Http2Error.frameSizeError, "a padded frame without the length of its padding")
  const padding = bytes[at]!
  if (padding >= length) throw new Failure(Http2Error.protocolError, "more padding than frame")
  return padding
}

const needsStream = (name: string): Failure => new Failure(Http2Error.protocolError, `${name} without a stream`)

const needsConnection = (name: string): Failure => new Failure(Http2Error.protocolError, `${name} on a stream`)

const wrongSize = (name: string, size: number): Failure =>
  new Failure(Http2Error.frameSizeError, `${name} of ${size} octets`)

const tooLarge = (type: number, length: number, limit: number): Failure =>
  new Failure(
    Http2Error.frameSizeError,
    `a frame of type ${type} with ${length} octets, where ${limit} (limit maxFrameSize) are allowed`
  )
