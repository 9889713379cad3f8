/**
 * A request and the response to it, as a server has them whatever the version of HTTP: what a stream of HTTP/2 is by itself,
 * and what an exchange of HTTP/1.1 is made to look like. A protocol that keeps to this face is served over both.
 */
import type { Writer } from "../wire/Writer.ts"
import type { Headers, HeaderList } from "./http2/Headers.ts"
import type { Prepared } from "./http2/HpackEncoder.ts"
import type { ErrorCode } from "./http2/Http2Error.ts"
import type { StreamHandler } from "./http2/Http2Stream.ts"
import type { StreamState } from "./http2/StreamState.ts"

/** See `ServerStream` of HTTP/2, which has it, for what its members do. */
export interface HttpStream {
  /** Of the request. */
  readonly headers: Headers
  /** Who hears of the request's body and of the end. */
  handler: StreamHandler
  readonly state: StreamState
  /** Nothing can be sent any more. */
  readonly isEnded: boolean
  /** Something was written that has to wait for the peer; `onDrain` comes when it has not. */
  readonly isFull: boolean
  /** How a response that waits for the peer ends; undefined when it has not ended, or does not wait. */
  readonly ending: unknown
  /** Why the peer would not take such headers or trailers. What HTTP/1.1 is made to look like has no such limit. */
  readonly headerFault?: (prepared: Prepared, list?: HeaderList) => string | undefined
  readonly respond: (prepared: Prepared, list?: HeaderList, isLast?: boolean) => void
  readonly write: (bytes: Buffer, isLast?: boolean) => boolean
  readonly beginData: () => Writer
  readonly endData: (isLast?: boolean) => boolean
  readonly cancelData: () => void
  readonly end: (prepared?: Prepared, list?: HeaderList) => void
  readonly reset: (code: ErrorCode) => void
  readonly consume: (size: number) => void
}
