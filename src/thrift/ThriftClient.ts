/** Calls Thrift services: provides the `Connector` that balancers, or `Direct`, open links with. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import type { Instance } from "../discovery/Instance.ts"
import type { Endpoint } from "../Endpoint.ts"
import type * as Method from "../Method.ts"
import { ProtocolError, RpcError } from "../RpcError.ts"
import * as Backoff from "../transport/Backoff.ts"
import { Connector, type Link } from "../transport/Connector.ts"
import { Deadlines, layer as layerDeadlines } from "../transport/Deadlines.ts"
import * as Dial from "../transport/Dial.ts"
import * as Exchange from "../transport/Exchange.ts"
import { Multiplexer } from "../transport/Multiplexer.ts"
import { Writers } from "../transport/Outbox.ts"
import { PingPong } from "../transport/PingPong.ts"
import { type Opening, Pool } from "../transport/Pool.ts"
import { ClientConnection, type Shared } from "./ClientConnection.ts"
import { ClientWire } from "./ClientWire.ts"
import { defaultLimits, type Kind } from "./Framing.ts"
import { isThriftMethodCodec, type Protocol } from "./ThriftCodec.ts"

/** All have defaults; protocol, framing and `multiplexed` must be those of the server. */
export interface Options {
  /** Default "binary", in its strict form. */
  readonly protocol?: Protocol | undefined
  /** "framed" puts a length in front of each message, "buffered" (TBufferedTransport) does not. Default "framed". */
  readonly framing?: Kind | undefined
  /**
   * "multiplex": many calls at a time on one connection, replies in any order. "pingpong": one call at a time on each
   * connection, for peers that need it; a call that is given up then costs its connection. Default "multiplex".
   */
  readonly order?: "multiplex" | "pingpong" | undefined
  /**
   * Names the contract in each message, for peers that serve several (TMultiplexedProtocol): `true` with its name without
   * namespace, as Apache's generated code does, or with what the function returns for the qualified name. Default false.
   */
  readonly multiplexed?: boolean | ((contract: string) => string) | undefined
  /** Bounds one attempt to connect. Default 1 second. */
  readonly connectTimeout?: Duration.Input | undefined
  /** Pauses between failed attempts to connect; meanwhile calls fail at once with the error of the last. */
  readonly reconnect?: Backoff.Options | undefined
  readonly pool?: PoolOptions | undefined
  /** Bytes of one message, either way. Default 16 MiB. */
  readonly maxMessageSize?: number | undefined
  /** Nesting of structs and containers in a reply. Default 64. */
  readonly maxDepth?: number | undefined
}

/** Connections to one instance. */
export interface PoolOptions {
  /** Default 2 when multiplexing, else 64. */
  readonly maxConnections?: number | undefined
  /** Calls at a time on one multiplexed connection; when it is full, the pool grows. Default 16,384. */
  readonly concurrency?: number | undefined
  /** Calls that may wait for a connection; more fail with Overloaded. Default 16,384. */
  readonly maxQueued?: number | undefined
  /** A connection without calls is closed after this time, or up to half as long again. Default 90 seconds. */
  readonly idleTimeout?: Duration.Input | undefined
}

/** The connector of one client. What it opens fails with `RpcError`s that name the method and the instance. */
export const layer = (options?: Options): Layer.Layer<Connector> =>
  Layer.effect(Connector, make(options)).pipe(Layer.provide(layerDeadlines))

const make = Effect.fnUntraced(function* (options: Options | undefined) {
  const deadlines = yield* Deadlines
  const random = yield* Random.Random
  const dialer = yield* Dial.Dialer
  const isMultiplexing = options?.order !== "pingpong"
  const concurrency = isMultiplexing ? (options?.pool?.concurrency ?? 16_384) : 1
  const shared: Shared = {
    wire: makeWire(options),
    pending: isMultiplexing ? () => new Multiplexer(concurrency) : () => new PingPong(),
    writers: new Writers(),
    deadlines
  }
  const connectTimeout = Duration.toMillis(options?.connectTimeout ?? "1 second")
  const settings = {
    maxConnections: options?.pool?.maxConnections ?? (isMultiplexing ? 2 : 64),
    concurrency,
    maxQueued: options?.pool?.maxQueued ?? 16_384,
    idleTimeout: Duration.toMillis(options?.pool?.idleTimeout ?? "90 seconds"),
    backoff: Backoff.make(options?.reconnect),
    deadlines,
    random: () => random.nextDoubleUnsafe()
  }
  const makePool = (instance: Instance): Pool => {
    const dial = (opening: Opening) =>
      Dial.open(dialer, instance.address, connectTimeout, deadlines, {
        onOpen: (socket) => opening.onOpen(new ClientConnection(socket, shared, pool)),
        onFailure: opening.onFailure
      })
    const pool = new Pool({ ...settings, dial })
    return pool
  }
  return Connector.of({
    open: (instance) =>
      Effect.acquireRelease(
        Effect.sync(() => makePool(instance)),
        (pool) => Effect.sync(() => pool.close())
      ).pipe(Effect.map((pool) => makeLink(instance.key, pool, deadlines)))
  })
})

const makeWire = (options: Options | undefined): ClientWire =>
  new ClientWire({
    protocol: options?.protocol ?? "binary",
    framing: options?.framing ?? "framed",
    limits: {
      messageSize: options?.maxMessageSize ?? defaultLimits.messageSize,
      depth: options?.maxDepth ?? defaultLimits.depth
    },
    prefixOf: makePrefixOf(options?.multiplexed ?? false)
  })

const makePrefixOf = (multiplexed: NonNullable<Options["multiplexed"]>) => (contract: string) => {
  if (multiplexed === false) return undefined
  return multiplexed === true ? contract.slice(contract.lastIndexOf(".") + 1) : multiplexed(contract)
}

const makeLink = (peer: string, pool: Pool, deadlines: Deadlines["Service"]): Link => {
  const endpoint: Endpoint["Service"] = (call) =>
    isThriftMethodCodec(call.method.codec) ? Exchange.run(call, peer, pool, deadlines) : notThrift(call.method, peer)
  return { endpoint, inFlight: () => pool.inFlight, isReachable: () => pool.isReachable() }
}

const notThrift = (method: Method.Any, peer: string) =>
  Effect.fail(
    new RpcError({
      method: method.fullName,
      peer,
      reason: new ProtocolError({
        detail: `a Thrift client cannot send this method, whose codec is of "${method.codec.protocol}"`
      })
    })
  )
