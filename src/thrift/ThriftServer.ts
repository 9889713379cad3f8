/**
 * Serves contracts over Thrift: Framed and Buffered, Binary (also of old peers, without version) and Compact, on one port,
 * each connection in the way in which it begins. Calls of a connection run side by side and are answered as they end.
 */
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
import { Listener, type ListenError } from "../transport/Listener.ts"
import { defaultHighWaterMark, Writers } from "../transport/Outbox.ts"
import * as Peer from "../transport/Peer.ts"
import type * as SocketServer from "../transport/SocketServer.ts"
import { Reader } from "../wire/Reader.ts"
import * as Framing from "./Framing.ts"
import * as Message from "./Message.ts"
import { Names } from "./Names.ts"
import { ServerConnection } from "./ServerConnection.ts"
import { ServerConnections } from "./ServerConnections.ts"
import type { Served, Shared } from "./ServerShared.ts"
import { isThriftMethodCodec } from "./ThriftCodec.ts"

/** All have defaults; `ThriftServer.layer()` listens on a free port. */
export interface Options extends SocketServer.Options {
  /** Bytes of one message. Default 16 MiB. A peer that announces more is told so and cut off. */
  readonly maxFrameSize?: number | undefined
  /** Nesting of structs and containers. Default 64. */
  readonly maxDepth?: number | undefined
  /** Handlers running at once in all; beyond it connections are not read. Default 65,536. */
  readonly maxConcurrency?: number | undefined
  /** Handlers running at once for one connection; beyond it the connection is not read. Default 16,384. */
  readonly maxConnectionConcurrency?: number | undefined
  /** Bytes of answers waiting for one slow reader; beyond it the connection is not read. Default 256 KiB. */
  readonly highWaterMark?: number | undefined
  /** A connection without a call for so long is closed. Default 10 minutes. */
  readonly idleTimeout?: Duration.Input | undefined
  /** A peer that leaves a message unfinished or its answers unread for so long is cut off. Default 30 seconds. */
  readonly stallTimeout?: Duration.Input | undefined
  /** What a stopping server gives calls to end and peers to leave before it interrupts and closes. Default 10 seconds. */
  readonly drainTimeout?: Duration.Input | undefined
  /** A caller that is gone interrupts the handlers of the calls that it waited for. Default true. */
  readonly interruptOnDisconnect?: boolean | undefined
}

/**
 * Starts to listen when it is built. On release it accepts no more, serves the open connections until their peers are
 * quiet or `drainTimeout` has passed, then interrupts what still runs, answers so, and closes.
 */
export const layer = (options: Options = {}): Layer.Layer<Listener, ListenError, Endpoint | Router> =>
  Layer.effect(Listener, make(options)).pipe(Layer.provide(Deadlines.layer))

/** The server as a resource, for those who put layers together themselves. */
export const make = Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<Listener["Service"], ListenError, Endpoint | Router | Deadlines.Deadlines | Scope.Scope> {
  const deadlines = yield* Deadlines.Deadlines
  const scheduler = yield* Scheduler.Scheduler
  const dispatcher = new Dispatcher.Dispatcher(yield* Endpoint, deadlines, scheduler, {
    concurrency: options.maxConcurrency ?? Dispatcher.defaultOptions.concurrency,
    connectionConcurrency: options.maxConnectionConcurrency ?? Dispatcher.defaultOptions.connectionConcurrency
  })
  const connections = new ServerConnections(deadlines, {
    stallTimeout: Duration.toMillis(options.stallTimeout ?? "30 seconds"),
    idleTimeout: Duration.toMillis(options.idleTimeout ?? "10 minutes")
  })
  const shared = yield* makeShared(options, dispatcher, connections)
  return yield* DrainingServer.listen(options, {
    dispatcher,
    connections,
    accept: (socket) => connections.add(new ServerConnection(socket, shared)),
    drainTimeout: options.drainTimeout
  })
})

const makeShared = Effect.fnUntraced(function* (
  options: Options,
  dispatcher: Dispatcher.Dispatcher,
  connections: ServerConnections
): Effect.fn.Return<Shared, never, Router | Deadlines.Deadlines> {
  const router = yield* Router
  const fork = Effect.runForkWith(yield* Effect.context<never>())
  const limits: Framing.Limits = {
    messageSize: options.maxFrameSize ?? Framing.defaultLimits.messageSize,
    depth: options.maxDepth ?? Framing.defaultLimits.depth
  }
  return {
    dispatcher,
    deadlines: yield* Deadlines.Deadlines,
    names: new Names((name) => findServed(router, dispatcher, name)),
    writers: new Writers(),
    limits,
    reader: new Reader(undefined, { depth: limits.depth }),
    head: new Message.Head(),
    interruptOnDisconnect: options.interruptOnDisconnect ?? true,
    highWaterMark: options.highWaterMark ?? defaultHighWaterMark,
    addressOf: options.path === undefined ? Peer.addressOf : () => `unix:${options.path}`,
    logDebug: (message) => void fork(Effect.logDebug(message)),
    logError: (message, defect) =>
      void fork(defect === undefined ? Effect.logError(message) : Effect.logError(message, defect)),
    onClose: (connection) => connections.remove(connection)
  }
})

const findServed = (router: Router["Service"], dispatcher: Dispatcher.Dispatcher, name: string): Served | undefined => {
  const { contract, method } = Message.splitName(name)
  const route = router.find(contract, method)
  if (route === undefined || !isThriftMethodCodec(route.method.codec)) return undefined
  return { method: route.method, codec: route.method.codec, context: dispatcher.contextOf(route) }
}
