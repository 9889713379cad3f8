/**
 * Cuts what arrives into frames, and sees to it that they come in an order that is allowed (RFC 9113 sections 4.1, 4.3 and
 * 3.4). DATA is passed on as it comes, other frames when they are complete.
 */
import type { Inbox } from "../Inbox.ts"
import * as Frame from "./Frame.ts"
import type { FrameSink } from "./FrameSink.ts"
import * as Http2Error from "./Http2Error.ts"
import { Http2Error as Failure } from "./Http2Error.ts"
import type { Http2Stream } from "./Http2Stream.ts"
import type { Limits } from "./Limits.ts"
import * as Padding from "./Padding.ts"
import { WholeFrames } from "./WholeFrames.ts"

/** Of one connection. */
export class FrameReader {
  /** Reads nothing more while it is set; what is left stays in the inbox. */
  isHalted = false
  /** Frames that were complete, and DATA that has begun; a header block of many frames counts as one. */
  wholeFrames = 0
  private readonly sink: FrameSink
  private readonly limits: Limits
  private readonly whole: WholeFrames
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
    this.whole = new WholeFrames(sink, limits)
  }

  /** The peer's SETTINGS have come, which are its first frame. */
  get isStarted(): boolean {
    return this.hasSettings
  }

  /** Waits for the rest of a header block. */
  get isWithinBlock(): boolean {
    return this.whole.block.id !== 0
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
      this.whole.read(type, flags, id, bytes, payload, at)
      if (this.whole.block.id === 0) this.wholeFrames++
    }
    inbox.skip(at - start)
  }

  private checkOrder(type: number, flags: number, id: number): void {
    const { block } = this.whole
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
    if (id === 0) throw needsStream()
    let at = payload
    let padding = 0
    let body = length
    if ((flags & Frame.padded) !== 0) {
      padding = Padding.check(bytes, at, length)
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
}

const needsStream = (): Failure => new Failure(Http2Error.protocolError, "DATA without a stream")

const tooLarge = (type: number, length: number, limit: number): Failure =>
  new Failure(
    Http2Error.frameSizeError,
    `a frame of type ${type} with ${length} octets, where ${limit} (limit maxFrameSize) are allowed`
  )
