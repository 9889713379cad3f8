/** Which connection an accepted socket becomes: of HTTP/2, or with gRPC-Web perhaps of HTTP/1.1, and perhaps below TLS. */
import type { Socket } from "node:net"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { Timer } from "../transport/Deadlines.ts"
import type { Environment } from "../transport/http2/Http2Connection.ts"
import * as Preface from "../transport/http2/Preface.ts"
import * as Secure from "../transport/http2/Secure.ts"
import { ServerSession } from "../transport/http2/ServerSession.ts"
import { ListenError } from "../transport/Listener.ts"
import * as Peer from "../transport/Peer.ts"
import * as SocketServer from "../transport/SocketServer.ts"
import { GrpcConnection, type Session, type SessionListener } from "./GrpcConnection.ts"
import type { Options } from "./GrpcServer.ts"
import type { ServerConnections } from "./ServerConnections.ts"
import type { Shared } from "./ServerShared.ts"

/** Begins to speak HTTP on a socket. */
export type OpenSession = (socket: Socket, listener: SessionListener) => Session

type Accept = (socket: Socket) => void

/** What accepts a server's sockets. `openHttp1` is given where HTTP/1.1 is served, too. */
export const acceptor = Effect.fnUntraced(function* (
  options: Options,
  shared: Shared,
  environment: Environment,
  connections: ServerConnections,
  openHttp1: OpenSession | undefined
): Effect.fn.Return<Accept, ListenError> {
  const random = yield* Random.Random
  const age = Duration.toMillis(options.maxConnectionAge ?? Infinity)
  const grace = Duration.toMillis(options.maxConnectionAgeGrace ?? Infinity)
  const connect = (socket: Socket, openSession: OpenSession): void => {
    const peer = {
      address: options.path === undefined ? Peer.addressOf(socket) : `unix:${options.path}`,
      identity: Peer.identityOf(socket)
    }
    // Connections that came together do not go together.
    const lifetime = { age: age * (0.9 + 0.2 * random.nextDoubleUnsafe()), grace }
    const open = (listener: SessionListener) => openSession(socket, listener)
    connections.add(new GrpcConnection(shared, peer, lifetime, open, connections))
  }
  const openHttp2: OpenSession = (socket, listener) => new ServerSession(socket, environment, listener)
  const http2 = (socket: Socket) => connect(socket, openHttp2)
  const { tls } = options
  if (openHttp1 === undefined) return tls === undefined ? http2 : yield* secure(tls, options, shared.deadlines, http2)
  const http1 = (socket: Socket) => connect(socket, openHttp1)
  if (tls === undefined) return (socket) => choose(socket, environment, connections, { onHttp2: http2, onOther: http1 })
  // Clients that know nothing of ALPN speak HTTP/1.1.
  return yield* secure({ protocols: [Secure.protocol, Secure.http1], ...tls }, options, shared.deadlines, (socket) =>
    socket.alpnProtocol === Secure.protocol ? http2(socket) : http1(socket)
  )
})

/** A key that is none, or not the certificate's, is an error of the layer. */
const secure = (
  tls: Secure.ServerOptions,
  options: Options,
  deadlines: Shared["deadlines"],
  onOpen: Secure.Listener["onOpen"]
): Effect.Effect<Accept, ListenError> =>
  Effect.try({
    // A failed handshake is the peer's affair.
    try: () => Secure.acceptor(tls, deadlines, { onOpen, onFailure: () => {} }),
    catch: (cause) =>
      new ListenError({
        address: SocketServer.addressOf(options),
        code: `the TLS options are refused: ${cause instanceof Error ? cause.message : String(cause)}; \`cert\` and \`key\` are texts in PEM, not paths`,
        cause
      })
  })

/** Milliseconds for a client that has just connected to say something when the server ends. */
const patience = 1000

/** A socket is a connection of the server also while nobody knows which version of HTTP it speaks. */
const choose = (
  socket: Socket,
  { deadlines, limits }: Environment,
  connections: ServerConnections,
  choice: Preface.Choice
): void => {
  let timer: Timer | undefined
  const undecided = {
    drain: () => {
      timer = deadlines.schedule(deadlines.now() + patience, () => socket.destroy())
    },
    close: () => void socket.destroy()
  }
  const leave = (): void => {
    timer?.cancel()
    connections.remove(undecided)
  }
  const into = (take: Accept) => (socket: Socket) => {
    socket.off("close", leave)
    // First the one, so that the server is never without a connection in between.
    take(socket)
    leave()
  }
  socket.once("close", leave)
  connections.add(undecided)
  const { onHttp2, onOther } = choice
  Preface.choose(socket, deadlines, limits.handshakeTimeout, { onHttp2: into(onHttp2), onOther: into(onOther) })
}
