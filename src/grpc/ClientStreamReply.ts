/**
 * A call with a stream of messages for a reply. It succeeds when the response begins, with the stream; a call that fails
 * before that fails as a unary one does, so that it may be retried. From then on the stream owns the call's lifetime, and the
 * deadline still holds.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { Call } from "../Call.ts"
import * as Metadata from "../Metadata.ts"
import * as Metainfo from "../Metainfo.ts"
import type * as Reply from "../Reply.ts"
import { DeadlineExceeded, type Reason, type RpcError } from "../RpcError.ts"
import type { Timer } from "../transport/Deadlines.ts"
import { ClientBody, type Decoded, type Source } from "./ClientBody.ts"
import { ClientCall, type Ground } from "./ClientCall.ts"
import * as ClientReason from "./ClientReason.ts"
import * as ClientResponse from "./ClientResponse.ts"
import { endsMidway } from "./ClientSingleReply.ts"
import * as Compression from "./Compression.ts"
import * as Envelope from "./Envelope.ts"
import * as Status from "./Status.ts"
import * as StatusCode from "./StatusCode.ts"

/** Succeeds with a stream once the headers have come. */
export class ClientStreamReply extends ClientCall implements Source {
  private body: ClientBody | undefined
  private bodyTimer: Timer | undefined
  private readonly fiber: Fiber.Fiber<unknown, unknown>
  private unobserve: (() => void) | undefined
  /** The response has begun, and neither its end nor a failure has come. */
  private isOpen = false

  constructor(
    call: Call,
    ground: Ground,
    end: (exit: Exit.Exit<Reply.Reply, RpcError>) => void,
    fiber: Fiber.Fiber<unknown, unknown>
  ) {
    super(call, ground, end, fiber.context)
    this.fiber = fiber
  }

  override onData(bytes: Buffer, start: number, end: number): void {
    if (end > start) this.early = undefined
    try {
      this.body?.push(bytes, start, end)
    } catch (error) {
      this.onFault(error, "reply")
    }
  }

  protected override onHead(head: ClientResponse.Head): void {
    const { deadline } = this.call
    const { deadlines, sink } = this.ground
    const body = new ClientBody(this, this.maxReceive)
    this.body = body
    // The exchange ends here, and with it its timer and its place in the load: the body has its own.
    this.isOpen = true
    sink.inFlight++
    if (deadline !== undefined) this.bodyTimer = deadlines.schedule(deadline, () => this.expireBody(deadline))
    // A reply that nobody begins to read must not stay for ever.
    this.unobserve = this.fiber.addObserver(() => this.cancel())
    this.succeed(new StreamedReply(body, head, () => this.tail))
  }

  protected override onTail(tail: ClientResponse.Tail | undefined): void {
    const isMidway = this.body?.isMidway === true
    this.release()
    const status = tail?.status ?? ClientResponse.missingStatus
    if (status.code !== StatusCode.ok) return this.onStatus(status)
    if (isMidway) return this.stop(endsMidway)
    if (this.body === undefined) this.succeed(emptyReply(tail))
    else if (this.endBody()) this.body.finish()
  }

  protected override break(reason: Reason): void {
    if (this.body === undefined) return this.failNow(reason)
    if (this.endBody()) this.body.finish(Cause.fail(this.toError(reason)))
  }

  protected override breakWith(cause: Cause.Cause<unknown>): void {
    if (this.body === undefined) this.endWith(ClientReason.toOutcome(cause))
    else if (this.endBody()) this.body.break(cause)
  }

  // The source of its body.

  consume(size: number): void {
    this.stream?.consume(size)
  }

  claim(): void {
    this.unobserve?.()
    this.unobserve = undefined
  }

  readonly close: Effect.Effect<void> = Effect.suspend(() => {
    this.cancel()
    return this.sender?.ended ?? Effect.void
  })

  decode(messages: ReadonlyArray<Envelope.Message>, done: Decoded): void {
    this.decodeFrom(messages, 0, { values: [], inflated: 0 }, done)
  }

