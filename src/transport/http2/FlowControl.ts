/**
 * Flow control (RFC 9113 section 5.2 and 6.9) on the receiving side: how much the peer may still send, on a stream or on the
 * connection, and when to tell it of more. Updates are batched: one goes out for each half of a window that was consumed.
 * The sending side is in `DataSender`.
 */
import * as Frame from "./Frame.ts"

/** A window for what is received. Streams are one by themselves, so that they need no second object. */
export interface ReceiveWindow {
  /** Octets that the peer may still send. Below zero it has sent too much. */
  receivable: number
  /** Octets that were consumed, and of which the peer has not been told. */
  credit: number
}

/**
 * Takes note of `size` consumed octets. Answers the increment that is to be announced now, for a window that is meant to be
 * `target` wide; mostly 0.
 */
export const consume = (window: ReceiveWindow, size: number, target: number): number => {
  window.credit += size
  if (window.credit * 2 < target) return 0
  const increment = window.credit
  window.receivable += increment
  window.credit = 0
  return increment
}

/** Of a window for what is sent: its new size; undefined where it would pass what RFC 9113 section 6.9.1 allows. */
export const widen = (window: number, increment: number): number | undefined => {
  const wider = window + increment
  return wider < Frame.limit31 ? wider : undefined
}
