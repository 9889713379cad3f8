/** Serves calls that arrive over one of Effect's own protocols: through the endpoint, as calls of any transport. */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type { Headers } from "effect/http/Headers"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import * as Call from "../Call.ts"
import type { Endpoint } from "../Endpoint.ts"
import * as MetainfoHeaders from "../grpc/MetainfoHeaders.ts"
import * as Metadata from "../Metadata.ts"
import type * as Method from "../Method.ts"
import * as Reply from "../Reply.ts"
import { Outgoing } from "../ReplyMetadata.ts"
import type { Route } from "../Router.ts"
import { ApplicationError, DeadlineExceeded, RpcError } from "../RpcError.ts"
import * as StreamMethod from "../StreamMethod.ts"
import * as ApplicationException from "../thrift/ApplicationException.ts"
import type { Deadlines, Timer } from "../transport/Deadlines.ts"

/** What a handler stands on. */
export interface Server {
  readonly endpoint: Endpoint["Service"]
  readonly deadlines: Deadlines["Service"]
}

/** As an `RpcGroup` wants a handler. */
export type RpcHandler = (
  payload: unknown,
  options: { readonly headers: Headers }
) => Effect.Effect<unknown, unknown> | Stream.Stream<unknown, unknown>

/**
 * The handler of one method. `route` is the method's in the router; without one the endpoint says what is missing. `isError`
 * knows what the method may fail with: anything else, and a defect, is logged, and the caller hears of an internal error.
 */
export const make = (
  server: Server,
  method: Method.Any,
  route: Route | undefined,
  isError: (u: unknown) => boolean
): RpcHandler => {
  const context = route?.context ?? Context.empty()
  const conceal = (cause: Cause.Cause<unknown>): Effect.Effect<never, unknown> =>
    Cause.hasInterruptsOnly(cause) ||
    cause.reasons.some((reason) => Cause.isFailReason(reason) && isError(reason.error))
      ? Effect.failCause(cause)
      : Effect.andThen(Effect.logError(`${method.fullName}: the handler broke`, cause), Effect.fail(broken(method)))
  return (payload, { headers }) => {
    const call = new RpcCall(server.deadlines, route?.method ?? method, payload, headers)
    const started = Effect.suspend(() => server.endpoint(call.call))
    const own = Effect.withFiber((fiber) => Effect.succeed(contextOf(fiber, context, call)))
    if (method.kind === "serverStream") {
      const body = Stream.unwrap(Effect.map(started, StreamMethod.toStream))
      const bounded = Stream.catchCause(Stream.interruptWhen(body, call.expiry), (cause) =>
        Stream.fromEffect(conceal(cause))
      )
      return Stream.unwrap(Effect.map(own, (services) => Stream.provideContext(bounded, services)))
    }
    const reply = Effect.raceFirst(Effect.flatMap(started, Reply.toEffect), call.expiry)
    const running = Effect.flatMap(own, (services) =>
      Effect.provideContext(Effect.catchCause(reply, conceal), services)
    )
    return method.kind === "oneway" ? Effect.ignore(running) : running
  }
}

const broken = (method: Method.Any): RpcError =>
  new RpcError({
    method: method.fullName,
    reason: new ApplicationError({
      code: ApplicationException.internalError,
      detail: `${method.fullName}: internal error of the server`
    })
  })

/** The services that the handlers were built with, and of the running request its span and its scope. */
const contextOf = (
  fiber: Fiber.Fiber<unknown, unknown>,
  context: Context.Context<never>,
  call: RpcCall
): Context.Context<never> => {
  let own: Context.Context<never> = Context.add(context, Call.Current, call.call)
  const span = Context.getOrUndefined(fiber.context, Tracer.ParentSpan)
  if (span !== undefined) own = Context.add(own, Tracer.ParentSpan, span)
  const scope = Context.getOrUndefined(fiber.context, Scope.Scope)
  return scope === undefined ? own : Context.add(own, Scope.Scope, scope)
}

/** A call in flight, with the deadline that middleware may set. Effect's protocols carry none, nor metadata of replies. */
class RpcCall implements Call.InFlight {
  readonly call: Call.Call
  /** Effect's servers interrupt what runs; they do not drain. */
  readonly draining: Effect.Effect<void> = Effect.never
  private readonly deadlines: Deadlines["Service"]
  private deadline = Infinity
  private timer: Timer | undefined
  private onExpired: (() => void) | undefined
  private beside: Outgoing | undefined

  constructor(deadlines: Deadlines["Service"], method: Method.Any, payload: unknown, headers: Headers) {
    this.deadlines = deadlines
    const metainfo = new MetainfoHeaders.Collected()
    const fields = Object.entries(headers).filter(([name, value]) => !metainfo.take(name, value))
    this.call = {
      ...Call.make(method, payload),
      metadata: Metadata.fromEntries(fields),
      metainfo: metainfo.metainfo,
      inFlight: this
    }
  }

  /** Fails once the deadline has passed. */
  readonly expiry: Effect.Effect<never, RpcError> = Effect.callback((resume) => {
    this.onExpired = () => resume(Exit.fail(this.expired()))
    this.arm()
    return Effect.sync(() => {
      this.onExpired = undefined
      this.timer?.cancel()
    })
  })

  bound(deadline: number): void {
    if (deadline >= this.deadline) return
    this.deadline = deadline
    this.arm()
  }

  outgoing(): Outgoing {
    return (this.beside ??= new Outgoing())
  }

  private arm(): void {
    this.timer?.cancel()
    const { onExpired } = this
    if (onExpired !== undefined) this.timer = this.deadlines.schedule(this.deadline, onExpired)
  }

  private expired(): RpcError {
    return new RpcError({
      method: this.call.method.fullName,
      reason: new DeadlineExceeded({ deadline: this.deadline })
    })
  }
}