  private decodeFrom(messages: ReadonlyArray<Envelope.Message>, from: number, batch: Batch, done: Decoded): void {
    let at = from
    try {
      // What is small may become large, so that as much as one message may have is enough at a time.
      for (; at < messages.length && batch.inflated < this.maxReceive; at++) {
        const message = messages[at]!
        if (!message.isCompressed) batch.values.push(this.decodeOne(message.bytes, message.start, message.end))
        else if (!this.inflate(message, batch, () => this.decodeFrom(messages, at + 1, batch, done), done)) return
      }
    } catch (error) {
      return this.undecodable(error, done)
    }
    done(Exit.succeed(batch.values as [unknown, ...Array<unknown>]), messages.slice(at))
  }

  /** Answers whether it was done at once; otherwise `resume` follows, unless it fails. */
  private inflate(message: Envelope.Message, batch: Batch, resume: () => void, done: Decoded): boolean {
    let isLater = false
    let isDone = false
    Compression.decompress(this.head!.encoding, Envelope.bytesOf(message), this.maxReceive, {
      onBytes: (bytes) => {
        batch.inflated += bytes.length
        try {
          batch.values.push(this.decodeOne(bytes, 0, bytes.length))
        } catch (error) {
          return this.undecodable(error, done)
        }
        if (isLater) resume()
        else isDone = true
      },
      onFault: (error) => this.undecodable(error, done)
    })
    isLater = true
    return isDone
  }

  private decodeOne(bytes: Buffer, start: number, end: number): unknown {
    return this.ground.wire.decode(this.codec.response, bytes, start, end)
  }

  /** The call may have ended well meanwhile, but its reader has not come to that. */
  private undecodable(error: unknown, done: Decoded): void {
    this.endBody()
    this.release()
    done(Exit.fail(this.toError(ClientReason.ofFault(error, "reply", this.call.deadline))), [])
  }

  private onStatus(status: Status.Status): void {
    const declared = Status.toDeclared(this.codec.errors, status)
    const reason = () => Status.toReason(status, this.call.deadline)
    if (this.body === undefined) {
      if (declared === undefined) this.failNow(reason())
      else this.succeed({ ...emptyReply(this.tail), result: Result.fail(declared) })
    } else if (this.endBody()) this.body.finish(Cause.fail(declared ?? this.toError(reason())))
  }

  /** Answers whether it was open. */
  private endBody(): boolean {
    if (!this.isOpen) return false
    this.isOpen = false
    this.ground.sink.inFlight--
    this.bodyTimer?.cancel()
    this.claim()
    return true
  }

  /** Nobody reads on. */
  private cancel(): void {
    if (this.endBody()) this.release()
  }

  private expireBody(deadline: number): void {
    if (!this.endBody()) return
    this.release()
    this.body?.break(Cause.fail(this.toError(new DeadlineExceeded({ deadline }))))
  }
}

/** Messages that are handed over together. */
interface Batch {
  readonly values: Array<unknown>
  /** Bytes of those that came compressed. */
  inflated: number
}

const emptyReply = (tail: ClientResponse.Tail | undefined): Reply.Reply => ({
  result: Result.succeed(Stream.empty),
  metadata: Metadata.empty,
  backward: tail?.backward ?? Metainfo.empty.transient,
  trailers: tail?.metadata ?? Metadata.empty
})

/** What comes behind the messages is known when they are over. */
class StreamedReply implements Reply.Reply {
  readonly result: Result.Result<unknown, unknown>
  readonly metadata: Metadata.Metadata
  private readonly head: ClientResponse.Head
  private readonly tail: () => ClientResponse.Tail | undefined

  constructor(body: ClientBody, head: ClientResponse.Head, tail: () => ClientResponse.Tail | undefined) {
    this.result = Result.succeed(body.stream)
    this.metadata = head.metadata
    this.head = head
    this.tail = tail
  }

  get backward(): Metainfo.Entries {
    return ClientResponse.joinBackward(this.head.backward, this.tail()?.backward ?? Metainfo.empty.transient)
  }

  get trailers(): Metadata.Metadata {
    return this.tail()?.metadata ?? Metadata.empty
  }
}
