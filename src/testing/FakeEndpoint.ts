/**
 * An endpoint that answers no call by itself: a test takes each call and answers it by hand, so that it reads as a
 * dialogue between what is above the endpoint and what would be below.
 *
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as Fiber from "effect/Fiber"
 * import type { Call } from "volant"
 * import { FakeEndpoint } from "volant/testing"
 *
 * const test = Effect.fnUntraced(function* (call: Call.Call) {
 *   const fake = yield* FakeEndpoint.make
 *   const running = yield* Effect.forkChild(fake.endpoint(call))
 *   const first = yield* fake.next
 *   yield* first.reply({ title: "Hello" })
 *   return yield* Fiber.join(running)
 * })
 * ```
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import type { Call } from "../Call.ts"
import { Endpoint } from "../Endpoint.ts"
import type * as Method from "../Method.ts"
import * as Reply from "../Reply.ts"
import { isRpcError, type Reason, RpcError } from "../RpcError.ts"

/** The handle of one fake endpoint. */
export interface FakeEndpoint {
  /** What middleware under test wrap. */
  readonly endpoint: Endpoint["Service"]
  /** The same endpoint as a layer, for whole client stacks. */
  readonly layer: Layer.Layer<Endpoint>
  /** Takes the next call, waiting until one arrives. Calls come in the order of their arrival. */
  readonly next: Effect.Effect<FakeCall>
  /** Takes the next call, which has to be one of `method`, and knows its types. Another method is a defect of the test. */
  readonly nextOf: <K extends Method.Kind, Req, Res, E>(
    method: Method.Method<K, Req, Res, E>
  ) => Effect.Effect<FakeCall<Req, Res, E>>
  /** Every call that ever arrived, taken or not. */
  readonly calls: ReadonlyArray<FakeCall>
  /** How many calls have neither an answer nor been interrupted. */
  readonly waiting: () => number
}

/**
 * One call that arrived, to be answered once. Answering an interrupted call does nothing, as a late reply does nothing;
 * answering twice is a defect of the test. A call that is never answered waits until it is interrupted.
 */
export interface FakeCall<out Req = unknown, in Res = any, in E = any> {
  /** All of the call: deadline, attempt, metadata, tags. */
  readonly call: Call
  readonly payload: Req
  /** Answers with a success. */
  readonly reply: (value: Res) => Effect.Effect<void>
  /** Answers with an exception that the IDL declares. */
  readonly declared: (error: E) => Effect.Effect<void>
  /** Answers with a reply that has metadata, backward entries or trailers. */
  readonly replyWith: (reply: Reply.Reply) => Effect.Effect<void>
  /** Fails the call. A bare reason gets the call's method. */
  readonly fail: (error: RpcError | Reason) => Effect.Effect<void>
  /** Completes when whoever made the call is interrupted, and at once if that has happened. Never otherwise. */
  readonly interrupted: Effect.Effect<void>
  readonly state: () => State
}

/** Of a call: only one that is waiting can be answered. */
export type State = "waiting" | "answered" | "interrupted"

class Handle implements FakeCall {
  readonly call: Call
  readonly interrupted: Effect.Effect<void>
  private current: State = "waiting"
  private readonly resume: (exit: Exit.Exit<Reply.Reply, RpcError>) => void
  private readonly interruption = Deferred.makeUnsafe<void>()

  constructor(call: Call, resume: (exit: Exit.Exit<Reply.Reply, RpcError>) => void) {
    this.call = call
    this.resume = resume
    this.interrupted = Deferred.await(this.interruption)
  }

  get payload(): unknown {
    return this.call.payload
  }

  state = (): State => this.current
  reply = (value: unknown) => this.replyWith(Reply.succeed(value))
  declared = (error: unknown) => this.replyWith(Reply.fail(error))
  replyWith = (reply: Reply.Reply) => this.answer(Exit.succeed(reply))
  fail = (error: RpcError | Reason) =>
    this.answer(
      Exit.fail(isRpcError(error) ? error : new RpcError({ method: this.call.method.fullName, reason: error }))
    )

  interruptUnsafe(): void {
    this.current = "interrupted"
    Deferred.doneUnsafe(this.interruption, Exit.void)
  }

  private answer(exit: Exit.Exit<Reply.Reply, RpcError>): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.current === "interrupted") return Effect.void
      if (this.current === "answered") return Effect.die(new Error(`${this.call.method.fullName} is answered already`))
      this.current = "answered"
      this.resume(exit)
      return Effect.void
    })
  }
}

/** A fake endpoint with no calls yet. */
export const make: Effect.Effect<FakeEndpoint> = Effect.map(Queue.unbounded<FakeCall>(), (arrivals) => {
  const calls: Array<FakeCall> = []
  const endpoint: Endpoint["Service"] = (call) =>
    Effect.callback((resume) => {
      const handle = new Handle(call, resume)
      calls.push(handle)
      Queue.offerUnsafe(arrivals, handle)
      return Effect.sync(() => handle.interruptUnsafe())
    })
  const next = Queue.take(arrivals)
  return {
    endpoint,
    layer: Layer.succeed(Endpoint, endpoint),
    next,
    nextOf: (method) => Effect.flatMap(next, (handle) => expect(handle, method)) as Effect.Effect<FakeCall<any>>,
    calls,
    waiting: () => calls.filter((call) => call.state() === "waiting").length
  }
})

const expect = (handle: FakeCall, method: Method.Any): Effect.Effect<FakeCall> =>
  handle.call.method === method
    ? Effect.succeed(handle)
    : Effect.die(new Error(`expected a call of ${method.fullName}, but ${handle.call.method.fullName} was called`))
