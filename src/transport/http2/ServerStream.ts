/** A stream as the server has it: a request, and the response to it. */
import type { Headers, HeaderList } from "./Headers.ts"
import type { Prepared } from "./HpackEncoder.ts"
import { Http2Stream, type StreamHandler } from "./Http2Stream.ts"
import type { ServerSession } from "./ServerSession.ts"

/** Made by a `ServerSession`. */
export class ServerStream extends Http2Stream {
  /** Of the request. Requests that are equal octet for octet may share one. */
  readonly headers: Headers
  /** The response has begun. */
  isResponded = false
  private user: StreamHandler = silent

  constructor(session: ServerSession, id: number, headers: Headers) {
    super(session, id)
    this.headers = headers
    this.missing = headers.contentLength
  }

  get handler(): StreamHandler {
    return this.user
  }

  set handler(handler: StreamHandler) {
    this.user = handler
  }

  /**
   * Begins the response with its headers: the constant ones, `:status` first among them, then others; names in lower case,
   * `HpackEncoder.check` finds the faults. With `isLast` it is all of the response. Does nothing when the stream is ended.
   */
  respond(prepared: Prepared, list?: HeaderList, isLast = false): void {
    if (this.isEnded) return
    this.isResponded = true
    this.connection.headerSender.send(this, prepared, list, isLast)
  }

  /** Sends an informational response (status 1xx) before the response. */
  inform(prepared: Prepared, list?: HeaderList): void {
    if (!this.isEnded && !this.isResponded) this.connection.headerSender.send(this, prepared, list, false)
  }
}

/** Of streams that are refused. */
export const silent: StreamHandler = { onData: () => {}, onEnd: () => {}, onReset: () => {}, onDrain: () => {} }
