/**
 * Serves contracts over gRPC, on an HTTP/2 engine of our own: over TCP (h2c with prior knowledge), Unix sockets and TLS.
 * Unary calls are answered in the tick in which they arrive, where their handlers end at once.
 */
import type { Socket } from "node:net"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scheduler from "effect/Scheduler"
import type * as Scope from "effect/Scope"
import { Endpoint } from "../Endpoint.ts"
import { Router } from "../Router.ts"
import * as Deadlines from "../transport/Deadlines.ts"
import * as Dispatcher from "../transport/Dispatcher.ts"
import * as DrainingServer from "../transport/DrainingServer.ts"
import type { Environment } from "../transport/http2/Http2Connection.ts"
import * as Http2Limits from "../transport/http2/Limits.ts"
import type * as Secure from "../transport/http2/Secure.ts"
import { ListenError, Listener } from "../transport/Listener.ts"
import { Writers } from "../transport/Outbox.ts"
import * as SocketServer from "../transport/SocketServer.ts"
import { Reader } from "../wire/Reader.ts"
import { Writer } from "../wire/Writer.ts"
import * as Compression from "./Compression.ts"
import * as Envelope from "./Envelope.ts"
import { isGrpcMethodCodec } from "./GrpcCodec.ts"
import type * as GrpcWeb from "./GrpcWeb.ts"
import * as Protobuf from "./Protobuf.ts"
import { type ReadWeb, RequestHeads, type Served } from "./RequestHead.ts"
import { ServerConnections } from "./ServerConnections.ts"
import type { Shared } from "./ServerShared.ts"
import * as ServerSockets from "./ServerSockets.ts"
import * as Status from "./Status.ts"
import * as StatusCode from "./StatusCode.ts"

/** All have defaults; `GrpcServer.layer()` listens on a free port. */
export interface Options extends SocketServer.Options {
  /** TLS with ALPN h2, and http/1.1 with `web`, as `node:tls` takes it: `key`, `cert`, and `ca` with `requestCert` for mutual TLS. Default plain text. */
  readonly tls?: Secure.ServerOptions | undefined
  /** Bytes of one received message, before and after decompression. Default 4 MiB; more is RESOURCE_EXHAUSTED. */
  readonly maxReceiveMessageSize?: number | undefined
  /** Bytes of one sent message, before compression. Default no limit; more is RESOURCE_EXHAUSTED. */
  readonly maxSendMessageSize?: number | undefined
  /** Nesting of messages. Default 100. */
  readonly maxDepth?: number | undefined
  /** What is compressed, and what is taken compressed. Default nothing and everything. */
  readonly compression?: Compression.Options | undefined
  /** Handlers running at once in all; calls beyond it are refused, safe to be sent again. Default 65,536. */
  readonly maxConcurrency?: number | undefined
  /** Calls of one connection at once. Default 1,000. */
  readonly maxConcurrentStreams?: number | undefined
  /** Looks after silent peers, and keeps them from looking too often. */
  readonly keepAlive?: KeepAlive | undefined
  /** A connection without a call for so long is closed. Default 10 minutes. */
  readonly maxConnectionIdle?: Duration.Input | undefined
  /** A connection so old, give or take a tenth, takes no further calls. Default infinite. */
  readonly maxConnectionAge?: Duration.Input | undefined
  /** What the calls of a connection that is too old are given to end. Default infinite. */
  readonly maxConnectionAgeGrace?: Duration.Input | undefined
  /** What a stopping server gives calls to end before it interrupts them. Default 10 seconds. */
  readonly drainTimeout?: Duration.Input | undefined
  /** A caller that cancels or is gone interrupts the handlers of its calls. Default true. */
  readonly interruptOnDisconnect?: boolean | undefined
  /**
   * gRPC-Web for browsers on the same port, over HTTP/2 and HTTP/1.1 (with TLS by ALPN), for pages of these origins. Default
   * none: neither gRPC-Web nor HTTP/1.1 is spoken.
   */
  readonly web?: GrpcWeb.Options | undefined
  /** Bounds of the HTTP/2 engine, for those who need others than the options above set. */
  readonly http2?: Http2Limits.Options | undefined
}

export interface KeepAlive {
  /** A peer that is silent for so long is sent a PING. Default 2 hours. */
  readonly interval?: Duration.Input | undefined
  /** One that does not answer it in this time is cut off. Default 20 seconds. */
  readonly timeout?: Duration.Input | undefined
  /** A peer that sends PINGs more often than this, without messages, is cut off: ENHANCE_YOUR_CALM, "too_many_pings". Default 5 ms. */
  readonly minInterval?: Duration.Input | undefined
}

/**
 * Starts to listen when it is built. On release it accepts no more, tells its peers to open no further calls (GOAWAY), lets
 * those that run end, interrupts what still runs after `drainTimeout`, answers it with UNAVAILABLE, and closes.
 */
export const layer = (options: Options = {}): Layer.Layer<Listener, ListenError, Endpoint | Router> =>
  Layer.effect(Listener, make(options)).pipe(Layer.provide(Deadlines.layer))

