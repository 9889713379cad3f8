/**
 * A client and a server in one process without a network between them: calls go through the same dispatcher, codecs,
 * deadlines and interruption as over sockets, and nothing depends on ports or time.
 *
 * ```ts
 * import { Layer, Router } from "volant"
 * import { Timeout } from "volant/resilience"
 * import { Loopback } from "volant/testing"
 *
 * // Where `ItemService.client` would need a transport. The timeout is a middleware of the server.
 * const transport = (ItemsLive: Layer.Layer<never, never, Router.Router>) =>
 *   Loopback.layer().pipe(
 *     Layer.provide(Timeout.layer("1 second")),
 *     Layer.provide(Router.layer(ItemsLive))
 *   )
 * ```
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scheduler from "effect/Scheduler"
import type * as Scope from "effect/Scope"
import type { Call } from "../Call.ts"
import { isCodecError } from "../Codec.ts"
import { Endpoint } from "../Endpoint.ts"
import * as Reply from "../Reply.ts"
import { type Route, Router } from "../Router.ts"
import { ApplicationError, ProtocolError, type Reason, RpcError } from "../RpcError.ts"
import * as ApplicationException from "../thrift/ApplicationException.ts"
import { isThriftMethodCodec, type Protocol } from "../thrift/ThriftCodec.ts"
import { ThriftCall } from "../thrift/ThriftCall.ts"
import type { Caller } from "../transport/Caller.ts"
import { Connector } from "../transport/Connector.ts"
import * as Deadlines from "../transport/Deadlines.ts"
import * as Dispatcher from "../transport/Dispatcher.ts"
import { ServerCall } from "../transport/ServerCall.ts"
import { Reader } from "../wire/Reader.ts"
import { Writer } from "../wire/Writer.ts"

/** How a loopback carries calls. */
export interface Options {
  /**
   * How values cross: as the bytes of a Thrift protocol, which finds values that cannot be encoded, or as they are, for
   * methods of any protocol. Default `binary`.
   */
  readonly codec?: Protocol | "none" | undefined
}

/** A server without a network, from its client's side. */
export interface Loopback {
  /** The client's side. */
  readonly endpoint: Endpoint["Service"]
  /** Calls whose handlers run now. */
  readonly inFlight: () => number
}

/** What a client stands on: takes the router, and the server's middleware over it, as a server does. */
export const layer = (options?: Options): Layer.Layer<Endpoint, never, Endpoint | Router> =>
  Layer.effect(
    Endpoint,
    Effect.map(make(options), ({ endpoint }) => endpoint)
  ).pipe(Layer.provide(Deadlines.layer))

/** The same below a balancer: every instance is this server. */
export const layerConnector = (options?: Options): Layer.Layer<Connector, never, Endpoint | Router> =>
  Layer.effect(
    Connector,
    Effect.map(make(options), (loopback) => Connector.of({ open: () => Effect.succeed(loopback) }))
  ).pipe(Layer.provide(Deadlines.layer))

/** Closing the scope interrupts what runs. */
export const make = Effect.fnUntraced(function* (
  options?: Options
): Effect.fn.Return<Loopback, never, Endpoint | Router | Deadlines.Deadlines | Scope.Scope> {
  const deadlines = yield* Deadlines.Deadlines
  const scheduler = yield* Scheduler.Scheduler
  const router = yield* Router
  const dispatcher = new Dispatcher.Dispatcher(yield* Endpoint, deadlines, scheduler, Dispatcher.defaultOptions)
  yield* Effect.addFinalizer(() =>
    Effect.andThen(
      Effect.sync(() => dispatcher.stop()),
      dispatcher.idle
    )
  )
  const caller = dispatcher.caller("loopback", () => {})
  const crossing = options?.codec === "none" ? asIs : asBytes(options?.codec ?? "binary")
  const endpoint = (call: Call) =>
    Effect.callback<Reply.Reply, RpcError>((resume) => {
      const route = router.find(call.method.contract, call.method.name)
      if (route === undefined) return resume(Exit.fail(unknownMethod(call)))
      const running = send(call, route, caller, crossing, resume)
      if (running instanceof RpcError) return resume(Exit.fail(running))
      dispatcher.run(running, dispatcher.contextOf(route))
      if (!running.isAwaited) return resume(Exit.succeed(Reply.succeed(undefined)))
      return Effect.sync(() => running.abandon())
    })
  return { endpoint, inFlight: () => dispatcher.running }
})

