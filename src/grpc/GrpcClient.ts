/**
 * Calls gRPC services, over an HTTP/2 engine of our own: provides the `Connector` that balancers, or `Direct`, open links
 * with. A unary call costs one object; bodies that stream move in arrays, no faster than they are read.
 *
 * ```ts
 * import * as Layer from "effect/Layer"
 * import { GrpcClient } from "volant/grpc"
 * import { Direct } from "volant/transport"
 *
 * export const endpoint = Direct.layer("127.0.0.1:50051").pipe(
 *   Layer.provide(GrpcClient.layer({ waitForReady: true, keepAlive: { interval: "5 minutes" } }))
 * )
 * ```
 */
import type { Socket } from "node:net"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import type { Address, Instance } from "../discovery/Instance.ts"
import type { Endpoint } from "../Endpoint.ts"
import type * as Method from "../Method.ts"
import { ProtocolError, RpcError } from "../RpcError.ts"
import * as Backoff from "../transport/Backoff.ts"
import { Connector, type Link } from "../transport/Connector.ts"
import { Deadlines, layer as layerDeadlines } from "../transport/Deadlines.ts"
import * as Dial from "../transport/Dial.ts"
import { ClientSession } from "../transport/http2/ClientSession.ts"
import * as HpackEncoder from "../transport/http2/HpackEncoder.ts"
import type { Environment } from "../transport/http2/Http2Connection.ts"
import * as Limits from "../transport/http2/Limits.ts"
import type { HttpListener } from "../transport/HttpSession.ts"
import { Writers } from "../transport/Outbox.ts"
import { type Opening, Pool } from "../transport/Pool.ts"
import type { Ground } from "./ClientCall.ts"
import { ClientConnection } from "./ClientConnection.ts"
import * as ClientDial from "./ClientDial.ts"
import * as ClientOptions from "./ClientOptions.ts"
import * as ClientRun from "./ClientRun.ts"
import { ClientWaiting } from "./ClientWaiting.ts"
import { ClientWire, type Options as WireOptions } from "./ClientWire.ts"
import * as Compression from "./Compression.ts"
import * as Envelope from "./Envelope.ts"
import { isGrpcMethodCodec } from "./GrpcCodec.ts"
import * as UserAgent from "./UserAgent.ts"

export { metadata, pushback, trailers } from "./ClientFailure.ts"
export {
  withCompression,
  withMaxReceiveMessageSize,
  withMaxSendMessageSize,
  withWaitForReady
} from "./ClientOptions.ts"

/** All have defaults. */
export interface Options {
  /** TLS 1.2 or later with ALPN h2: `ca`, `servername`, and `cert` and `key` for mutual TLS. Default plain text. */
  readonly tls?: ClientDial.Tls | undefined
  /** The `:authority` of requests. Default the instance's address, and `localhost` for a Unix socket. */
  readonly authority?: string | undefined
  /** What stands in `user-agent` before our own, printable ASCII. */
  readonly userAgent?: string | undefined
  /** Bounds one attempt to connect: TCP, TLS and the peer's first word. Default 5 seconds. */
  readonly connectTimeout?: Duration.Input | undefined
  /** Pauses between failed attempts to connect; meanwhile calls fail at once with the error of the last. */
  readonly reconnect?: Backoff.Options | undefined
  readonly pool?: PoolOptions | undefined
  readonly keepAlive?: KeepAlive | undefined
  /** Calls wait, up to their deadline, while there is no connection, nor an instance to connect to. Default false. */
  readonly waitForReady?: boolean | undefined
  /** Bytes of one message that is received, after decompression. Default 4 MiB. */
  readonly maxReceiveMessageSize?: number | undefined
  /** Bytes of one message that is sent, before compression. Default unbounded. */
  readonly maxSendMessageSize?: number | undefined
  readonly compression?: Compression.Options | undefined
  /** Limits of the HTTP/2 connections that are not named here. */
  readonly http2?: Limits.Options | undefined
}

/** Connections to one instance. */
export interface PoolOptions {
  /** More than one is opened when the peer takes no more streams on those that there are. Default 4. */
  readonly maxConnections?: number | undefined
  /** Calls that may wait for a connection or a stream; more fail with Overloaded. Default 16,384. */
  readonly maxQueued?: number | undefined
  /** A connection without calls is closed after this time, or up to half as long again. Default 5 minutes. */
  readonly idleTimeout?: Duration.Input | undefined
}

/** PING frames that find out whether a silent peer is there. gRPC servers object to more than one in some minutes. */
export interface KeepAlive {
  /** Silence after which a PING is sent. Default never. */
  readonly interval: Duration.Input
  /** Within which it must be answered; otherwise the connection is closed. Default 20 seconds. */
  readonly timeout?: Duration.Input | undefined
  /** Also while there are no calls. Default false. */
  readonly withoutCalls?: boolean | undefined
}

/**
 * The connector of one client. What it opens fails with `RpcError`s that name the method and the instance. A `userAgent` or an
 * `authority` that no header may hold is a defect of the layer.
 */
export const layer = (options?: Options): Layer.Layer<Connector> =>
  Layer.effect(Connector, make(options)).pipe(Layer.provide(layerDeadlines))

/** What the links of one client share. */
interface Shared {
  readonly options: Options | undefined
  readonly wire: WireOptions
  readonly environment: Environment
  readonly dialer: (address: Address) => Socket
  readonly random: () => number
}

