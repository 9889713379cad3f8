/**
 * Sends the body of a call whose requests are a stream: one array of messages at a time, as fast as the peer takes them. It
 * outlives the HTTP/2 stream that it writes to: until the peer has answered, what was sent is kept, so that a call that the
 * peer has provably not looked at goes to another connection unnoticed.
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import type { HttpRequest } from "../transport/HttpSession.ts"
import type { ClientWire } from "./ClientWire.ts"
import type * as Compression from "./Compression.ts"
import type { ProtobufCodec } from "./GrpcCodec.ts"

/** Messages that are kept at most, and their bytes; beyond them the call cannot be sent anew. */
const maxKept = 1024
const maxKeptBytes = 1024 * 1024

/** A frame of DATA gets no further message above so many bytes. */
const fullFrame = 8 * 1024

/** Whose requests are sent, and who hears that they cannot be. */
export interface Options {
  readonly requests: Stream.Stream<unknown, unknown>
  readonly codec: ProtobufCodec<unknown>
  readonly encoding: Compression.Encoding | undefined
  readonly maxSize: number
  readonly wire: ClientWire
  /** The stream of requests failed. */
  readonly onFailure: (cause: Cause.Cause<unknown>) => void
  /** A message cannot be encoded. */
  readonly onFault: (error: unknown) => void
}

/** The requests of one call, on the HTTP/2 stream that the call has at the time. */
export class ClientSender {
  /** Messages are compressed, where the call has an encoding. */
  compresses = true
  private readonly options: Options
  private stream: HttpRequest | undefined
  /** How to make the bytes of what was sent so far. */
  private kept: Array<() => Buffer> | undefined = []
  private keptBytes = 0
  private fiber: Fiber.Fiber<void, unknown> | undefined
  private isComplete = false
  /** Bytes wait for the peer. */
  private isFull = false
  private onRoom: (() => void) | undefined
  private isStopped = false

  constructor(options: Options) {
    this.options = options
  }

  /** Whether what was sent so far can be sent again. */
  get isReplayable(): boolean {
    return this.kept !== undefined
  }

  /** Writes to `stream` from here on, first what another stream was sent. */
  attach(stream: HttpRequest, context: Context.Context<never>): void {
    this.stream = stream
    this.isFull = false
    if (this.fiber === undefined) return this.run(context)
    // What the peer does not take at once waits at the stream.
    for (const make of this.kept ?? []) this.isFull = !stream.write(make())
    if (this.isComplete) stream.end()
    else if (!this.isFull) this.wake()
  }

  /** The stream is gone; another one comes. */
  detach(): void {
    this.stream = undefined
  }

  /** The peer has looked at the call: nothing is sent again. */
  commit(): void {
    this.kept = undefined
  }

  /** The peer takes more. */
  onDrain(): void {
    this.isFull = false
    this.wake()
  }

  /** Ends the stream of requests at once. */
  stop(): void {
    this.stream = this.kept = undefined
    this.isStopped = true
    if (!this.isComplete) this.fiber?.interruptUnsafe()
  }

  /** The stream of requests has ended, its finalizers with it. To be awaited after `stop`. */
  get ended(): Effect.Effect<void> {
    return this.fiber === undefined ? Effect.void : Effect.asVoid(Fiber.await(this.fiber))
  }

  private run(context: Context.Context<never>): void {
    const { encoding, onFailure, requests } = this.options
    const own = encoding === undefined ? context : Context.add(context, Current, this)
    const fiber = Effect.runForkWith(own)(Stream.runForEachArray(requests, (messages) => this.send(messages, 0)))
    this.fiber = fiber
    fiber.addObserver((exit) => {
      this.isComplete = true
      if (this.isStopped) return
      if (Exit.isSuccess(exit)) this.stream?.end()
      else onFailure(exit.cause)
    })
    // It may have been stopped by what it ran into at once.
    if (this.isStopped) fiber.interruptUnsafe()
  }

  /** While there is no stream, there is no bound: then it is one message at most. */
  private keep(size: number, make: () => Buffer): void {
    if (this.kept === undefined) return
    this.keptBytes += size
    const isTooMuch = this.kept.length >= maxKept || this.keptBytes > maxKeptBytes
    if (isTooMuch && this.stream !== undefined) this.kept = undefined
    else this.kept.push(make)
  }

  private send(messages: NonEmptyReadonlyArray<unknown>, from: number): Effect.Effect<void> {
    const { encoding } = this.options
    if (encoding !== undefined) {
      return Effect.forEach(messages, (message) => this.sendCompressed(encoding, message), { discard: true })
    }
    let at: number
    try {
      at = this.write(messages, from)
    } catch (error) {
      this.options.onFault(error)
      return Effect.never
    }
    if (at === messages.length && !this.isFull) return Effect.void
    return Effect.flatMap(this.room, () => (at === messages.length ? Effect.void : this.send(messages, at)))
  }

  /** Answers how many messages are written when the peer takes no more for now. */
  private write(messages: ReadonlyArray<unknown>, from: number): number {
    let at = from
    while (at < messages.length) {
      const { stream } = this
      if (stream === undefined || stream.isEnded) {
        this.isFull = true
        return at
      }
      at = this.writeFrame(stream, messages, at)
      if (stream.endData()) continue
      this.isFull = true
      return at
    }
    return at
  }

  private writeFrame(stream: HttpRequest, messages: ReadonlyArray<unknown>, from: number): number {
    const { codec, maxSize, wire } = this.options
    const writer = stream.beginData()
    const start = writer.position
    let at = from
    try {
      do {
        const message = messages[at++]
        const before = writer.position
        wire.encode(writer, codec, message, maxSize)
        if (this.kept !== undefined)
          this.keep(writer.position - before, () => wire.encodeAlone(codec, message, maxSize))
      } while (at < messages.length && writer.position - start < fullFrame)
    } catch (error) {
      stream.cancelData()
      throw error
    }
    return at
  }

  private sendCompressed(encoding: Compression.Encoding, message: unknown): Effect.Effect<void> {
    const { codec, maxSize, onFault, wire } = this.options
    return Effect.callback((resume) => {
      const onBytes = (bytes: Buffer) => {
        const { stream } = this
        this.keep(bytes.length, () => bytes)
        if (stream === undefined || stream.isEnded || !stream.write(bytes)) this.isFull = true
        resume(this.isFull ? this.room : Effect.void)
      }
      try {
        if (!this.compresses) return onBytes(wire.encodeAlone(codec, message, maxSize))
        wire.compress(encoding, wire.encodeMessage(codec, message, maxSize), { onBytes, onFault })
      } catch (error) {
        onFault(error)
      }
    })
  }

  /** Until the peer takes more. When the call ends instead, this is interrupted. */
  private readonly room: Effect.Effect<void> = Effect.callback((resume) => {
    if (!this.isFull) return resume(Effect.void)
    this.onRoom = () => resume(Effect.void)
    return undefined
  })

  private wake(): void {
    const { onRoom } = this
    this.onRoom = undefined
    onRoom?.()
  }
}

/** What sends the stream of requests that is running, where its call has an encoding. */
export const Current = Context.Reference<ClientSender | undefined>("volant/grpc/ClientSender/Current", {
  defaultValue: () => undefined
})
