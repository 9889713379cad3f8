/** A header block that comes in pieces: a HEADERS frame without END_HEADERS, and CONTINUATION frames (RFC 9113 section 6.10). */
import { Inbox } from "../Inbox.ts"
import * as Http2Error from "./Http2Error.ts"
import { Http2Error as Failure } from "./Http2Error.ts"
import type { Limits } from "./Limits.ts"

/** Of the connections without an incomplete block, which are nearly all. */
const none = new Inbox()

/** The one block that may be incomplete on a connection. */
export class HeaderBlock {
  /** Of the stream whose block is incomplete; 0 while none is. Nothing but its CONTINUATION may come then. */
  id = 0
  /** Of the HEADERS frame. */
  flags = 0
  private pieces: Inbox = none
  private continuations = 0

  get bytes(): Buffer {
    return this.pieces.bytes
  }

  get start(): number {
    return this.pieces.start
  }

  get end(): number {
    return this.pieces.end
  }

  begin(id: number, flags: number, piece: Buffer): void {
    this.id = id
    this.flags = flags
    this.continuations = 0
    this.pieces = new Inbox()
    this.pieces.push(piece)
  }

  /** Throws an `Http2Error` of ENHANCE_YOUR_CALM beyond the limits. */
  add(piece: Buffer, limits: Limits): void {
    this.continuations++
    if (this.continuations > limits.maxContinuations) {
      throw new Failure(
        Http2Error.enhanceYourCalm,
        `a header block of more than ${limits.maxContinuations} CONTINUATION frames`
      )
    }
    const most = 2 * limits.maxHeaderListSize
    if (this.pieces.length + piece.length > most) {
      throw new Failure(Http2Error.enhanceYourCalm, `a header block of more than ${most} octets`)
    }
    this.pieces.push(piece)
  }

  clear(): void {
    this.id = 0
    this.pieces = none
  }
}
