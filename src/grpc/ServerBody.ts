/**
 * A request that is a stream of messages. They wait as bytes until the handler pulls; then all that have arrived are
 * decoded and handed over as one array, and the peer may send as many bytes again.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import { isCodecError } from "../Codec.ts"
import { type Reason, RpcError, StatusError } from "../RpcError.ts"
import type { HttpStream } from "../transport/HttpStream.ts"
import type { Reader } from "../wire/Reader.ts"
import * as Compression from "./Compression.ts"
import * as Envelope from "./Envelope.ts"
import type { RequestHead } from "./RequestHead.ts"
import * as Status from "./Status.ts"
import * as StatusCode from "./StatusCode.ts"

type Messages = readonly [unknown, ...Array<unknown>]

/** The messages of one request that have arrived and were not pulled yet, as bytes. */
export class ServerBody {
  readonly stream: Stream.Stream<unknown, RpcError>
  /** Whether the messages that were handed over last came compressed. */
  isCompressed = false
  private readonly http: HttpStream
  private readonly head: RequestHead
  private readonly reader: Reader
  private readonly maxSize: number
  private readonly splitter: Envelope.Splitter
  private messages: Array<Envelope.Message> = []
  /** Octets that the peer has sent and may not yet send again. */
  private held = 0
  private ended = false
  private fault: RpcError | undefined
  private wake: (() => void) | undefined

  constructor(http: HttpStream, head: RequestHead, reader: Reader, maxSize: number) {
    this.http = http
    this.head = head
    this.reader = reader
    this.maxSize = maxSize
    this.splitter = new Envelope.Splitter(maxSize)
    this.stream = Stream.fromPull(Effect.succeed(Effect.suspend(() => this.pull())))
  }

  onData(chunk: Buffer): void {
    if (this.fault !== undefined) return this.http.consume(chunk.length)
    this.held += chunk.length
    try {
      this.splitter.push(chunk, this.messages)
    } catch (error) {
      if (!(error instanceof Envelope.EnvelopeError)) throw error
      this.fail(toReason(error.status))
    }
    // A message that is larger than the window must be let in whole.
    if (this.messages.length === 0) this.release()
    else this.wake?.()
  }

  onEnd(): void {
    this.ended = true
    if (this.splitter.isMidway) this.fail(toReason(cutOff))
    this.wake?.()
  }

  /** What has arrived whole is still handed over. */
  fail(reason: Reason): void {
    this.fault ??= new RpcError({ method: this.head.served.method.fullName, reason })
    this.wake?.()
  }

  private release(): void {
    const { held } = this
    this.held = 0
    this.http.consume(held)
  }

  private pull(): Effect.Effect<Messages, RpcError | Cause.Done> {
    if (this.messages.length > 0) return this.take()
    if (this.fault !== undefined) return Effect.fail(this.fault)
    if (this.ended) return Cause.done()
    // The fiber may yield before it waits, and then what it waits for may be there already.
    return Effect.flatMap(this.arrival, () => this.pull())
  }

  private readonly arrival: Effect.Effect<void> = Effect.callback((resume) => {
    if (this.messages.length > 0 || this.ended || this.fault !== undefined) return resume(Effect.void)
    this.wake = () => {
      this.wake = undefined
      resume(Effect.void)
    }
    return Effect.sync(() => {
      this.wake = undefined
    })
  })

  private take(): Effect.Effect<Messages, RpcError> {
    const { messages } = this
    this.messages = []
    if (messages.some(({ isCompressed }) => isCompressed)) return this.takeCompressed(messages)
    this.isCompressed = false
    this.release()
    const values: Array<unknown> = []
    try {
      for (const { bytes, end, start } of messages) values.push(this.decode(bytes, start, end))
    } catch (error) {
      return this.undecodable(values, error)
    }
    return Exit.succeed(values as unknown as Messages)
  }

  /**
   * Of compressed messages no more than one limit's worth is opened at a time. Until the last of them is, the peer may not
   * send as much again: otherwise it could send far faster than the messages, which grow, are taken. Those of one array are
   * all compressed, or none is, so that a handler may know which.
   */
  private takeCompressed(messages: Array<Envelope.Message>): Effect.Effect<Messages, RpcError> {
    const { held } = this
    this.held = 0
    this.isCompressed = messages[0]!.isCompressed
    const values: Array<unknown> = []
    const next = (at: number, size: number): Effect.Effect<Messages, RpcError> => {
      if (at === messages.length) {
        this.http.consume(held)
        return Exit.succeed(values as unknown as Messages)
      }
      if (size >= this.maxSize || messages[at]!.isCompressed !== this.isCompressed) {
        this.held += held
        this.messages = [...messages.slice(at), ...this.messages]
        return Exit.succeed(values as unknown as Messages)
      }
      return Effect.flatMap(this.open(messages[at]!), (bytes) => {
        try {
          values.push(this.decode(bytes, 0, bytes.length))
        } catch (error) {
          return this.undecodable(values, error)
        }
        return next(at + 1, size + bytes.length)
      })
    }
    return next(0, 0)
  }

  private open(message: Envelope.Message): Effect.Effect<Buffer, RpcError> {
    const bytes = Envelope.bytesOf(message)
    if (!message.isCompressed) return Exit.succeed(bytes)
    return Effect.callback((resume) =>
      Compression.decompress(this.head.encoding, bytes, this.maxSize, {
        onBytes: (opened) => resume(Exit.succeed(opened)),
        onFault: ({ status }) => {
          this.fail(toReason(status))
          resume(Effect.fail(this.fault!))
        }
      })
    )
  }

  private decode(bytes: Buffer, start: number, end: number): unknown {
    this.reader.reset(bytes, start, end)
    return this.head.served.codec.request.decode(this.reader)
  }

  /** Those before the broken one are handed over, and the next pull fails. */
  private undecodable(values: Array<unknown>, error: unknown): Effect.Effect<Messages, RpcError> {
    if (!isCodecError(error)) return Effect.die(error)
    this.fail(toReason(Status.make(StatusCode.internal, `a message cannot be decoded: ${error.message}`)))
    this.messages = []
    return values.length > 0 ? Exit.succeed(values as unknown as Messages) : Effect.fail(this.fault!)
  }
}

const cutOff = Status.make(StatusCode.internal, "the request ends inside a message")

const toReason = ({ code, message }: Status.Status): StatusError => new StatusError({ code, detail: message })
