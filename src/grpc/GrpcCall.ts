/** A call that a gRPC server runs, and how it is answered: headers, messages, trailers. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { isCodecError } from "../Codec.ts"
import type * as Metadata from "../Metadata.ts"
import type * as Metainfo from "../Metainfo.ts"
import * as Reply from "../Reply.ts"
import type { Outgoing } from "../ReplyMetadata.ts"
import { isRpcError, RpcError, StatusError } from "../RpcError.ts"
import type { Caller } from "../transport/Caller.ts"
import * as Http2Error from "../transport/http2/Http2Error.ts"
import type { HttpStream } from "../transport/HttpStream.ts"
import { ServerCall } from "../transport/ServerCall.ts"
import * as Compression from "./Compression.ts"
import * as Envelope from "./Envelope.ts"
import * as MetadataHeaders from "./MetadataHeaders.ts"
import * as MetainfoHeaders from "./MetainfoHeaders.ts"
import * as ReplyHeaders from "./ReplyHeaders.ts"
import type { RequestHead } from "./RequestHead.ts"
import type { Shared } from "./ServerShared.ts"
import * as Status from "./Status.ts"
import * as StatusCode from "./StatusCode.ts"

/** From so many bytes on, the messages of an array that are written so far make a frame. */
const frameAt = 12 * 1024

/** Milliseconds between two looks at an answer that waits for its reader. */
const guardInterval = 1000

const ok = Status.make(StatusCode.ok, "")

const none: Metainfo.Entries = new Map()

/** The message that a handler took last, or the only one. */
export interface Taken {
  readonly isCompressed: boolean
}

/** The server's side of a call, from the decoded request to the trailers. */
export class GrpcCall extends ServerCall {
  readonly isAwaited = true
  override readonly hasBody: boolean
  /** Messages of the answer are compressed, where an encoding was agreed on. */
  compresses = true
  /** undefined for a single message that came as it is. */
  readonly taken: Taken | undefined
  private readonly stream: HttpStream
  private readonly head: RequestHead
  private readonly shared: Shared
  private isBegun = false
  private wake: (() => void) | undefined

  constructor(
    shared: Shared,
    caller: Caller,
    stream: HttpStream,
    head: RequestHead,
    payload: unknown,
    deadline: number | undefined,
    taken: Taken | undefined
  ) {
    super(caller, head.served.method, payload, head.metadata, head.metainfo, deadline, head.attempt)
    this.shared = shared
    this.stream = stream
    this.head = head
    this.taken = taken
    this.hasBody = head.served.givesStream
    this.wake = undefined
  }

  override outgoing(): Outgoing {
    const outgoing = super.outgoing()
    outgoing.flush ??= () => void this.begin(outgoing.metadata)
    return outgoing
  }

  /** The caller is gone. */
  abandon(interrupt: boolean): void {
    this.answered = true
    if (interrupt) this.fiber?.interruptUnsafe()
    this.onDrain()
  }

  onDrain(): void {
    const { wake } = this
    this.wake = undefined
    wake?.()
  }

  override sendBody(reply: Reply.Reply): Effect.Effect<Reply.Reply, RpcError> {
    const { result } = reply
    if (Result.isFailure(result)) return Exit.succeed(reply)
    const values = result.success
    if (!Stream.isStream(values))
      return Effect.die(new Error(`${this.call.method.fullName}: the handler gave no stream`))
    const end = (result: Result.Result<unknown, unknown>) => Exit.succeed<Reply.Reply>({ ...reply, result })
    return Effect.matchEffect(
      Stream.runForEachArray(values as Stream.Stream<unknown, unknown>, (messages) => this.sendAll(reply, messages)),
      {
        onSuccess: () => end(Result.succeed(undefined)),
        onFailure: (error): Effect.Effect<Reply.Reply, RpcError> =>
          isRpcError(error) ? Exit.fail(error) : end(Result.fail(error))
      }
    )
  }

  onReply(reply: Reply.Reply): void {
    const answer = this.beside?.addTo(reply) ?? reply
    if (Result.isFailure(answer.result)) return this.finish(this.declared(answer.result.failure), answer)
    if (this.hasBody) {
      // An answer without messages still has its headers first.
      return this.begin(answer.metadata) ? this.finish(ok, answer) : undefined
    }
    const encoding = this.compresses ? this.head.replies.encoding : undefined
    if (!this.begin(answer.metadata)) return
    if (encoding !== undefined)
      return this.sendCompressed(encoding, answer.result.success, (fault) => this.finish(fault ?? ok, answer))
    this.finish(this.send(answer.result.success) ?? ok, answer)
  }

