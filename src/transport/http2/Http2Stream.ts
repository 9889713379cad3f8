/**
 * One stream: what a client's and a server's have in common. Everything is callbacks and plain calls in one tick; there is
 * neither a promise nor a Node stream.
 */
import type { Writer } from "../../wire/Writer.ts"
import type { ReceiveWindow } from "./FlowControl.ts"
import type { Headers, HeaderList } from "./Headers.ts"
import type { Prepared } from "./HpackEncoder.ts"
import type { Http2Streams } from "./Http2Streams.ts"
import type { ErrorCode, StreamFault } from "./Http2Error.ts"
import * as StreamState from "./StreamState.ts"

/**
 * What a stream's user hears of it. `onEnd` comes once, when the peer has sent all of its message; `onReset` comes once at
 * most, also behind `onEnd`, when the stream ends before both messages are complete, and nothing comes behind it. A stream
 * that this side resets itself says nothing any more.
 */
export interface StreamHandler {
  /**
   * Octets of the body, from `start` to `end` of `bytes`. They stay as they are, but keep all of `bytes` in memory as long
   * as they are kept. `isLast` when the body ends with them; `onEnd` comes all the same. The peer may send more than its
   * window of a stream only as `consume` is called.
   */
  onData(bytes: Buffer, start: number, end: number, isLast: boolean): void
  onEnd(trailers: Headers | undefined): void
  onReset(fault: StreamFault): void
  /** A `write` or `endData` answered false, and all of it is on its way now. */
  onDrain(): void
}

/** A part of a body that waits for a window. */
export interface Chunk {
  readonly bytes: Buffer
  /** What was sent of it. */
  sent: number
  next: Chunk | undefined
}

/** How a body that waits for a window ends. */
export interface Ending {
  readonly prepared: Prepared | undefined
  readonly list: HeaderList | undefined
}

/** See `ServerStream` and `ClientStream`. */
export abstract class Http2Stream implements ReceiveWindow {
  readonly id: number
  state: StreamState.StreamState = "open"
  /** Octets that may still be sent. Below zero after the peer has made its windows smaller. */
  sendable: number
  receivable: number
  credit = 0
  /** Octets received and not consumed. */
  unread = 0
  /** Octets that a body with a content-length still lacks; -1 where none was announced. */
  missing = -1
  /** Something was written that has to wait, and the writer has been told so. */
  isFull = false
  /** What waits to be sent. */
  firstChunk: Chunk | undefined = undefined
  lastChunk: Chunk | undefined = undefined
  ending: Ending | undefined = undefined
  /** Stands in the sender's queue. */
  isQueued = false
  nextQueued: Http2Stream | undefined = undefined
  previousQueued: Http2Stream | undefined = undefined
  /** Neighbour in the connection's table. */
  nextInSlot: Http2Stream | undefined = undefined
  protected readonly connection: Http2Streams

  constructor(connection: Http2Streams, id: number) {
    this.connection = connection
    this.id = id
    this.sendable = connection.peer.initialWindowSize
    this.receivable = connection.receiver.streamWindow
  }

  abstract get handler(): StreamHandler

  /** Nothing can be sent any more: the stream was ended or reset, or the connection is gone. */
  get isEnded(): boolean {
    return !StreamState.canSend(this.state) || this.ending !== undefined
  }

  /**
   * Sends a part of the body, or as `isLast` all that is left of it. Large ones are not copied: `bytes` must not change any
   * more. Answers false when some of it has to wait for the peer: then `onDrain` comes. It is kept however much it is.
   */
  write(bytes: Buffer, isLast = false): boolean {
    return this.isEnded || this.connection.sender.write(this, bytes, isLast)
  }

  /**
   * The cheap way for a part that is yet to be encoded: into the writer that this answers, from its `position` on, and in
   * the same breath `endData`. Nothing else may be done with the connection between the two. When encoding fails,
   * `cancelData` takes back what was written. Not to be called when `isEnded`.
   */
  beginData(): Writer {
    return this.connection.sender.begin()
  }

  /** See `beginData`; answers as `write`. */
  endData(isLast = false): boolean {
    return this.connection.sender.end(this, isLast)
  }

  cancelData(): void {
    this.connection.sender.cancel()
  }

  /** Why the peer would not take these headers or trailers: they are larger than it has said. Undefined where it would. */
  headerFault(prepared: Prepared, list?: HeaderList): string | undefined {
    return this.connection.headerSender.faultOf(prepared, list)
  }

  /** Ends what this side sends, with trailers if there are some. What waits is sent before. Does nothing when ended. */
  end(prepared?: Prepared, list?: HeaderList): void {
    if (this.isEnded) return
    if (this.firstChunk !== undefined) this.ending = { prepared, list }
    else if (prepared === undefined) this.connection.sender.write(this, nothing, true)
    else this.connection.headerSender.send(this, prepared, list, true)
  }

  /** Ends the stream at once, in both directions. The handler hears nothing more. Does nothing when it is closed. */
  reset(code: ErrorCode): void {
    if (this.state !== "closed") this.connection.resetStream(this, code)
  }

  /** So many octets of `onData` were taken: lets the peer send as many more. */
  consume(size: number): void {
    if (this.unread === 0) return
    const taken = Math.min(size, this.unread)
    this.unread -= taken
    this.connection.receiver.consumeStream(this, taken)
  }
}

const nothing = Buffer.alloc(0)
