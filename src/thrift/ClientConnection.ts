/** One connection of a client: requests go out as they come, and replies find their calls. */
import type * as net from "node:net"
import { isCodecError } from "../Codec.ts"
import type * as Method from "../Method.ts"
import * as Reply from "../Reply.ts"
import { ProtocolError, type Reason, Unavailable } from "../RpcError.ts"
import { describe } from "../transport/Dial.ts"
import type { Exchange, Holder } from "../transport/Exchange.ts"
import { Inbox } from "../transport/Inbox.ts"
import type { Pending } from "../transport/Multiplexer.ts"
import type { Writers } from "../transport/Outbox.ts"
import type { Failure, Member } from "../transport/Pool.ts"
import { RequestOutbox } from "../transport/RequestOutbox.ts"
import type { Reader } from "../wire/Reader.ts"
import * as ApplicationException from "./ApplicationException.ts"
import * as Framing from "./Framing.ts"
import * as Message from "./Message.ts"
import type * as ThriftCodec from "./ThriftCodec.ts"

/** What all connections of a client have in common; memory that is only used within one event is shared. */
export interface Wire {
  readonly protocol: "binary" | "compact"
  readonly framing: Framing.Kind
  readonly limits: Framing.Limits
  /** The name of a method in a message. */
  readonly nameOf: (method: Method.Any) => Uint8Array
  readonly pending: () => Pending
  readonly writers: Writers
  readonly reader: Reader
  readonly head: Message.Head
}

/** What a pool hears of its connection. */
export interface Events {
  readonly onRoom: (connection: ClientConnection) => void
  readonly onLost: (connection: ClientConnection, failure: Failure | undefined) => void
}

export class ClientConnection implements Member, Holder {
  private readonly socket: net.Socket
  private readonly wire: Wire
  private readonly events: Events
  private readonly framing: Framing.Framing
  private readonly pending: Pending
  private readonly inbox = new Inbox()
  private readonly outbox: RequestOutbox
  /** Oneway calls that are not yet written. */
  private oneway: Array<Exchange> = []
  private count = 0
  private proven = false
  private closed = false

  /** `socket` is connected. */
  constructor(socket: net.Socket, wire: Wire, events: Events) {
    this.socket = socket
    this.wire = wire
    this.events = events
    this.framing = Framing.make(wire.framing, wire.protocol, wire.limits)
    this.pending = wire.pending()
    const flow = { onSlowReader: () => {}, onDrained: () => this.events.onRoom(this) }
    this.outbox = new RequestOutbox(socket, wire.writers, flow, () => this.endOneway())
    socket.on("data", (chunk: Buffer) => this.receive(chunk))
    socket.on("drain", () => this.outbox.drained())
    socket.on("end", () => this.onEnd())
    socket.on("error", (cause) => this.lose(`the connection was lost: ${describe(cause)}`, cause))
    socket.on("close", () => this.lose("the connection was closed", undefined))
  }

  hasRoom(): boolean {
    return !this.closed && !this.pending.isFull && !this.outbox.blocked
  }

  inFlight(): number {
    return this.pending.size + this.oneway.length
  }

  taken(): number {
    return this.count
  }

  send(exchange: Exchange): void {
    this.count++
    const isOneway = exchange.call.method.kind === "oneway"
    if (isOneway) this.pending.addOneway(exchange)
    else this.pending.add(exchange)
    const refused = this.encode(exchange, isOneway ? Message.oneway : Message.call)
    if (refused !== undefined) {
      if (!isOneway) this.pending.take(exchange.sequenceId)
      return exchange.fail(refused)
    }
    exchange.holder = this
    exchange.batch = this.outbox.flushes
    if (isOneway) this.oneway.push(exchange)
    this.outbox.messageWritten()
  }

  withdraw(exchange: Exchange): void {
    if (exchange.call.method.kind === "oneway") return
    if (this.pending.abandon(exchange)) this.events.onRoom(this)
    else this.shut("the connection was closed, since it owes a reply that nobody waits for", undefined)
  }

  close(detail: string): void {
    this.shut(detail, undefined)
  }

  private encode(exchange: Exchange, type: Message.Type): Reason | undefined {
    const { limits, nameOf, protocol } = this.wire
    const { method, payload } = exchange.call
    const writer = this.outbox.writer()
    const { position } = writer
    try {
      const start = this.framing.begin(writer)
      const messageStart = writer.position
      Message.writeHead(writer, protocol, type, nameOf(method), exchange.sequenceId)
      codecOf(exchange).arguments[protocol].encode(writer, payload)
      const size = writer.position - messageStart
      if (size <= limits.messageSize) return this.framing.end(writer, start) as undefined
      writer.position = position
      return new ProtocolError({ detail: `the request has ${size} bytes; at most ${limits.messageSize} are sent` })
    } catch (error) {
      writer.position = position
      return new ProtocolError({ detail: `the request cannot be encoded: ${describe(error)}` })
    }
  }

  private receive(chunk: Buffer): void {
    if (this.closed) return
    const { inbox, outbox } = this
    const { reader } = this.wire
    inbox.push(chunk)
    outbox.beginBatch()
    try {
      while (!this.closed && this.framing.next(inbox, reader)) this.accept(reader)
    } catch (error) {
      this.breakOff(describe(error))
    }
    if (!this.closed) this.events.onRoom(this)
    outbox.endBatch()
  }

