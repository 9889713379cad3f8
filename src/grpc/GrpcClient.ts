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
import type * as Duration from "effect/Duration"
import * as Layer from "effect/Layer"
import type * as Backoff from "../transport/Backoff.ts"
import { Connector } from "../transport/Connector.ts"
import { layer as layerDeadlines } from "../transport/Deadlines.ts"
import { ClientSession } from "../transport/http2/ClientSession.ts"
import type * as Limits from "../transport/http2/Limits.ts"
import type * as ClientDial from "./ClientDial.ts"
import * as ClientLink from "./ClientLink.ts"
import type * as Compression from "./Compression.ts"

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
  Layer.effect(Connector, ClientLink.make(options, medium)).pipe(Layer.provide(layerDeadlines))

const medium: ClientLink.Medium = {
  framing: "grpc",
  protocol: "h2",
  concurrency: Infinity,
  maxConnections: 4,
  speak: (socket, { environment }, listener) => new ClientSession(socket, environment, listener)
}
