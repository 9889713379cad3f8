/**
 * One unary call on its way through a pool and a connection. It ends once: with a reply, a failure, at its deadline, or
 * when its caller is interrupted; whoever holds it then (a queue, a table of sequence ids) lets it go.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Call } from "../Call.ts"
import type { Reply } from "../Reply.ts"
import { DeadlineExceeded, type Reason, RpcError, Unavailable } from "../RpcError.ts"
import type { Deadlines, Timer } from "./Deadlines.ts"

/** Where an exchange waits. */
export interface Holder {
  /** The exchange ended by itself: nobody waits for its reply. */
  readonly withdraw: (exchange: Exchange) => void
}

/** Counts the exchanges of one link that have not ended. */
export interface Load {
  inFlight: number
}

/** The call, who waits for it, and where it is. What ends it second does nothing. */
export class Exchange {
  readonly call: Call
  /** On its connection. */
  sequenceId = 0
  /** Which write of its connection its bytes are in. */
  batch = 0
  holder: Holder | undefined
  private readonly peer: string
  private readonly load: Load
  private readonly resume: (exit: Exit.Exit<Reply, RpcError>) => void
  private timer: Timer | undefined
  private ended = false

  constructor(call: Call, peer: string, load: Load, resume: (exit: Exit.Exit<Reply, RpcError>) => void) {
    this.call = call
    this.peer = peer
    this.load = load
    this.resume = resume
    load.inFlight++
  }

  succeed(reply: Reply): void {
    if (this.leave()) this.resume(Exit.succeed(reply))
  }

  fail(reason: Reason): void {
    if (this.leave()) this.resume(Exit.fail(this.toError(reason)))
  }

  toError(reason: Reason): RpcError {
    return new RpcError({ method: this.call.method.fullName, peer: this.peer, reason })
  }

  /** Ends it at `deadline`, milliseconds since the epoch, unless something else does before. */
  bound(deadlines: Deadlines["Service"], deadline: number): void {
    this.timer = deadlines.schedule(deadline, () => this.expire(deadline))
  }

  /** The caller is gone. */
  interrupt(): void {
    if (this.leave()) this.holder?.withdraw(this)
  }

  get isEnded(): boolean {
    return this.ended
  }

  private expire(deadline: number): void {
    if (!this.leave()) return
    this.holder?.withdraw(this)
    this.resume(Exit.fail(this.toError(new DeadlineExceeded({ deadline }))))
  }

  private leave(): boolean {
    if (this.ended) return false
    this.ended = true
    this.load.inFlight--
    this.timer?.cancel()
    return true
  }
}

/** What takes exchanges in: a pool. */
export interface Sink extends Load {
  /** Either ends the exchange or keeps it, and is then its holder. */
  readonly submit: (exchange: Exchange) => void
}

/** A call as an Effect: one exchange, and nothing else is made for it. */
export const run = (
  call: Call,
  peer: string,
  sink: Sink,
  deadlines: Deadlines["Service"]
): Effect.Effect<Reply, RpcError> =>
  Effect.callback((resume) => {
    const exchange = new Exchange(call, peer, sink, resume)
    const deadline = call.deadline
    if (deadline !== undefined) {
      if (deadline <= deadlines.now()) return exchange.fail(new DeadlineExceeded({ deadline }))
      exchange.bound(deadlines, deadline)
    }
    sink.submit(exchange)
    return exchange.isEnded ? undefined : Effect.sync(() => exchange.interrupt())
  })

/** There was no connection, so that the call may be sent again. */
export const unsent = (detail: string, cause?: unknown): Unavailable =>
  new Unavailable({ unsent: true, detail, cause, noConnection: true })
