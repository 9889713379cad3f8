/** The links of a gRPC client: a pool of connections to each instance, and the calls that go through it. */
import type { Socket } from "node:net"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { Address, Instance } from "../discovery/Instance.ts"
import type { Endpoint } from "../Endpoint.ts"
import type * as Method from "../Method.ts"
import { ProtocolError, RpcError } from "../RpcError.ts"
import * as Backoff from "../transport/Backoff.ts"
import { Connector, type Link } from "../transport/Connector.ts"
import { Deadlines } from "../transport/Deadlines.ts"
import * as Dial from "../transport/Dial.ts"
import * as HpackEncoder from "../transport/http2/HpackEncoder.ts"
import type { Environment } from "../transport/http2/Http2Connection.ts"
import * as Limits from "../transport/http2/Limits.ts"
import type * as Secure from "../transport/http2/Secure.ts"
import type { HttpListener, HttpSession } from "../transport/HttpSession.ts"
import { Writers } from "../transport/Outbox.ts"
import { type Opening, Pool } from "../transport/Pool.ts"
import type { Ground } from "./ClientCall.ts"
import { ClientConnection, type Wishes } from "./ClientConnection.ts"
import * as ClientDial from "./ClientDial.ts"
import * as ClientOptions from "./ClientOptions.ts"
import * as ClientRun from "./ClientRun.ts"
import { ClientWaiting } from "./ClientWaiting.ts"
import { ClientWire, type Options as WireOptions } from "./ClientWire.ts"
import * as Compression from "./Compression.ts"
import type * as ContentType from "./ContentType.ts"
import * as Envelope from "./Envelope.ts"
import type { Options } from "./GrpcClient.ts"
import { isGrpcMethodCodec } from "./GrpcCodec.ts"
import * as UserAgent from "./UserAgent.ts"

/** How calls travel. */
export interface Medium {
  readonly framing: ContentType.Framing
  /** What TLS has to agree on. */
  readonly protocol: Secure.Protocol
  /** Calls that one connection holds, as far as is known before there is one. */
  readonly concurrency: number
  /** The default of the pool. */
  readonly maxConnections: number
  /** Begins a session over an open socket. */
  readonly speak: (socket: Socket, shared: Shared, listener: HttpListener) => HttpSession
}

/** What the links of one client share. */
export interface Shared {
  readonly options: Options | undefined
  readonly medium: Medium
  readonly wire: WireOptions
  readonly environment: Environment
  readonly dialer: (address: Address) => Socket
  readonly random: () => number
}

/** The connector of one client. Options that no header may hold are a defect. */
export const make = Effect.fnUntraced(function* (options: Options | undefined, medium: Medium) {
  const deadlines = yield* Deadlines
  const random = yield* Random.Random
  const fork = Effect.runForkWith(yield* Effect.context<never>())
  const fault = HpackEncoder.check(["user-agent", options?.userAgent ?? "", ":authority", options?.authority ?? ""])
  if (fault !== undefined) return yield* Effect.die(new TypeError(fault))
  const shared: Shared = {
    options,
    medium,
    wire: makeWireOptions(options, medium),
    environment: {
      deadlines,
      writers: new Writers(),
      limits: makeLimits(options),
      logError: (message, defect) =>
        void fork(defect === undefined ? Effect.logError(message) : Effect.logError(message, defect))
    },
    dialer: yield* Dial.Dialer,
    random: () => random.nextDoubleUnsafe()
  }
  const waitForReady = options?.waitForReady ?? false
  return Connector.of({
    waits: (call) => (call.tags.size === 0 ? undefined : ClientOptions.waitsForReady(call)) ?? waitForReady,
    open: (instance, { waits = true } = {}) =>
      Effect.acquireRelease(
        Effect.sync(() => makeLink(shared, instance, waits)),
        (link) => Effect.sync(link.close)
      )
  })
})

const makeWireOptions = (options: Options | undefined, { framing }: Medium): WireOptions => ({
  framing,
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
  const { environment, medium, options } = shared
  const maxQueued = maxQueuedOf(options)
  // One connection of HTTP/2 is enough for all, until the peer says that it takes fewer streams.
  let concurrency = Math.min(medium.concurrency, maxQueued)
  const onStreams = (max: number) => {
    concurrency = Math.min(max, maxQueued)
  }
  let calm = shared
  const wishesOf = (dialled: Shared): Wishes => ({
    onStreams,
    onTooManyPings: () => {
      calm = calmer(calm, dialled.environment.limits.keepAliveInterval * 2, instance.key)
    }
  })
  const pool: Pool = new Pool({
    maxConnections: options?.pool?.maxConnections ?? medium.maxConnections,
    get concurrency() {
      return concurrency
    },
    maxQueued,
    idleTimeout: Duration.toMillis(options?.pool?.idleTimeout ?? "5 minutes"),
    backoff: Backoff.make(options?.reconnect),
    dial: (opening) => dial(calm, instance.address, opening, pool, wishesOf(calm)),
    deadlines: environment.deadlines,
    random: shared.random
  })
  return pool
}

/** Looks after new connections less often (gRFC A8). Several of the old ones may say the same. */
const calmer = (shared: Shared, keepAliveInterval: number, peer: string): Shared => {
  const { environment } = shared
  const { limits, logError } = environment
  if (!(keepAliveInterval > limits.keepAliveInterval)) return shared
  logError(
    `${peer} says too_many_pings: keepalive now waits ${keepAliveInterval} ms; raise keepAlive.interval to what the server allows`,
    undefined
  )
  return { ...shared, environment: { ...environment, limits: { ...limits, keepAliveInterval } } }
}

const makeLink = (shared: Shared, instance: Instance, waits: boolean): Link & { readonly close: () => void } => {
  const { environment, options } = shared
  const { deadlines } = environment
  const pool = makePool(shared, instance)
  const waiting = new ClientWaiting(pool, deadlines, waits ? maxQueuedOf(options) : 0)
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

/** Done when TCP, TLS and, of HTTP/2, the peer's SETTINGS are; all within one time. */
const dial = (shared: Shared, address: Address, opening: Opening, pool: Pool, wishes: Wishes): (() => void) => {
  const { dialer, environment, medium, options } = shared
  const tls = options?.tls === undefined ? undefined : { ...options.tls, protocol: medium.protocol }
  let giveUp = ClientDial.open(dialer, address, tls, connectTimeoutOf(options), environment.deadlines, {
    onOpen: (socket) => {
      const speak = (listener: HttpListener) => medium.speak(socket, shared, listener)
      const connection = new ClientConnection(speak, pool, opening, wishes)
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
