/** What the connections of one Thrift server share. */
import type { Socket } from "node:net"
import type * as Context from "effect/Context"
import type * as Method from "../Method.ts"
import type { Deadlines } from "../transport/Deadlines.ts"
import type { Dispatcher } from "../transport/Dispatcher.ts"
import type { Writers } from "../transport/Outbox.ts"
import type { Reader } from "../wire/Reader.ts"
import type * as Framing from "./Framing.ts"
import type * as Message from "./Message.ts"
import type { Names } from "./Names.ts"
import type { ServerConnection } from "./ServerConnection.ts"
import type { ThriftMethodCodec } from "./ThriftCodec.ts"

/** A method as its messages find it. */
export interface Served {
  readonly method: Method.Any
  readonly codec: ThriftMethodCodec<unknown, unknown, unknown>
  /** What its handler's fibers start with. */
  readonly context: Context.Context<never>
}

/** Made once for a server. */
export interface Shared {
  readonly dispatcher: Dispatcher
  readonly deadlines: Deadlines["Service"]
  readonly names: Names<Served>
  readonly writers: Writers
  readonly limits: Framing.Limits
  /** Decoding is synchronous, so one reader and one header do for all connections. */
  readonly reader: Reader
  readonly head: Message.Head
  readonly interruptOnDisconnect: boolean
  readonly highWaterMark: number
  readonly addressOf: (socket: Socket) => string
  readonly logDebug: (message: string) => void
  readonly logError: (message: string, defect: unknown) => void
  readonly onClose: (connection: ServerConnection) => void
}
