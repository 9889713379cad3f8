/**
 * Calls gRPC services that are reached by gRPC-Web only, such as those behind a proxy that does not let HTTP/2 through to its
 * end (grpc/doc/PROTOCOL-WEB.md). It provides the same `Connector` as `GrpcClient`, whose errors, options and kinds of calls
 * it has. Over HTTP/1.1 each call has a connection of its own, and a peer cannot be relied on to answer before it has
 * all requests of a stream.
 *
 * ```ts
 * import * as Layer from "effect/Layer"
 * import { GrpcWebClient } from "volant/grpc"
 * import { Direct } from "volant/transport"
 *
 * export const endpoint = Direct.layer("127.0.0.1:8080").pipe(Layer.provide(GrpcWebClient.layer({ http: "1.1" })))
 * ```
 */
import type { Socket } from "node:net"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Connector } from "../transport/Connector.ts"
import { layer as layerDeadlines } from "../transport/Deadlines.ts"
import { ClientSession } from "../transport/http2/ClientSession.ts"
import type { Environment } from "../transport/http2/Http2Connection.ts"
import type { HttpListener, HttpSession } from "../transport/HttpSession.ts"
import * as ClientLink from "./ClientLink.ts"
import type * as GrpcClient from "./GrpcClient.ts"
import { WebClientSession } from "./WebClientSession.ts"

/**
 * All have defaults. Over HTTP/1.1, of `http2` only `streamWindow` and `maxHeaderListSize` count, there is no PING for
 * `keepAlive`, and `pool.maxConnections`, which bounds the calls at a time, is 100 unless it is said.
 */
export interface Options extends GrpcClient.Options {
  /** Default 2, with prior knowledge, or agreed on by ALPN where there is TLS. */
  readonly http?: "1.1" | "2" | undefined
  /** `text` is base64 (`application/grpc-web-text`), for proxies that want text. Default binary. */
  readonly format?: "binary" | "text" | undefined
}

/**
 * The connector of one client. What it opens fails with `RpcError`s that name the method and the instance. A `userAgent` or an
 * `authority` that no header may hold is a defect of the layer.
 */
export const layer = (options?: Options): Layer.Layer<Connector> =>
  Layer.effect(
    Connector,
    Effect.flatMap(versionOf(options), (version) => ClientLink.make(options, mediumOf(options, version)))
  ).pipe(Layer.provide(layerDeadlines))

/** A version of HTTP. */
interface Version extends Pick<ClientLink.Medium, "concurrency" | "maxConnections" | "protocol"> {
  readonly speak: (socket: Socket, environment: Environment, listener: HttpListener) => HttpSession
}

const versionOf = (options: Options | undefined): Effect.Effect<Version> => {
  if (options?.http !== "1.1") return Effect.succeed(http2)
  // HTTP/2 lets control characters pass, node:http does not.
  const wrong = [options.userAgent, options.authority].find(
    (text) => text !== undefined && !/^[\x20-\x7e]*$/.test(text)
  )
  if (wrong === undefined) return Effect.promise(loadHttp1)
  return Effect.die(new TypeError(`${JSON.stringify(wrong)} is not printable ASCII, so that no header may hold it`))
}

const http2: Version = {
  protocol: "h2",
  concurrency: Infinity,
  maxConnections: 4,
  speak: (socket, environment, listener) => new ClientSession(socket, environment, listener)
}

/** node:http is there for those alone who use it. */
const loadHttp1 = async (): Promise<Version> => {
  const Http1 = await import("../transport/http1/ClientSession.ts")
  return {
    protocol: "http/1.1",
    concurrency: 1,
    maxConnections: 100,
    speak: (socket, { limits }, listener) => new Http1.ClientSession(socket, limits, listener)
  }
}

const mediumOf = (options: Options | undefined, version: Version): ClientLink.Medium => {
  const isText = options?.format === "text"
  return {
    ...version,
    framing: isText ? "webText" : "web",
    speak: (socket, { environment, wire }, listener) => {
      const rules = { accept: wire.accept, maxTrailersSize: environment.limits.maxHeaderListSize }
      return new WebClientSession(version.speak(socket, environment, listener), rules, isText)
    }
  }
}