/** How values get from one side to the other. They throw `CodecError`. */
interface Crossing {
  readonly request: (route: Route, call: Call) => unknown
  readonly reply: (route: Route, reply: Reply.Reply) => Reply.Reply
  readonly failure: (reason: Reason) => Reason
}

const asIs: Crossing = {
  request: (_route, call) => call.payload,
  reply: (_route, reply) => reply,
  failure: (reason) => reason
}

const asBytes = (protocol: Protocol): Crossing => ({
  request: (route, call) => {
    const writer = new Writer(256)
    codecOf(call).arguments[protocol].encode(writer, call.payload)
    return codecOf(route).arguments[protocol].decode(new Reader(writer.toBytes()))
  },
  reply: (route, reply) => {
    const writer = new Writer(256)
    const codec = codecOf(route).result[protocol]
    codec.encode(writer, reply.result)
    return { ...reply, result: codec.decode(new Reader(writer.toBytes())) }
  },
  // What a peer is told is less than what the server knows; that its own time is up a client knows by itself.
  failure: (reason) =>
    reason._tag === "DeadlineExceeded"
      ? reason
      : new ApplicationError({
          code: ApplicationException.codeOf(reason),
          detail: ApplicationException.messageOf(reason)
        })
})

const codecOf = ({ method }: Pick<Call, "method">) => {
  if (isThriftMethodCodec(method.codec)) return method.codec
  throw new Error(`${method.fullName} has no Thrift codec; use Loopback with codec "none"`)
}

const send = (
  call: Call,
  route: Route,
  caller: Caller,
  crossing: Crossing,
  resume: (exit: Exit.Exit<Reply.Reply, RpcError>) => void
): LoopbackCall | RpcError => {
  try {
    return new LoopbackCall(call, route, crossing.request(route, call), caller, crossing, resume)
  } catch (error) {
    if (!isCodecError(error)) throw error
    const detail = `the request cannot be encoded: ${error.message}`
    return new RpcError({ method: call.method.fullName, reason: new ProtocolError({ detail }) })
  }
}

const unknownMethod = (call: Call): RpcError =>
  new RpcError({
    method: call.method.fullName,
    peer: "loopback",
    reason: new ApplicationError({
      code: ApplicationException.unknownMethod,
      detail: `unknown method "${call.method.name}"`
    })
  })

class LoopbackCall extends ServerCall {
  readonly isAwaited: boolean
  private readonly route: Route
  private readonly crossing: Crossing
  private readonly resume: (exit: Exit.Exit<Reply.Reply, RpcError>) => void

  constructor(
    call: Call,
    route: Route,
    payload: unknown,
    caller: Caller,
    crossing: Crossing,
    resume: (exit: Exit.Exit<Reply.Reply, RpcError>) => void
  ) {
    super(caller, route.method, payload, call.metadata, call.metainfo, call.deadline)
    this.isAwaited = route.method.kind !== "oneway"
    this.route = route
    this.crossing = crossing
    this.resume = resume
  }

  onReply(reply: Reply.Reply): void {
    if (!this.isAwaited) return
    try {
      this.resume(Exit.succeed(this.crossing.reply(this.route, this.beside?.addTo(reply) ?? reply)))
    } catch (error) {
      this.fail(new ApplicationError(ThriftCall.unencodable(this.route.method, reply.result, error)))
    }
  }

  onFailure(error: RpcError): void {
    this.fail(this.crossing.failure(error.reason))
  }

  onDefect(): void {
    const detail = `${this.call.method.fullName}: internal error of the server`
    this.fail(new ApplicationError({ code: ApplicationException.internalError, detail }))
  }

  /** The client waits no more. */
  abandon(): void {
    this.answered = true
    this.fiber?.interruptUnsafe()
  }

  private fail(reason: Reason): void {
    if (this.isAwaited) {
      this.resume(Exit.fail(new RpcError({ method: this.call.method.fullName, peer: "loopback", reason })))
    }
  }
}
