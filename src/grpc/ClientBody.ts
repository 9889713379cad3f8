/**
 * The body of a streamed reply: a pull hands over, as one array, all messages that arrived since the last one, and only then
 * is the peer allowed to send as much again.
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Cause from "effect/Cause"
import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Envelope from "./Envelope.ts"

type Messages = NonEmptyReadonlyArray<unknown>
type Outcome = Exit.Exit<Messages, unknown>

/** How decoding ends. */
export type Decoded = (decoded: Outcome, rest: ReadonlyArray<Envelope.Message>) => void

/** What a body needs of its call. */
export interface Source {
  /** Tells the peer that so many bytes were taken. */
  readonly consume: (size: number) => void
  /**
   * Decodes messages and answers with them in their order, at once or later, or with why one cannot be. `rest` are those that
   * were left for the next time, since decompressed messages may be much larger than what has arrived.
   */
  readonly decode: (messages: ReadonlyArray<Envelope.Message>, done: Decoded) => void
  /** Somebody reads it from here on, until `close`. */
  readonly claim: () => void
  /** Nobody reads it any more: ends the call unless it has ended, and waits for what belongs to it. */
  readonly close: Effect.Effect<void>
}

/** The messages that have arrived and were not pulled yet, as bytes. */
export class ClientBody {
  private readonly source: Source
  private readonly splitter: Envelope.Splitter
  private messages: Array<Envelope.Message> = []
  /** Bytes that were received and not consumed. */
  private unread = 0
  private end: Outcome | undefined
  private waiter: ((outcome: Outcome) => void) | undefined
  private isDecoding = false

  constructor(source: Source, maxSize: number) {
    this.source = source
    this.splitter = new Envelope.Splitter(maxSize)
  }

  /** A message has begun and not ended. */
  get isMidway(): boolean {
    return this.splitter.isMidway
  }

  /** Throws `EnvelopeError`. */
  push(bytes: Buffer, start: number, end: number): void {
    if (this.end !== undefined) return
    this.unread += end - start
    this.splitter.push(bytes.subarray(start, end), this.messages)
    if (this.waiter !== undefined) this.take()
  }

  /** Nothing more comes. What arrived before is read first. */
  finish(cause?: Cause.Cause<unknown>): void {
    if (this.end !== undefined) return
    this.end = cause === undefined ? done : Exit.failCause(cause)
    if (this.isDecoding) return
    if (this.messages.length === 0) this.tell(this.end)
    else if (this.waiter !== undefined) this.take()
  }

  /** Ends it at once; what was not read is lost. */
  break(cause: Cause.Cause<unknown>): void {
    this.messages = []
    this.end = Exit.failCause(cause)
    this.tell(this.end)
  }

  /** To be run once. */
  get stream(): Stream.Stream<unknown, unknown> {
    return Stream.fromChannel(
      Channel.fromTransform((_: unknown, scope: Scope.Scope) =>
        Effect.suspend(() => {
          this.source.claim()
          return Effect.as(Scope.addFinalizer(scope, this.source.close), this.pull)
        })
      )
    ) as Stream.Stream<unknown, unknown>
  }

  private readonly forget: Effect.Effect<void> = Effect.sync(() => {
    this.waiter = undefined
  })

  private readonly pull: Pull.Pull<Messages, unknown> = Effect.callback((resume) => {
    this.waiter = resume
    if (this.isDecoding) return this.forget
    if (this.messages.length > 0) this.take()
    else if (this.end !== undefined) this.tell(this.end)
    else this.consume()
    return this.forget
  }) as Pull.Pull<Messages, unknown>

  /**
   * Somebody waits. A message in pieces needs the window that its first ones took. While messages are left for the next
   * time, the peer may not send as much again: otherwise it could send far faster than messages that grow are taken.
   */
  private take(): void {
    if (this.isDecoding) return
    const { messages, unread } = this
    if (messages.length === 0) return this.consume()
    this.messages = []
    this.unread = 0
    this.isDecoding = true
    this.source.decode(messages, (decoded, rest) => {
      this.isDecoding = false
      if (rest.length > 0) {
        this.unread += unread
        this.messages = [...rest, ...this.messages]
      } else if (unread > 0) this.source.consume(unread)
      if (Exit.isFailure(decoded)) this.break(decoded.cause)
      else this.tell(decoded)
    })
  }

  private consume(): void {
    const { unread } = this
    this.unread = 0
    if (unread > 0) this.source.consume(unread)
  }

  private tell(outcome: Outcome): void {
    const { waiter } = this
    this.waiter = undefined
    waiter?.(outcome)
  }
}

const done: Outcome = Exit.failCause(Cause.fail(Cause.Done()))
