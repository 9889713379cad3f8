/** A listening socket with the connections and the calls behind it, which at the end of its scope drain, whatever the protocol. */
import type { Socket } from "node:net"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Dispatcher } from "./Dispatcher.ts"
import type { ListenError, Listener } from "./Listener.ts"
import * as SocketServer from "./SocketServer.ts"

/** A protocol's open connections. */
export interface Connections {
  readonly size: number
  /** Lets each close when its peer needs it no more; succeeds when all are closed. */
  readonly drained: Effect.Effect<void>
  /** Closes all; succeeds when they are closed. */
  readonly closed: Effect.Effect<void>
}

/** What is behind the socket. */
export interface Parts {
  readonly dispatcher: Dispatcher
  readonly connections: Connections
  readonly accept: (socket: Socket) => void
  /** What calls get to end and peers to leave. Default 10 seconds. */
  readonly drainTimeout: Duration.Input | undefined
}

/**
 * Starts to listen. When the scope closes it accepts no more, drains for `drainTimeout` at most, interrupts what still runs,
 * and closes.
 */
export const listen = (
  options: SocketServer.Options,
  parts: Parts
): Effect.Effect<Listener["Service"], ListenError, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(SocketServer.listen(options, parts.accept), (server) => shutdown(server, parts)),
    (server) => ({
      address: server.address,
      connections: () => parts.connections.size,
      inFlight: () => parts.dispatcher.running
    })
  )

const shutdown = (
  server: SocketServer.SocketServer,
  { connections, dispatcher, drainTimeout }: Parts
): Effect.Effect<void> => {
  // Finalizers run uninterruptible, which what is timed must not be.
  const within = (duration: Duration.Input, effect: Effect.Effect<void>) =>
    Effect.timeoutOption(Effect.interruptible(effect), duration)
  return Effect.gen(function* () {
    server.stop()
    dispatcher.drain()
    yield* within(drainTimeout ?? "10 seconds", Effect.andThen(connections.drained, dispatcher.idle))
    dispatcher.stop()
    yield* within(farewell, connections.drained)
    yield* connections.closed
    yield* dispatcher.idle
  })
}

/** For answers of calls that were given up, and to refuse calls that still come: better than to lose them with the connection. */
const farewell = "1 second"
