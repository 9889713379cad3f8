/** Error codes of RFC 9113 section 7, and the failures that carry them. */

/** The end is no error. */
export const noError = 0x0
/** A rule was broken that has no code of its own. */
export const protocolError = 0x1
/** The sender itself broke. */
export const internalError = 0x2
/** More DATA than a window allowed, or a window beyond 2^31-1. */
export const flowControlError = 0x3
/** SETTINGS were not acknowledged in time. */
export const settingsTimeout = 0x4
/** A frame for a stream that had ended. */
export const streamClosed = 0x5
/** A frame of a size that it may not have. */
export const frameSizeError = 0x6
/** The stream was not looked at, and may be made again. */
export const refusedStream = 0x7
/** Nobody wants the stream any more. */
export const cancel = 0x8
/** A header block could not be decoded. */
export const compressionError = 0x9
/** The connection behind CONNECT broke. */
export const connectError = 0xa
/** The peer does too much of something. */
export const enhanceYourCalm = 0xb
/** TLS below what HTTP/2 asks for. */
export const inadequateSecurity = 0xc
/** To be asked again over HTTP/1.1. */
export const http11Required = 0xd

/** One of the codes above, or one that a peer made up: those are to be treated as INTERNAL_ERROR. */
export type ErrorCode = number

const names = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED"
]

/** The RFC's name of a code, for messages. */
export const nameOf = (code: ErrorCode): string => names[code] ?? `error code 0x${code.toString(16)}`

/** The peer broke a rule such that the connection cannot go on (RFC 9113 section 5.4.1). Thrown while its frames are read. */
export class Http2Error extends Error {
  readonly code: ErrorCode
  /** What happened, without the code's name. */
  readonly detail: string

  constructor(code: ErrorCode, detail: string) {
    super(`${nameOf(code)}: ${detail}`)
    this.name = "Http2Error"
    this.code = code
    this.detail = detail
  }
}

/** Why a stream ended before its time. */
export interface StreamFault {
  readonly code: ErrorCode
  /** Who ended it: the peer by RST_STREAM, this side, or the end of the connection. */
  readonly source: "peer" | "local" | "connection"
  readonly detail: string
  /**
   * Of a client's stream: the peer's application has provably not seen the request, so that it is safe to send again.
   * The request never left, the peer refused the stream, or its GOAWAY named an earlier one as the last.
   */
  readonly unprocessed: boolean
}
