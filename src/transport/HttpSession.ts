/** What a client makes requests on, whichever version of HTTP is below: `http2/ClientSession` is one, `http1/ClientSession` another. */
import type { Writer } from "../wire/Writer.ts"
import type { ResponseHandler } from "./http2/ClientStream.ts"
import type { HeaderList } from "./http2/Headers.ts"
import type { Prepared } from "./http2/HpackEncoder.ts"
import type { ErrorCode } from "./http2/Http2Error.ts"
import type { Ended, Phase } from "./http2/Http2Socket.ts"

/** One connection. */
export interface HttpSession {
  readonly phase: Phase
  /** It takes no further request for now; `onRoom` comes when it does. */
  readonly isFull: boolean
  /** Requests that are under way. */
  readonly streamCount: number
  readonly peer: { readonly maxConcurrentStreams: number }
  /** Why the server would not take such headers. HTTP/1.1 has no such limit. */
  headerFault?(prepared: Prepared, list?: HeaderList): string | undefined
  /**
   * Begins a request: constant fields with the pseudo-headers of HTTP/2, then others, names in lower case. Answers
   * undefined, and has sent nothing, when the session is full or ends.
   */
  request(handler: ResponseHandler, prepared: Prepared, list?: HeaderList): HttpRequest | undefined
  /** Ends gracefully, with the last request. */
  close(): void
  /** Ends at once. */
  fail(code: ErrorCode, detail: string): void
  /** Closes the socket without a word. */
  destroy(): void
}

/** What a session's user hears of it. */
export interface HttpListener {
  /** Requests may be made, and `peer` says how many. Never before the session is made. */
  onReady(): void
  /** `isFull` was true, and is not any more. */
  onRoom(): void
  /** The server takes no further request. */
  onGoAway(): void
  /** The connection is gone, and its requests before it. */
  onClose(ended: Ended): void
}

/** One request, as `Http2Stream` has it. */
export interface HttpRequest {
  readonly isEnded: boolean
  write(bytes: Buffer, isLast?: boolean): boolean
  beginData(): Writer
  endData(isLast?: boolean): boolean
  cancelData(): void
  end(): void
  reset(code: ErrorCode): void
  consume(size: number): void
}