  onFailure({ reason }: RpcError): void {
    this.finish(Status.fromReason(reason), this.beside?.addTo(nothing) ?? nothing)
  }

  onDefect(): void {
    const detail = `${this.call.method.fullName}: internal error of the server`
    this.finish(Status.make(StatusCode.internal, detail), this.beside?.addTo(nothing) ?? nothing)
  }

  /** Sends the headers, unless they were. Answers whether messages may follow. */
  private begin(metadata: Metadata.Metadata): boolean {
    if (this.isBegun) return true
    this.isBegun = true
    let list: Array<string> | undefined
    if (metadata.entries.length > 0) {
      list = []
      const fault = MetadataHeaders.append(list, metadata) ?? this.stream.headerFault?.(this.head.replies.initial, list)
      if (fault !== undefined) {
        this.isBegun = false
        this.finish(
          this.report(`${this.call.method.fullName}: metadata of the reply cannot be sent: ${fault}`),
          nothing
        )
        return false
      }
    }
    this.stream.respond(this.head.replies.initial, list)
    return true
  }

  /** Sends the end of the answer. */
  private finish(status: Status.Status, reply: Reply.Reply): void {
    const { stream } = this
    if (stream.isEnded) return
    // Trailers would have to wait behind messages that the peer does not take.
    if (status.code !== StatusCode.ok && stream.isFull) return stream.reset(Http2Error.cancel)
    if (status === ok && reply.trailers.entries.length === 0 && reply.backward.size === 0) {
      stream.end(ReplyHeaders.trailersOf(StatusCode.ok))
    } else {
      this.finishWith(status, reply)
    }
    if (stream.ending !== undefined && this.deadline !== Infinity) this.guard()
  }

  private finishWith(status: Status.Status, { backward, metadata, trailers }: Reply.Reply, isShort = false): void {
    if (metadata.entries.length > 0 && !this.begin(metadata)) return
    const list: Array<string> = []
    let told = status
    const fault = MetadataHeaders.append(list, trailers)
    if (fault !== undefined) {
      list.length = 0
      told = this.report(`${this.call.method.fullName}: trailers of the reply cannot be sent: ${fault}`)
    }
    MetainfoHeaders.appendBackward(list, backward)
    ReplyHeaders.fields(told, list)
    const { stream } = this
    const prepared = this.isBegun ? ReplyHeaders.trailersOf(told.code) : this.head.replies.onlyOf(told.code)
    const excess = stream.headerFault?.(prepared, list)
    if (excess !== undefined) return isShort ? stream.reset(Http2Error.internalError) : this.finishShort(told, excess)
    if (this.isBegun) stream.end(prepared, list)
    else stream.respond(prepared, list, true)
  }

  /** Sends of an end that the peer would not take what it takes: the code, where there is an error, and why there is no more. */
  private finishShort({ code }: Status.Status, fault: string): void {
    const detail = `${this.call.method.fullName}: the end of the reply is cut short: ${fault}`
    const status = this.report(detail)
    this.finishWith(code === StatusCode.ok ? status : Status.make(code, detail), nothing, true)
  }

  /** What waits for a peer that does not read waits no longer than the peer said that it would. */
  private guard(): void {
    const { stream } = this
    const { deadlines } = this.shared
    // Nobody says when it has been read, so that one looks now and then; a timer until the deadline might outlive it for long.
    const at = Math.min(this.deadline, deadlines.now() + guardInterval)
    deadlines.schedule(at, () => {
      if (stream.ending === undefined) return
      if (at < this.deadline) this.guard()
      else stream.reset(Http2Error.cancel)
    })
  }

  /** Writes one message. Answers what is wrong with it. */
  private send(value: unknown): Status.Status | undefined {
    const { stream } = this
    if (stream.isEnded) return undefined
    const writer = stream.beginData()
    const start = Envelope.begin(writer)
    try {
      this.head.served.codec.response.encode(writer, value)
    } catch (error) {
      stream.cancelData()
      return this.unencodable(value, error)
    }
    const size = writer.position - start
    if (size > this.shared.maxSendSize) {
      stream.cancelData()
      return this.tooLarge(size)
    }
    Envelope.end(writer, start, false)
    stream.endData()
    return undefined
  }