const make = Effect.fnUntraced(function* (options: Options | undefined) {
  const deadlines = yield* Deadlines
  const random = yield* Random.Random
  const fork = Effect.runForkWith(yield* Effect.context<never>())
  const fault = HpackEncoder.check(["user-agent", options?.userAgent ?? "", ":authority", options?.authority ?? ""])
  if (fault !== undefined) return yield* Effect.die(new TypeError(fault))
  const shared: Shared = {
    options,
    wire: makeWireOptions(options),
    environment: {
      deadlines,
      writers: new Writers(),
      limits: makeLimits(options),
      logError: (message, defect) => void fork(Effect.logError(message, defect))
    },
    dialer: yield* Dial.Dialer,
    random: () => random.nextDoubleUnsafe()
  }
  const waitForReady = options?.waitForReady ?? false
  return Connector.of({
    waits: (call) => ClientOptions.waitsForReady(call) ?? waitForReady,
    open: (instance) =>
      Effect.acquireRelease(
        Effect.sync(() => makeLink(shared, instance)),
        (link) => Effect.sync(link.close)
      )
  })
})

const makeWireOptions = (options: Options | undefined): WireOptions => ({
  framing: "grpc",
  userAgent: UserAgent.make(version, options?.userAgent),
  send: options?.compression?.send?.[0],
  accept: options?.compression?.accept ?? Compression.all,
  threshold: options?.compression?.threshold ?? Compression.defaultThreshold,
  maxSendMessageSize: options?.maxSendMessageSize ?? Infinity,
  maxReceiveMessageSize: options?.maxReceiveMessageSize ?? Envelope.defaultMaxSize
})

/** In `user-agent`. */
const version = "0.1.0"

const makeLimits = (options: Options | undefined): Limits.Limits => {
  const { keepAlive } = options ?? {}
  return Limits.make({
    handshakeTimeout: connectTimeoutOf(options),
    // The pool closes what is idle.
    idleTimeout: Infinity,
    // A server may end as many calls in this way as there are calls.
    resets: { burst: Infinity, perSecond: 0 },
    ...(keepAlive === undefined
      ? {}
      : {
          keepAliveInterval: Duration.toMillis(keepAlive.interval),
          keepAliveTimeout: Duration.toMillis(keepAlive.timeout ?? "20 seconds"),
          keepAliveIdle: keepAlive.withoutCalls ?? false
        }),
    ...options?.http2
  })
}

const connectTimeoutOf = (options: Options | undefined): number =>
  Duration.toMillis(options?.connectTimeout ?? "5 seconds")

const maxQueuedOf = (options: Options | undefined): number => options?.pool?.maxQueued ?? 16_384

const makePool = (shared: Shared, instance: Instance): Pool => {
  const { environment, options } = shared
  const maxQueued = maxQueuedOf(options)
  // One connection is enough for all, until the peer says that it takes fewer streams.
  let concurrency = maxQueued
  const onStreams = (max: number) => {
    concurrency = Math.min(max, maxQueued)
  }
  const pool: Pool = new Pool({
    maxConnections: options?.pool?.maxConnections ?? 4,
    get concurrency() {
      return concurrency
    },
    maxQueued,
    idleTimeout: Duration.toMillis(options?.pool?.idleTimeout ?? "5 minutes"),
    backoff: Backoff.make(options?.reconnect),
    dial: (opening) => dial(shared, instance.address, opening, pool, onStreams),
    deadlines: environment.deadlines,
    random: shared.random
  })
  return pool
}

const makeLink = (shared: Shared, instance: Instance): Link & { readonly close: () => void } => {
  const { environment, options } = shared
  const { deadlines } = environment
  const pool = makePool(shared, instance)
  const waiting = new ClientWaiting(pool, deadlines, maxQueuedOf(options))
  const ground: Ground = {
    peer: instance.key,
    wire: new ClientWire(shared.wire, options?.tls === undefined ? "http" : "https", authorityOf(options, instance)),
    sink: pool,
    waiting,
    waitForReady: options?.waitForReady ?? false,
    deadlines
  }
  const endpoint: Endpoint["Service"] = (call) =>
    isGrpcMethodCodec(call.method.codec) ? ClientRun.run(call, ground) : notGrpc(call.method, instance.key)
  return {
    endpoint,
    inFlight: () => pool.inFlight,
    isReachable: () => pool.isReachable(),
    close: () => {
      pool.close()
      waiting.close()
    }
  }
}

/** Done when TCP, TLS and the peer's SETTINGS are; all within one time. */
const dial = (
  shared: Shared,
  address: Address,
  opening: Opening,
  pool: Pool,
  onStreams: (max: number) => void
): (() => void) => {
  const { dialer, environment, options } = shared
  let giveUp = ClientDial.open(dialer, address, options?.tls, connectTimeoutOf(options), environment.deadlines, {
    onOpen: (socket) => {
      const speak = (hears: HttpListener) => new ClientSession(socket, environment, hears)
      const connection = new ClientConnection(speak, pool, opening, onStreams)
      giveUp = () => connection.giveUp()
    },
    onFailure: opening.onFailure
  })
  return () => giveUp()
}

const authorityOf = (options: Options | undefined, { address, key }: Instance): string =>
  options?.authority ?? (address._tag === "Unix" ? "localhost" : key)

const notGrpc = (method: Method.Any, peer: string) =>
  Effect.fail(
    new RpcError({
      method: method.fullName,
      peer,
      reason: new ProtocolError({
        detail: `a gRPC client cannot send this method, whose codec is of "${method.codec.protocol}"`
      })
    })
  )
