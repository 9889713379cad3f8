/** One connection of a client: requests go out as they come, and replies find their calls. */
import type * as net from "node:net"
import * as Reply from "../Reply.ts"
import { ProtocolError, Unavailable } from "../RpcError.ts"
import type { Deadlines } from "../transport/Deadlines.ts"
import { describe } from "../transport/Dial.ts"
import type { Exchange, Holder } from "../transport/Exchange.ts"
import { Inbox } from "../transport/Inbox.ts"
import type { Pending } from "../transport/Multiplexer.ts"
import type { Writers } from "../transport/Outbox.ts"
import type { Failure, Member } from "../transport/Pool.ts"
import { RequestOutbox } from "../transport/RequestOutbox.ts"
import type { ClientWire } from "./ClientWire.ts"
import * as Framing from "./Framing.ts"
import * as Message from "./Message.ts"

/** What connections of one client share. */
export interface Shared {
  readonly wire: ClientWire
  readonly pending: () => Pending
  readonly writers: Writers
  readonly deadlines: Deadlines["Service"]
}

/** What a pool hears of its connection. */
export interface Events {
  readonly onRoom: (connection: ClientConnection) => void
  /** It takes no more calls, as the peer has not been heard for long; it closes by itself, and then `onLost` comes. */
  readonly onSilent: (connection: ClientConnection) => void
  readonly onLost: (connection: ClientConnection, failure: Failure | undefined) => void
}

/** Lives until the peer or the pool closes it, or the peer breaks the protocol; then all that it holds fails. */
export class ClientConnection implements Member, Holder {
  private readonly socket: net.Socket
  private readonly wire: ClientWire
  private readonly deadlines: Deadlines["Service"]
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
  /** It gets no more calls, and closes when those that it has are over. */
  private retired = false
  /** Calls that were given up since the peer was last heard, and when the first of them was. */
  private givenUp = 0
  private silentSince = 0

  /** `socket` is connected. */
  constructor(socket: net.Socket, shared: Shared, events: Events) {
    this.socket = socket
    this.wire = shared.wire
    this.deadlines = shared.deadlines
    this.events = events
    const { framing, limits, protocol } = this.wire.options
    this.framing = Framing.make(framing, protocol, limits)
    this.pending = shared.pending()
    const flow = { onSlowReader: () => {}, onDrained: () => this.events.onRoom(this) }
    this.outbox = new RequestOutbox(socket, shared.writers, flow, () => this.endOneway())
    socket.on("data", (chunk: Buffer) => this.receive(chunk))
    socket.on("drain", () => this.outbox.drained())
    socket.on("end", () => this.onEnd())
    socket.on("error", (cause) => this.lose(`the connection was lost: ${describe(cause)}`, cause))
    socket.on("close", () => this.lose("the connection was closed", undefined))
  }

  hasRoom(): boolean {
    return !this.closed && !this.retired && !this.pending.isFull && !this.outbox.blocked
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
    const refused = this.wire.encode(exchange, this.framing, this.outbox.writer())
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
    const usable = this.pending.abandon(exchange)
    if (!usable) return this.shut("the connection was closed, since it owes a reply that nobody waits for", undefined)
    this.countGivenUp()
    if (this.retired) this.closeWhenEmpty()
    else this.events.onRoom(this)
  }

  close(detail: string): void {
    this.shut(detail, undefined)
  }

  private receive(chunk: Buffer): void {
    if (this.closed) return
    const { inbox, outbox } = this
    const { reader } = this.wire
    this.givenUp = 0
    inbox.push(chunk)
    outbox.beginBatch()
    try {
      while (!this.closed && this.framing.next(inbox, reader)) this.accept()
    } catch (error) {
      this.breakOff(describe(error))
    }
    if (this.retired) this.closeWhenEmpty()
    else if (!this.closed) this.events.onRoom(this)
    outbox.endBatch()
  }

  /** A peer that vanished without a word, its host with it, is not noticed by TCP for a quarter of an hour. */
  private countGivenUp(): void {
    const now = this.deadlines.now()
    if (++this.givenUp === 1) this.silentSince = now
    if (this.retired || this.givenUp < minGivenUp || now - this.silentSince < maxSilence) return
    this.retired = true
    this.events.onSilent(this)
  }

  private closeWhenEmpty(): void {
    if (this.inFlight() === 0) this.shut("the connection was closed, since the peer had been silent", undefined)
  }

  /** Throws `CodecError` when the message has no header. */
  private accept(): void {
    const { wire } = this
    wire.readHead()
    const exchange = this.pending.take(wire.head.seqid)
    if (exchange === undefined) return this.acceptUnclaimed()
    this.proven = true
    // All is read before the exchange ends: what its caller does next may read other messages.
    const outcome = wire.decode(exchange)
    if (outcome._tag === "Reply") exchange.succeed(outcome.reply)
    else exchange.fail(outcome.reason)
  }

  /** A reply whose id nobody has. Whom it was for waits in vain, so it is found out or the connection is given up. */
  private acceptUnclaimed(): void {
    const { head, name } = this.wire
    if (this.pending.takeUnclaimed(head.seqid)) return
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

/** So many calls have to be given up, over so many milliseconds without a byte from the peer, to call it silent. */
const minGivenUp = 3
const maxSilence = 5000

/** What a oneway call ends with. */
const accepted = Reply.succeed(undefined)