  private sendCompressed(
    encoding: Compression.Encoding,
    value: unknown,
    done: (fault: Status.Status | undefined) => void
  ): void {
    const { scratch } = this.shared
    scratch.reset()
    try {
      this.head.served.codec.response.encode(scratch, value)
    } catch (error) {
      return done(this.unencodable(value, error))
    }
    if (scratch.position > this.shared.maxSendSize) return done(this.tooLarge(scratch.position))
    const bytes = scratch.toBytes()
    const sendBytes = (sent: Buffer, isCompressed: boolean) => {
      if (this.stream.isEnded) return done(undefined)
      const prefix = Buffer.allocUnsafe(Envelope.prefixSize)
      Envelope.writePrefix(prefix, 0, isCompressed, sent.length)
      this.stream.write(prefix)
      this.stream.write(sent)
      done(undefined)
    }
    if (bytes.length < this.shared.compressFrom) return sendBytes(bytes, false)
    Compression.compress(encoding, bytes, {
      onBytes: (sent) => sendBytes(sent, true),
      onFault: ({ status }) => done(status)
    })
  }

  /** Sends the messages of one array, and waits where the peer has to catch up. */
  private sendAll(reply: Reply.Reply, values: ReadonlyArray<unknown>): Effect.Effect<void, RpcError> {
    if (!this.isBegun && !this.begin(this.beside?.addTo(reply).metadata ?? reply.metadata)) return Effect.interrupt
    const encoding = this.compresses ? this.head.replies.encoding : undefined
    if (encoding !== undefined) return this.sendAllCompressed(encoding, values)
    const fault = this.writeAll(values)
    if (fault !== undefined) return this.failWith(fault)
    return this.stream.isFull ? this.drained() : Effect.void
  }

  /** In as few frames as make sense. */
  private writeAll(values: ReadonlyArray<unknown>): Status.Status | undefined {
    const { stream } = this
    const { response } = this.head.served.codec
    let fault: Status.Status | undefined
    for (let at = 0; at < values.length && fault === undefined && !stream.isEnded;) {
      const writer = stream.beginData()
      const from = writer.position
      while (at < values.length && writer.position - from < frameAt && fault === undefined) {
        const start = Envelope.begin(writer)
        const value = values[at++]
        try {
          response.encode(writer, value)
          const size = writer.position - start
          if (size > this.shared.maxSendSize) fault = this.tooLarge(size)
          else Envelope.end(writer, start, false)
        } catch (error) {
          fault = this.unencodable(value, error)
        }
        if (fault !== undefined) writer.position = start - Envelope.prefixSize
      }
      if (writer.position > from) stream.endData()
      else stream.cancelData()
    }
    return fault
  }

  private sendAllCompressed(
    encoding: Compression.Encoding,
    values: ReadonlyArray<unknown>
  ): Effect.Effect<void, RpcError> {
    return Effect.forEach(
      values,
      (value) =>
        Effect.andThen(
          Effect.callback<void, RpcError>((resume) =>
            this.sendCompressed(encoding, value, (fault) =>
              resume(fault === undefined ? Effect.void : this.failWith(fault))
            )
          ),
          Effect.suspend(() => (this.stream.isFull ? this.drained() : Effect.void))
        ),
      { discard: true }
    )
  }

  /** Waits until the peer has caught up. */
  private drained(): Effect.Effect<void> {
    return Effect.callback((resume) => {
      if (!this.stream.isFull || this.stream.state === "closed") return resume(Effect.void)
      this.wake = () => resume(Effect.void)
      return Effect.sync(() => {
        this.wake = undefined
      })
    })
  }

  private failWith({ code, message }: Status.Status): Effect.Effect<never, RpcError> {
    return Effect.fail(
      new RpcError({ method: this.call.method.fullName, reason: new StatusError({ code, detail: message }) })
    )
  }

  private declared(error: unknown): Status.Status {
    try {
      const status = Status.fromDeclared(this.head.served.codec.errors, error)
      if (status !== undefined) return status
    } catch (fault) {
      return this.unencodable(error, fault)
    }
    const detail = `${this.call.method.fullName}: the handler failed with an error that the method does not declare`
    this.shared.logError(detail, error)
    return Status.make(StatusCode.internal, detail)
  }

  private unencodable(value: unknown, error: unknown): Status.Status {
    const name = this.call.method.fullName
    if (value === undefined || value === null) return this.report(`${name}: the handler gave no result`)
    if (isCodecError(error)) return this.report(`${name}: the handler's result cannot be encoded: ${error.message}`)
    this.shared.logError(`${name}: the handler's result cannot be encoded`, error)
    return Status.make(StatusCode.internal, `${name}: the handler's result cannot be encoded`)
  }

  private tooLarge(size: number): Status.Status {
    const detail = `a message of ${size} bytes, where at most ${this.shared.maxSendSize} are sent; send less or raise the limit`
    return Status.make(StatusCode.resourceExhausted, detail)
  }

  private report(detail: string): Status.Status {
    this.shared.logError(detail)
    return Status.make(StatusCode.internal, detail)
  }
}

/** A reply with nothing in it, for failures that have none of their own. */
const nothing: Reply.Reply = { ...Reply.succeed(undefined), backward: none }
