/** Where a message begins and ends in the bytes of a connection: `Framed` and `Buffered` are the two ways of Thrift. */
import type { Inbox } from "../transport/Inbox.ts"
import type { Reader } from "../wire/Reader.ts"
import type { Writer } from "../wire/Writer.ts"
import { Buffered } from "./Buffered.ts"
import { Framed } from "./Framed.ts"
import type * as Message from "./Message.ts"

/** What a peer may send in one message. */
export interface Limits {
  /** Bytes of one message, without the frame's length. Default 16 MiB. */
  readonly messageSize: number
  /** Nesting of structs and containers. Default 64. */
  readonly depth: number
}

/** 16 MiB and 64 levels. */
export const defaultLimits: Limits = { messageSize: 16 * 1024 * 1024, depth: 64 }

/** Finds messages in what was received, and marks them in what is sent. */
export interface Framing {
  /**
   * Sets the reader on the next whole message of the inbox and consumes it; false when more bytes are needed. Throws
   * `CodecError` when no further message can be found in this connection.
   */
  readonly next: (inbox: Inbox, reader: Reader) => boolean
  /** Makes room for what stands in front of a message and returns the position to give to `end`. */
  readonly begin: (writer: Writer) => number
  readonly end: (writer: Writer, start: number) => void
}

/** `framed`: each message behind its length. `buffered`: nothing between messages. */
export type Kind = "framed" | "buffered"

/** The framing of one connection: it may hold state between messages. */
export const make = (kind: Kind, protocol: Message.Protocol, limits: Limits = defaultLimits): Framing =>
  kind === "framed" ? new Framed(limits.messageSize) : new Buffered(protocol, limits)
