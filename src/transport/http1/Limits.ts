/** The bounds of a connection of HTTP/1.1: what each is called, what it is unless told otherwise, and what a peer beyond it gets. */

/** All of them. Times are milliseconds, sizes octets. */
export interface Limits {
  /** Octets of a request's line and header fields. Default 16,384. Beyond it: status 431. */
  readonly maxHeaderSize: number
  /** Requests of one connection that are not answered yet (pipelining). Default 16. Beyond it: status 503. */
  readonly maxPipelined: number
  /** Octets of a request's body that have arrived and were not consumed. Default 256 KiB; then the peer is not read. */
  readonly bodyWindow: number
  /** Octets of a response that the peer has not taken, above which its writer is told to wait. Default 64 KiB. */
  readonly maxUnsent: number
  /**
   * From the first octet of a request's header to its last. Default 10,000. Beyond it: status 408. On a connection that was
   * used before it may take up to twice that.
   */
  readonly headerTimeout: number
  /** Without an octet of a request's body that is read. Default 60,000; Infinity is never. Beyond it: status 408. */
  readonly bodyTimeout: number
  /** Without a request. Default 60,000; Infinity is never. The connection is closed. */
  readonly idleTimeout: number
  /** For which the peer may leave what was sent unread. Default 30,000. The connection is cut off. */
  readonly stallTimeout: number
}

/** What is not said otherwise. */
export const defaults: Limits = {
  maxHeaderSize: 16_384,
  maxPipelined: 16,
  bodyWindow: 256 * 1024,
  maxUnsent: 64 * 1024,
  headerTimeout: 10_000,
  bodyTimeout: 60_000,
  idleTimeout: 60_000,
  stallTimeout: 30_000
}

/** The limits that differ from the defaults. */
export type Options = { readonly [Name in keyof Limits]?: Limits[Name] | undefined }

/** The defaults, but for these. */
export const make = (options: Options = {}): Limits => {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  return { ...defaults, ...given }
}
