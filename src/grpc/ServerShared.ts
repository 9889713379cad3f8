/** What the connections of one gRPC server share. */
import type { Deadlines } from "../transport/Deadlines.ts"
import type { Dispatcher } from "../transport/Dispatcher.ts"
import type { Reader } from "../wire/Reader.ts"
import type { Writer } from "../wire/Writer.ts"
import type { RequestHeads } from "./RequestHead.ts"

/** Made once for a server, and given to each of its connections. */
export interface Shared {
  readonly dispatcher: Dispatcher
  readonly deadlines: Deadlines["Service"]
  readonly heads: RequestHeads
  /** Decoding is synchronous, so one reader does for all connections. */
  readonly reader: Reader
  /** For messages that are compressed before they are sent. */
  readonly scratch: Writer
  /** Bytes of one received message, compressed or not. */
  readonly maxReceiveSize: number
  /** Bytes of one sent message, before compression. */
  readonly maxSendSize: number
  /** Messages of fewer bytes are not compressed. */
  readonly compressFrom: number
  readonly interruptOnDisconnect: boolean
  readonly logError: (message: string, defect?: unknown) => void
}
