/**
 * One call on its way: through the pool to a connection, as an HTTP/2 stream there, and on to another connection when the
 * peer has provably not looked at it. What its reply is, its two kinds say: `ClientSingleReply` and `ClientStreamReply`.
 */
import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Stream from "effect/Stream"
import type { Call } from "../Call.ts"
import type * as Reply from "../Reply.ts"
import { ProtocolError, type Reason, type RpcError, Unavailable } from "../RpcError.ts"
import type { Deadlines } from "../transport/Deadlines.ts"
import { Exchange, type Holder, type Sink } from "../transport/Exchange.ts"
import type { ResponseHandler } from "../transport/http2/ClientStream.ts"
import type { Headers } from "../transport/http2/Headers.ts"
import * as Http2Error from "../transport/http2/Http2Error.ts"
import type { HttpRequest, HttpSession } from "../transport/HttpSession.ts"
import { ClientFailure } from "./ClientFailure.ts"
import * as ClientOptions from "./ClientOptions.ts"
import * as ClientReason from "./ClientReason.ts"
import * as ClientResponse from "./ClientResponse.ts"
import { ClientSender } from "./ClientSender.ts"
import type { ClientWaiting } from "./ClientWaiting.ts"
import { type AnyCodec, type ClientWire, codecOf, type Form, large } from "./ClientWire.ts"
import type * as Compression from "./Compression.ts"
import type * as Status from "./Status.ts"

/** What the calls of one link share. */
export interface Ground {
  /** The key of the instance. */
  readonly peer: string
  readonly wire: ClientWire
  readonly sink: Sink
  readonly waiting: ClientWaiting
  readonly waitForReady: boolean
  readonly deadlines: Deadlines["Service"]
}

/** The connection that a call is on. */
export interface Carrier {
  /** The peer has answered something on it. */
  isProven: boolean
}

/** How often a call goes to another connection by itself, when peers refuse it unseen. */
const maxReplays = 3

const noContext: Context.Context<never> = Context.empty()

/** A call from its start to its reply or its failure, over as many connections as it takes. */
export abstract class ClientCall extends Exchange implements ResponseHandler, Holder {
  protected readonly ground: Ground
  protected readonly codec: AnyCodec
  protected readonly maxReceive: number
  protected stream: HttpRequest | undefined
  private carrier: Carrier | undefined
  protected sender: ClientSender | undefined
  protected head: ClientResponse.Head | undefined
  protected tail: ClientResponse.Tail | undefined
  /** A head with a status: some servers end such a response with an empty frame. Data says that it was no status. */
  protected early: Headers | undefined
  private readonly end: (exit: Exit.Exit<Reply.Reply, RpcError>) => void
  private readonly context: Context.Context<never>
  private replays = 0
  private readonly waitsForReady: boolean

  constructor(
    call: Call,
    ground: Ground,
    end: (exit: Exit.Exit<Reply.Reply, RpcError>) => void,
    context: Context.Context<never> = noContext
  ) {
    super(call, ground.peer, ground.sink, end)
    this.ground = ground
    this.codec = codecOf(call.method)
    this.end = end
    this.context = context
    const hasTags = call.tags.size > 0
    this.maxReceive =
      (hasTags ? ClientOptions.maxReceiveOf(call) : undefined) ?? ground.wire.options.maxReceiveMessageSize
    this.waitsForReady = (hasTags ? ClientOptions.waitsForReady(call) : undefined) ?? ground.waitForReady
  }

  /** Becomes a stream of the session. false when that takes none. */
  start(session: HttpSession, carrier: Carrier): boolean {
    if (this.isEnded) return true
    const { call } = this
    const { deadlines, wire } = this.ground
    const encoding = wire.encodingOf(call)
    const fields = wire.fields(call, call.deadline === undefined ? 0 : deadlines.now())
    if (fields instanceof Error) {
      this.failNow(new ProtocolError({ detail: fields.message }))
      return true
    }
    const form = wire.formOf(call.method, encoding)
    const fault = session.headerFault?.(form.prepared, fields)
    if (fault !== undefined) {
      this.failNow(new ProtocolError({ detail: `the call is not sent: ${fault}` }))
      return true
    }
    const stream = session.request(this, form.prepared, fields)
    if (stream === undefined) return false
    this.holder = this
    this.stream = stream
    this.carrier = carrier
    const { kind } = call.method
    if (kind === "clientStream" || kind === "bidiStream") this.sendStream(stream, encoding)
    else if (encoding !== undefined) this.sendCompressed(stream, encoding)
    else this.sendOne(stream, form)
    return true
  }

  /** No session takes it after all: it goes back to the pool. */
  refuse(detail: string): void {
    if (!this.replay()) this.fail(new Unavailable({ unsent: this.sender === undefined, detail }))
  }

  /** The exchange has ended by itself: at its deadline, or since nobody waits any more. */
  withdraw(): void {
    this.release()
  }

  /** Where there is no connection, some calls wait for one. */
  override fail(reason: Reason): void {
    const isUnsent = reason._tag === "Unavailable" && reason.unsent && this.stream === undefined
    if (isUnsent && this.waitsForReady && !this.isEnded && this.ground.waiting.add(this)) return
    super.fail(reason)
  }