  /** Throws `CodecError` when the message has no header. */
  private accept(reader: Reader): void {
    const { head, protocol } = this.wire
    Message.readHead(reader, protocol, head)
    const exchange = this.pending.take(head.seqid)
    if (exchange === undefined) return this.acceptUnclaimed(reader)
    this.proven = true
    // All is read before the exchange ends: what its caller does next may read other messages.
    const outcome = this.decode(exchange, reader)
    if (outcome._tag === "Reply") exchange.succeed(outcome.reply)
    else exchange.fail(outcome.reason)
  }

  private decode(exchange: Exchange, reader: Reader): Outcome {
    const { head, protocol } = this.wire
    try {
      if (head.type === Message.exception) {
        return failed(ApplicationException.read(reader, protocol))
      }
      const expected = exchange.call.method
      if (head.type !== Message.reply)
        return malformed(`the reply has the message type ${head.type}; 2 or 3 is expected`)
      if (!this.isNamed(reader, expected)) {
        const name = Message.decodeName(reader, head)
        return malformed(`the reply is one to the method "${name}", which was not asked`)
      }
      return { _tag: "Reply", reply: Reply.make(codecOf(exchange).result[protocol].decode(reader)) }
    } catch (error) {
      if (!isCodecError(error)) throw error
      return malformed(`the reply cannot be decoded: ${error.message}`)
    }
  }

  /** Servers of several contracts answer with or without the contract's name. */
  private isNamed(reader: Reader, method: Method.Any): boolean {
    const { nameEnd, nameStart } = this.wire.head
    const { bytes } = reader
    const name = this.wire.nameOf(method)
    const length = nameEnd - nameStart
    const skipped = name.length - length
    if (skipped < 0 || length < method.name.length) return false
    if (skipped > 0 && name[skipped - 1] !== colon) return false
    for (let i = 0; i < length; i++) if (bytes[nameStart + i] !== name[skipped + i]) return false
    return true
  }

  /** A reply whose id nobody has. Whom it was for waits in vain, so it is found out or the connection is given up. */
  private acceptUnclaimed(reader: Reader): void {
    const { head } = this.wire
    if (this.pending.takeUnclaimed(head.seqid)) return
    const name = Message.decodeName(reader, head)
    const detail = `the peer sent a reply to "${name}" with the sequence id ${head.seqid}, which no call has`
    const exchange = this.pending.guess(Message.splitName(name).method)
    if (exchange === undefined) return this.lose(detail, undefined)
    const usable = this.pending.abandon(exchange)
    exchange.fail(new ProtocolError({ detail: `${detail}; this one has ${exchange.sequenceId}` }))
    if (!usable) this.lose(detail, undefined)
  }

  /** The peer's bytes make no sense from here on. */
  private breakOff(detail: string): void {
    if (this.closed) return
    if (this.pending.size === 1) {
      const [exchange] = this.pending.drain()
      exchange!.fail(new ProtocolError({ detail: `the peer does not speak this protocol: ${detail}` }))
    }
    this.lose(`the connection was closed, since the peer broke the protocol: ${detail}`, undefined)
  }

  private onEnd(): void {
    const inside = this.inbox.length > 0 ? " inside a reply" : ""
    this.lose(`the peer closed the connection${inside}`, undefined)
  }

  private lose(detail: string, cause: unknown): void {
    if (this.closed) return
    const failure = this.proven ? undefined : { detail, cause }
    this.shut(detail, cause, failure)
  }

  private shut(detail: string, cause: unknown, failure?: Failure): void {
    if (this.closed) return
    this.closed = true
    this.inbox.clear()
    const held = [...this.pending.drain(), ...this.oneway]
    this.oneway = []
    const { flushes } = this.outbox
    this.outbox.close()
    this.release()
    this.events.onLost(this, failure)
    for (const exchange of held) {
      exchange.fail(new Unavailable({ unsent: exchange.batch >= flushes, detail, cause }))
    }
  }

  /** What was written for oneway calls still leaves; a peer that does not take it cannot hold the process. */
  private release(): void {
    const { socket } = this
    if (socket.writableLength === 0) return void socket.destroy()
    socket.unref()
    socket.destroySoon()
  }

  private endOneway(): void {
    if (this.oneway.length === 0) return
    const written = this.oneway
    this.oneway = []
    for (const exchange of written) exchange.succeed(accepted)
  }
}

type Outcome =
  | { readonly _tag: "Reply"; readonly reply: Reply.Reply }
  | { readonly _tag: "Failure"; readonly reason: Reason }

const failed = (reason: Reason): Outcome => ({ _tag: "Failure", reason })

const malformed = (detail: string): Outcome => failed(new ProtocolError({ detail }))

const codecOf = (exchange: Exchange) =>
  exchange.call.method.codec as ThriftCodec.ThriftMethodCodec<unknown, unknown, unknown>

/** What a oneway call ends with. */
const accepted = Reply.succeed(undefined)

const colon = 0x3a
