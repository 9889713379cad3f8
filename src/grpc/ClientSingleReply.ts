/** A call with one message for a reply: unary, or with a stream of requests. */
import type * as Cause from "effect/Cause"
import * as Result from "effect/Result"
import * as Metadata from "../Metadata.ts"
import * as Metainfo from "../Metainfo.ts"
import type { Reason } from "../RpcError.ts"
import { ClientCall } from "./ClientCall.ts"
import * as ClientReason from "./ClientReason.ts"
import * as ClientResponse from "./ClientResponse.ts"
import * as Compression from "./Compression.ts"
import * as Envelope from "./Envelope.ts"
import * as Status from "./Status.ts"
import * as StatusCode from "./StatusCode.ts"

/** Succeeds with the message once the trailers have come, and fails where there is none or a second one. */
export class ClientSingleReply extends ClientCall {
  private value: unknown
  private count = 0
  private splitter: Envelope.Splitter | undefined
  /** A message is being decompressed on another thread. */
  private isWaiting = false
  private hasTail = false

  override onData(bytes: Buffer, start: number, end: number): void {
    if (end > start) this.early = undefined
    const size = end - start
    try {
      // Nearly always all of the reply comes at once.
      if (this.count === 0 && this.splitter === undefined && isWhole(bytes, start, end)) {
        if (size - Envelope.prefixSize > this.maxReceive) {
          throw Envelope.tooLarge(size - Envelope.prefixSize, this.maxReceive)
        }
        this.take(bytes, start + Envelope.prefixSize, end)
      } else this.split(bytes.subarray(start, end))
    } catch (error) {
      return this.onFault(error, "reply")
    }
    this.stream?.consume(size)
  }

  protected override onHead(): void {}

  protected override onTail(tail: ClientResponse.Tail | undefined): void {
    this.hasTail = true
    if (!this.isWaiting) this.settle(tail)
  }

  protected override break(reason: Reason): void {
    this.failNow(reason)
  }

  protected override breakWith(cause: Cause.Cause<unknown>): void {
    this.endWith(ClientReason.toOutcome(cause))
  }

  private split(chunk: Buffer): void {
    const messages: Array<Envelope.Message> = []
    this.splitter ??= new Envelope.Splitter(this.maxReceive)
    this.splitter.push(chunk, messages)
    for (const message of messages) {
      // A second one is not looked at: that there is one is the end of the call.
      if (this.count > 0 || this.isWaiting) this.count++
      else if (message.isCompressed) this.decompress(Envelope.bytesOf(message))
      else this.take(message.bytes, message.start, message.end)
    }
  }

  private take(bytes: Buffer, start: number, end: number): void {
    this.count++
    this.value = this.ground.wire.decode(this.codec.response, bytes, start, end)
  }

  private decompress(bytes: Buffer): void {
    this.isWaiting = true
    Compression.decompress(this.head!.encoding, bytes, this.maxReceive, {
      onBytes: (message) => {
        this.isWaiting = false
        if (this.isEnded) return
        try {
          this.take(message, 0, message.length)
        } catch (error) {
          return this.onFault(error, "reply")
        }
        if (this.hasTail) this.settle(this.tail)
      },
      onFault: (error) => {
        this.isWaiting = false
        if (!this.isEnded) this.onFault(error, "reply")
      }
    })
  }

  private settle(tail: ClientResponse.Tail | undefined): void {
    this.release()
    const status = tail?.status ?? ClientResponse.missingStatus
    if (status.code !== StatusCode.ok) return this.onStatus(status)
    if (this.splitter?.isMidway === true) return this.stop(endsMidway)
    if (this.count !== 1) return this.stop(this.count === 0 ? noMessage : manyMessages)
    this.reply(Result.succeed(this.value))
  }

  private onStatus(status: Status.Status): void {
    const declared = Status.toDeclared(this.codec.errors, status)
    if (declared === undefined) this.failNow(Status.toReason(status, this.call.deadline))
    else this.reply(Result.fail(declared))
  }

  private reply(result: Result.Result<unknown, unknown>): void {
    const { head, tail } = this
    const backward = tail?.backward ?? Metainfo.empty.transient
    this.succeed({
      result,
      metadata: head?.metadata ?? Metadata.empty,
      backward: head === undefined ? backward : ClientResponse.joinBackward(head.backward, backward),
      trailers: tail?.metadata ?? Metadata.empty
    })
  }
}

const isWhole = (bytes: Buffer, start: number, end: number): boolean =>
  end - start >= Envelope.prefixSize &&
  bytes[start] === 0 &&
  Envelope.sizeAt(bytes, start) === end - start - Envelope.prefixSize

/** What a response is told as whose body ends before the message that its prefix announced. */
export const endsMidway = Status.make(StatusCode.internal, "the response ends within a message")

// The codes are those of grpc/doc/statuscodes.md for a response of the wrong cardinality.
const noMessage = Status.make(
  StatusCode.unimplemented,
  "the response says OK and has no message, where one is expected"
)
const manyMessages = Status.make(StatusCode.unimplemented, "the response has several messages, where one is expected")
