/** A stream as the client has it: a request, and the response to it. */
import type { ClientSession } from "./ClientSession.ts"
import type { Headers } from "./Headers.ts"
import { Http2Stream, type StreamHandler } from "./Http2Stream.ts"

/** What the one who made a request hears of it. */
export interface ResponseHandler extends StreamHandler {
  /** An informational response (status 1xx, never 101); the response itself is yet to come. */
  onInformational(headers: Headers): void
  /** The response begins. `isLast` when it has neither body nor trailers; `onEnd` comes all the same. */
  onHeaders(headers: Headers, isLast: boolean): void
}

/** Made by `ClientSession.request`. */
export class ClientStream extends Http2Stream {
  readonly handler: ResponseHandler
  /** The headers of the response have come; others are trailers. */
  isResponded = false
  /** The response has no body, whatever its content-length says: the request's method is HEAD. */
  readonly isHead: boolean
  /** `flushes` of the outbox before the request was written: while it stays so, nothing of the request has left. */
  readonly writtenAt: number

  constructor(session: ClientSession, id: number, handler: ResponseHandler, isHead: boolean) {
    super(session, id)
    this.handler = handler
    this.isHead = isHead
    this.writtenAt = session.outbox.flushes
  }
}
