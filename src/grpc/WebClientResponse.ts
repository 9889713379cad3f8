/**
 * Makes a response of gRPC-Web one of gRPC for the call that waits for it: messages are handed on as they come, the message
 * that holds the trailers becomes the trailers.
 */
import type { ResponseHandler } from "../transport/http2/ClientStream.ts"
import type { Headers } from "../transport/http2/Headers.ts"
import * as Http2Error from "../transport/http2/Http2Error.ts"
import type { HttpRequest } from "../transport/HttpSession.ts"
import * as Compression from "./Compression.ts"
import * as Envelope from "./Envelope.ts"
import { WebClientTrailers } from "./WebClientTrailers.ts"
import * as WebTrailers from "./WebTrailers.ts"

/** What the responses of one session share. */
export interface Rules {
  readonly accept: ReadonlyArray<Compression.Encoding>
  /** Octets of the trailers. */
  readonly maxTrailersSize: number
}

/** One response. */
export class WebClientResponse implements ResponseHandler {
  /** The request that this is the response to. */
  request: HttpRequest | undefined
  private readonly handler: ResponseHandler
  private readonly rules: Rules
  private readonly prefix = Buffer.alloc(Envelope.prefixSize)
  private prefixFilled = 0
  /** Octets that the message that has begun still lacks. */
  private missing = 0
  private encoding: Compression.Encoding | "identity" = "identity"
  /** Headers with a status, which are all of the response unless a body follows. */
  private early: Headers | undefined
  private trailers: WebClientTrailers | undefined
  /** Nothing is to be told any more. */
  private isOver = false

  constructor(handler: ResponseHandler, rules: Rules) {
    this.handler = handler
    this.rules = rules
  }

  onInformational(): void {}

  onHeaders(headers: Headers, isLast: boolean): void {
    // What is not taken at all, the call finds out.
    this.encoding = Compression.parse(headers.get("grpc-encoding"), this.rules.accept) ?? "identity"
    if (isLast || headers.get("grpc-status") === undefined) return this.handler.onHeaders(headers, isLast)
    this.early = headers
  }

  onData(bytes: Buffer, start: number, end: number): void {
    if (this.isOver || start === end) return
    this.releaseEarly(false)
    let at = start
    while (at < end && this.trailers === undefined) {
      if (this.missing > 0) {
        const size = Math.min(this.missing, end - at)
        this.missing -= size
        at += size
      } else if (this.prefixFilled === 0 && WebTrailers.isTrailers(bytes[at]!)) {
        this.trailers = new WebClientTrailers(this.rules.maxTrailersSize)
      } else {
        this.prefix[this.prefixFilled++] = bytes[at++]!
        if (this.prefixFilled < Envelope.prefixSize) continue
        this.prefixFilled = 0
        this.missing = Envelope.sizeAt(this.prefix, 0)
      }
    }
    if (at > start) this.handler.onData(bytes, start, at, false)
    if (at < end) this.onTrailers(bytes, at, end)
  }

  /** Trailers of HTTP are no part of gRPC-Web. */
  onEnd(): void {
    if (this.isOver) return
    this.releaseEarly(true)
    const { trailers } = this
    if (trailers === undefined) return this.handler.onEnd(undefined)
    if (!trailers.isWhole) return this.fail("the response ends within its trailers")
    trailers.finish(this.encoding, (result) => {
      if (this.isOver) return
      if (typeof result === "string") return this.fail(result)
      this.isOver = true
      this.handler.onEnd(result)
    })
  }

  onReset(fault: Http2Error.StreamFault): void {
    if (this.isOver) return
    this.isOver = true
    this.handler.onReset(fault)
  }

  onDrain(): void {
    this.handler.onDrain()
  }

  /** The peer's octets are no gRPC-Web. */
  fail(detail: string): void {
    if (this.isOver) return
    this.isOver = true
    this.request?.reset(Http2Error.cancel)
    this.handler.onReset({ code: Http2Error.protocolError, source: "local", detail, unprocessed: false })
  }

  private releaseEarly(isLast: boolean): void {
    const { early } = this
    this.early = undefined
    if (early !== undefined) this.handler.onHeaders(early, isLast)
  }

  private onTrailers(bytes: Buffer, start: number, end: number): void {
    const fault = this.trailers?.push(bytes, start, end)
    if (fault !== undefined) return this.fail(fault)
    this.request?.consume(end - start)
  }
}
