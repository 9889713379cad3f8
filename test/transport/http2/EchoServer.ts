/** A server that answers GET with `hello` and POST with the request's body, as it comes. */
import * as Net from "node:net"
import type { AddressInfo } from "node:net"
import type { Environment } from "../../../src/transport/http2/Http2Connection.ts"
import * as HpackEncoder from "../../../src/transport/http2/HpackEncoder.ts"
import type { StreamHandler } from "../../../src/transport/http2/Http2Stream.ts"
import * as Secure from "../../../src/transport/http2/Secure.ts"
import { ServerSession } from "../../../src/transport/http2/ServerSession.ts"
import type { ServerStream } from "../../../src/transport/http2/ServerStream.ts"
import { environment } from "./Environment.ts"

const ok = HpackEncoder.prepare([":status", "200", "content-type", "text/plain"])
const hello = Buffer.from("hello")

/** Sends back what comes, no faster than it is taken. */
class Echo implements StreamHandler {
  private readonly stream: ServerStream
  /** Octets that were sent back and wait for the client: not consumed before it takes them. */
  private owed = 0

  constructor(stream: ServerStream) {
    this.stream = stream
  }

  onData(bytes: Buffer, start: number, end: number): void {
    const { stream } = this
    if (!stream.isResponded) stream.respond(ok)
    if (stream.write(bytes.subarray(start, end))) stream.consume(end - start)
    else this.owed += end - start
  }

  onEnd(): void {
    const { stream } = this
    if (stream.isResponded) return stream.end()
    stream.respond(ok, undefined, stream.headers.method === "HEAD")
    stream.write(hello, true)
  }

  onReset(): void {}

  onDrain(): void {
    this.stream.consume(this.owed)
    this.owed = 0
  }
}

export const echo = (stream: ServerStream): StreamHandler => new Echo(stream)

export interface Running {
  readonly port: number
  readonly sessions: Set<ServerSession>
  /** Drains, and resolves when the last connection is gone, within its handshake or beyond. */
  readonly stop: () => Promise<void>
  /** Resolves when there is no connection. */
  readonly empty: () => Promise<void>
}

export interface Options {
  readonly port?: number
  readonly host?: string
  /** Of TLS. */
  readonly secure?: Secure.ServerOptions | undefined
  /** Instead of the echo. */
  readonly onStream?: ((stream: ServerStream) => StreamHandler) | undefined
  readonly environment?: Environment | undefined
}

export const listen = async (options: Options = {}): Promise<Running> => {
  const shared = options.environment ?? environment()
  const sessions = new Set<ServerSession>()
  const waiting: Array<() => void> = []
  const accept = (socket: Net.Socket): void => {
    const session = new ServerSession(socket, shared, {
      onStream: options.onStream ?? echo,
      onClose: () => {
        sessions.delete(session)
        if (sessions.size === 0) for (const resolve of waiting.splice(0)) resolve()
      }
    })
    sessions.add(session)
  }
  const { secure } = options
  const server = Net.createServer(
    { noDelay: true, allowHalfOpen: true },
    secure === undefined ? accept : Secure.acceptor(secure, shared.deadlines, { onOpen: accept, onFailure: () => {} })
  )
  // Also sockets that are no session, for their handshake is not done.
  const accepted: Array<Promise<void>> = []
  server.on("connection", (socket: Net.Socket) => {
    accepted.push(new Promise((resolve) => void socket.once("close", () => resolve())))
  })
  const port = await new Promise<number>((resolve) => {
    server.listen(options.port ?? 0, options.host ?? "127.0.0.1", () => resolve((server.address() as AddressInfo).port))
  })
  const empty = (): Promise<void> =>
    new Promise((resolve) => {
      if (sessions.size === 0) resolve()
      else waiting.push(resolve)
    })
  const stop = (): Promise<void> => {
    server.close()
    for (const session of sessions) session.drain()
    return Promise.all([...accepted, empty()]).then(() => {})
  }
  return { port, sessions, stop, empty }
}