/** The server as a resource, for those who put layers together themselves. */
export const make = Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<Listener["Service"], ListenError, Endpoint | Router | Deadlines.Deadlines | Scope.Scope> {
  const deadlines = yield* Deadlines.Deadlines
  const dispatcher = new Dispatcher.Dispatcher(yield* Endpoint, deadlines, yield* Scheduler.Scheduler, {
    concurrency: options.maxConcurrency ?? Dispatcher.defaultOptions.concurrency,
    connectionConcurrency: Infinity
  })
  const connections = new ServerConnections()
  const accept = yield* makeAccept(options, dispatcher, connections)
  return yield* DrainingServer.listen(options, {
    dispatcher,
    connections,
    accept,
    drainTimeout: options.drainTimeout
  })
})

const makeAccept = Effect.fnUntraced(function* (
  options: Options,
  dispatcher: Dispatcher.Dispatcher,
  connections: ServerConnections
): Effect.fn.Return<(socket: Socket) => void, ListenError, Router | Deadlines.Deadlines> {
  const web = options.web === undefined ? undefined : yield* makeWeb(options.web, options)
  const shared = yield* makeShared(options, dispatcher, web?.read)
  const environment: Environment = {
    deadlines: shared.deadlines,
    writers: new Writers(),
    limits: limitsOf(options),
    logError: shared.logError
  }
  return yield* ServerSockets.acceptor(options, shared, environment, connections, web?.open(shared))
})

/** Loaded only here, so that servers without it do without node:http. */
const makeWeb = Effect.fnUntraced(function* (
  web: GrpcWeb.Options,
  options: Options
): Effect.fn.Return<GrpcWeb.GrpcWeb, ListenError> {
  const { check, make } = yield* Effect.promise(() => import("./GrpcWeb.ts"))
  const fault = check(web)
  if (fault !== undefined) {
    const code = `the options of gRPC-Web are refused: ${fault}`
    return yield* Effect.fail(new ListenError({ address: SocketServer.addressOf(options), code, cause: undefined }))
  }
  const { maxConnectionIdle } = options
  return make(web, maxConnectionIdle === undefined ? undefined : Duration.toMillis(maxConnectionIdle))
})

const makeShared = Effect.fnUntraced(function* (
  options: Options,
  dispatcher: Dispatcher.Dispatcher,
  readWeb: ReadWeb | undefined
): Effect.fn.Return<Shared, never, Router | Deadlines.Deadlines> {
  const router = yield* Router
  const fork = Effect.runForkWith(yield* Effect.context<never>())
  const { compression } = options
  const encodings = { send: compression?.send ?? [], accept: compression?.accept ?? Compression.all }
  return {
    dispatcher,
    deadlines: yield* Deadlines.Deadlines,
    heads: new RequestHeads(encodings, (path) => findServed(router, dispatcher, path), readWeb),
    reader: new Reader(undefined, { depth: options.maxDepth ?? Protobuf.limits.depth }),
    scratch: new Writer(),
    maxReceiveSize: options.maxReceiveMessageSize ?? Envelope.defaultMaxSize,
    maxSendSize: options.maxSendMessageSize ?? Infinity,
    compressFrom: compression?.threshold ?? Compression.defaultThreshold,
    interruptOnDisconnect: options.interruptOnDisconnect ?? true,
    logError: (message, defect) =>
      void fork(defect === undefined ? Effect.logError(message) : Effect.logError(message, defect))
  }
})

const limitsOf = (options: Options): Http2Limits.Limits => {
  const { keepAlive } = options
  const { minInterval } = keepAlive ?? {}
  return Http2Limits.make({
    maxConcurrentStreams: options.maxConcurrentStreams,
    idleTimeout: options.maxConnectionIdle === undefined ? undefined : Duration.toMillis(options.maxConnectionIdle),
    keepAliveInterval: Duration.toMillis(keepAlive?.interval ?? "2 hours"),
    keepAliveTimeout: Duration.toMillis(keepAlive?.timeout ?? "20 seconds"),
    keepAliveIdle: true,
    pings: minInterval === undefined ? undefined : { burst: 3, perSecond: 1000 / Duration.toMillis(minInterval) },
    ...options.http2
  })
}

const findServed = (
  router: Router["Service"],
  dispatcher: Dispatcher.Dispatcher,
  path: string
): Served | Status.Status => {
  const slash = path.indexOf("/", 1)
  const contract = path.slice(1, slash)
  const route = slash === -1 ? undefined : router.find(contract, path.slice(slash + 1))
  if (route === undefined || !isGrpcMethodCodec(route.method.codec) || route.method.codec.path !== path) {
    const isKnown = router.contracts().includes(contract)
    const detail = isKnown ? `${contract} has no method "${path.slice(slash + 1, 200)}"` : "unknown service"
    return Status.make(StatusCode.unimplemented, isKnown ? detail : `${detail} "${contract.slice(0, 200)}"`)
  }
  const { codec, kind } = route.method
  return {
    method: route.method,
    codec,
    context: dispatcher.contextOf(route),
    takesStream: kind === "clientStream" || kind === "bidiStream",
    givesStream: kind === "serverStream" || kind === "bidiStream"
  }
}