  /** Ends the call since nobody waits any more, and with it its stream of requests. */
  get interruption(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.interrupt()
      return this.sender?.ended ?? Effect.void
    })
  }

  /** Fails also what would wait. */
  failNow(reason: Reason): void {
    super.fail(reason)
  }

  override toError(reason: Reason): RpcError {
    const { head, tail } = this
    if (tail === undefined && head === undefined) return super.toError(reason)
    const { call, ground } = this
    return new ClientFailure(call.method.fullName, ground.peer, reason, tail?.metadata, tail?.pushback, head?.metadata)
  }

  onInformational(): void {}

  onHeaders(headers: Headers, isLast: boolean): void {
    if (this.carrier !== undefined) this.carrier.isProven = true
    this.sender?.commit()
    const { accept, framing } = this.ground.wire.options
    if (isLast) {
      this.tail = ClientResponse.tail(headers)
      if (this.tail.status !== undefined) return
    }
    const head = ClientResponse.head(headers, accept, framing)
    this.head = head
    if (head.fault !== undefined) return this.stop(head.fault)
    if (isLast) return
    if (headers.get("grpc-status") !== undefined) this.early = headers
    this.onHead(head)
  }

  abstract onData(bytes: Buffer, start: number, end: number, isLast: boolean): void

  onEnd(trailers: Headers | undefined): void {
    const last = trailers ?? this.early
    if (last !== undefined) this.tail = ClientResponse.tail(last)
    this.onTail(this.tail)
  }

  onReset(fault: Http2Error.StreamFault): void {
    this.stream = undefined
    if (fault.unprocessed && this.replay()) return
    const canRepeat = this.sender === undefined
    const reason = ClientReason.ofReset(fault, this.call.deadline, this.ground.deadlines.now, canRepeat)
    this.release()
    this.break(reason)
  }

  onDrain(): void {
    this.sender?.onDrain()
  }

  /** The response begins. */
  protected abstract onHead(head: ClientResponse.Head): void

  /** The response has ended. */
  protected abstract onTail(tail: ClientResponse.Tail | undefined): void

  /** Ends the call with a failure, wherever it is. */
  protected abstract break(reason: Reason): void

  /** Ends the call with the failure of its stream of requests. */
  protected abstract breakWith(cause: Cause.Cause<unknown>): void

  /** Ends the call with a status, and the stream if it is open. */
  protected stop(status: Status.Status): void {
    this.release()
    this.break(ClientReason.ofOwn(status, this.call.deadline))
  }

  /** Bytes that make no sense, or too many; a value that cannot be sent. */
  protected onFault(error: unknown, what: "reply" | "request"): void {
    this.release()
    this.break(ClientReason.ofFault(error, what, this.call.deadline))
  }

  /** Lets go of the stream, which ends it unless it has ended. */
  protected release(): void {
    const { stream } = this
    this.stream = undefined
    this.sender?.stop()
    stream?.reset(Http2Error.cancel)
  }

  protected endWith(exit: Exit.Exit<Reply.Reply, RpcError>): void {
    if (this.isEnded) return
    this.interrupt()
    this.end(exit)
  }

  private sendOne(stream: HttpRequest, form: Form): void {
    if (form.isLarge) return this.sendLarge(stream, form)
    const writer = stream.beginData()
    const start = writer.position
    try {
      this.ground.wire.encode(writer, this.codec.request, this.call.payload, this.maxSend)
    } catch (error) {
      stream.cancelData()
      return this.onFault(error, "request")
    }
    form.isLarge = writer.position - start >= large
    stream.endData(true)
  }

  private sendLarge(stream: HttpRequest, form: Form): void {
    let bytes: Buffer
    try {
      bytes = this.ground.wire.encodeAlone(this.codec.request, this.call.payload, this.maxSend)
    } catch (error) {
      return this.onFault(error, "request")
    }
    form.isLarge = bytes.length >= large
    stream.write(bytes, true)
  }

  private sendCompressed(stream: HttpRequest, encoding: Compression.Encoding): void {
    const { wire } = this.ground
    try {
      wire.compress(encoding, wire.encodeMessage(this.codec.request, this.call.payload, this.maxSend), {
        onBytes: (bytes) => void stream.write(bytes, true),
        onFault: (error) => this.onFault(error, "request")
      })
    } catch (error) {
      this.onFault(error, "request")
    }
  }

  private get maxSend(): number {
    const { call, ground } = this
    const own = call.tags.size === 0 ? undefined : ClientOptions.maxSendOf(call)
    return own ?? ground.wire.options.maxSendMessageSize
  }

  private sendStream(stream: HttpRequest, encoding: Compression.Encoding | undefined): void {
    const { call, codec } = this
    const { wire } = this.ground
    this.sender ??= new ClientSender({
      requests: call.payload as Stream.Stream<unknown, unknown>,
      codec: codec.request,
      encoding,
      maxSize: this.maxSend,
      wire,
      onFailure: (cause) => {
        this.release()
        this.breakWith(cause)
      },
      onFault: (error) => this.onFault(error, "request")
    })
    this.sender.attach(stream, this.context)
  }

  /** Goes to another connection, if that can be done unnoticed. */
  private replay(): boolean {
    const { sender } = this
    if (this.head !== undefined || this.tail !== undefined || this.replays >= maxReplays) return false
    if (sender !== undefined && !sender.isReplayable) return false
    this.replays++
    sender?.detach()
    this.holder = undefined
    // Behind whatever ends the session now, so that the pool knows of it.
    queueMicrotask(() => {
      if (!this.isEnded) this.ground.sink.submit(this)
    })
    return true
  }
}
