/** One call that a server received, from dispatch to its answer. A protocol extends it with how the answer is sent. */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Call from "../Call.ts"
import type * as Metadata from "../Metadata.ts"
import type * as Metainfo from "../Metainfo.ts"
import type * as Method from "../Method.ts"
import type { Reply } from "../Reply.ts"
import { Outgoing } from "../ReplyMetadata.ts"
import type { RpcError } from "../RpcError.ts"
import type { Caller } from "./Caller.ts"
import type { Timer } from "./Deadlines.ts"

/** One of `onReply`, `onFailure` and `onDefect` is called, once; none when the caller waited for it and has left. */
export abstract class ServerCall implements Call.InFlight {
  readonly call: Call.Call
  readonly caller: Caller
  /** Somebody waits for the answer. A call that nobody waits for runs on when its caller leaves. */
  abstract readonly isAwaited: boolean
  /** The answer has a body to be sent once the handler has given its reply: `sendBody` does that. */
  readonly hasBody: boolean = false
  /** When the handler ends at the latest, milliseconds since the epoch. */
  deadline: number
  /** Of the handler, once it has turned out that it does not end at once. */
  fiber: Fiber.Fiber<Reply, RpcError> | undefined
  timer: Timer | undefined
  answered = false
  /** What the handler sends beside its reply; undefined is nothing. */
  beside: Outgoing | undefined
  /** Neighbours among the running calls of the caller. */
  next: ServerCall | undefined
  previous: ServerCall | undefined

  constructor(
    caller: Caller,
    method: Method.Any,
    payload: unknown,
    metadata: Metadata.Metadata,
    metainfo: Metainfo.Metainfo,
    deadline: number | undefined,
    attempt = 0
  ) {
    this.caller = caller
    this.deadline = deadline ?? Infinity
    this.call = {
      method,
      payload,
      metadata,
      metainfo,
      deadline,
      attempt,
      tried: Call.noTried,
      hashKey: undefined,
      tags: Call.noTags,
      instance: undefined,
      peer: caller.address,
      identity: caller.identity,
      inFlight: this
    }
    this.fiber = undefined
    this.timer = undefined
    this.beside = undefined
    this.next = undefined
    this.previous = undefined
  }

  bound(deadline: number): void {
    if (deadline >= this.deadline) return
    this.deadline = deadline
    if (this.fiber !== undefined) this.caller.rearm(this)
  }

  get draining(): Effect.Effect<void> {
    return this.caller.draining
  }

  outgoing(): Outgoing {
    return (this.beside ??= new Outgoing())
  }

  /**
   * Sends the body of a reply, in the fiber of the call: deadline, interruption and count last until it is through. A body
   * that ends with a declared error succeeds with a reply that says so.
   */
  sendBody(reply: Reply): Effect.Effect<Reply, RpcError> {
    return Effect.succeed(reply)
  }

  abstract onReply(reply: Reply): void

  /** The call failed: by its handler, by middleware, or because the server gave up on it. */
  abstract onFailure(error: RpcError): void

  /** The handler broke. It has been logged, and is nothing to tell the peer. */
  abstract onDefect(): void
}
