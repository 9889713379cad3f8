/**
 * The states of a stream (RFC 9113 section 5.1). Those for pushed streams are missing: push is never allowed. A stream that
 * has not been opened, `idle` in the RFC, is no object here, and one that is closed is forgotten.
 */
export type StreamState =
  | "open"
  /** This side has sent its last frame but RST_STREAM, WINDOW_UPDATE and PRIORITY. */
  | "halfClosedLocal"
  /** The peer has. */
  | "halfClosedRemote"
  | "closed"

/** DATA and HEADERS may be sent. */
export const canSend = (state: StreamState): boolean => state === "open" || state === "halfClosedRemote"

/** DATA and HEADERS may come. */
export const canReceive = (state: StreamState): boolean => state === "open" || state === "halfClosedLocal"

/** After END_STREAM was sent. */
export const endLocal = (state: StreamState): StreamState => (state === "open" ? "halfClosedLocal" : "closed")

/** After END_STREAM came. */
export const endRemote = (state: StreamState): StreamState => (state === "open" ? "halfClosedRemote" : "closed")
