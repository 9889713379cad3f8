/**
 * TLS below HTTP/2 (RFC 9113 section 9.2): version 1.2 at least, and h2 agreed on by ALPN. Both sides wrap a socket that is
 * connected already, so that listening and dialling are the same with and without TLS.
 */
import type * as Net from "node:net"
import * as Tls from "node:tls"
import type { Deadlines } from "../Deadlines.ts"
import { describe } from "../Dial.ts"
import { Handshakes } from "./Handshakes.ts"

/** What versions of HTTP are called in ALPN. */
export type Protocol = "h2" | "http/1.1"

/** What HTTP/2 is called in ALPN. */
export const protocol = "h2"

/** What HTTP/1.1 is called in ALPN. */
export const http1 = "http/1.1"

/** How a handshake ends. */
export interface Listener {
  /** The handshake is through. `alpnProtocol` of the socket says what was agreed on. */
  readonly onOpen: (socket: Tls.TLSSocket) => void
  /** There will be no connection; the socket is gone. */
  readonly onFailure: (failure: { readonly detail: string; readonly cause: unknown }) => void
}

/** The server's key and certificate, and what it asks of clients. More as `node:tls` has it. */
export interface ServerOptions extends Tls.SecureContextOptions {
  /** Asks clients for a certificate. Default false. */
  readonly requestCert?: boolean | undefined
  /** Refuses clients whose certificate `ca` does not vouch for. Default true; matters only with `requestCert`. */
  readonly rejectUnauthorized?: boolean | undefined
  /** Milliseconds for the handshake. Default 10,000. */
  readonly handshakeTimeout?: number | undefined
  /**
   * What is offered, best first. Default h2 alone. A client that agrees to none of them is refused, and one that does not use
   * ALPN where http/1.1 is not among them.
   */
  readonly protocols?: ReadonlyArray<string> | undefined
}

const defaultTimeout = 10_000

/** The server's side. Throws for certificates and keys that are none. The answered function takes accepted sockets. */
export const acceptor = (
  options: ServerOptions,
  deadlines: Deadlines["Service"],
  listener: Listener
): ((socket: Net.Socket) => void) => {
  const { handshakeTimeout = defaultTimeout, protocols = [protocol] } = options
  const server = makeServer(options, protocols)
  const handshakes = new Handshakes(deadlines, handshakeTimeout, () =>
    listener.onFailure({ detail: late(handshakeTimeout), cause: undefined })
  )
  server.on("secureConnection", (socket) => {
    handshakes.end(socket)
    socket.allowHalfOpen = true
    // RFC 9113 section 9.2.1 forbids it behind the preface, and nobody has a use for it before.
    socket.disableRenegotiation()
    if (typeof socket.alpnProtocol === "string" || protocols.includes(http1)) return listener.onOpen(socket)
    socket.on("error", () => {}).destroy()
    listener.onFailure({ detail: `the client offers none of ${protocols.join(", ")} by ALPN`, cause: undefined })
  })
  server.on("tlsClientError", (cause, socket) => {
    socket.on("error", () => {}).destroy()
    if (handshakes.end(socket)) return
    listener.onFailure({ detail: `the TLS handshake failed: ${describe(cause)}`, cause })
  })
  return (socket) => {
    handshakes.begin(socket)
    server.emit("connection", socket)
  }
}

const makeServer = (options: ServerOptions, protocols: ReadonlyArray<string>): Tls.Server => {
  const { handshakeTimeout: _, protocols: __, rejectUnauthorized, requestCert, ...context } = options
  return Tls.createServer({
    minVersion: "TLSv1.2",
    ...context,
    requestCert: requestCert ?? false,
    rejectUnauthorized: rejectUnauthorized ?? true,
    // Node's own timer must not be first.
    handshakeTimeout: noTimeout,
    ALPNProtocols: [...protocols]
  })
}

/** More than any handshake is given, and the most that Node's timers count. */
const noTimeout = 0x7fff_ffff

const late = (timeout: number): string => `no TLS handshake within ${timeout} ms`

/** Whom the client trusts, and its own key and certificate if it has some. More as `node:tls` has it. */
export interface ClientOptions extends Tls.SecureContextOptions {
  /** Whom the server's certificate has to name, and what is sent as SNI. */
  readonly servername?: string | undefined
  /** The name or the address that the certificate has to name where there is no `servername`. Default localhost. */
  readonly host?: string | undefined
  /** Refuses servers that `ca`, or else the system's authorities, do not vouch for. Default true. */
  readonly rejectUnauthorized?: boolean | undefined
  /** Milliseconds for the handshake. Default 10,000. */
  readonly handshakeTimeout?: number | undefined
  /** What is offered. The server must agree to h2; HTTP/1.1 goes without saying. Default h2. */
  readonly protocol?: Protocol | undefined
}

/**
 * The client's side, over a connected socket. Ends by one of the listener's two, once, and never before this has returned.
 * The returned function gives the attempt up; then neither is called.
 */
export const connect = (
  socket: Net.Socket,
  options: ClientOptions,
  deadlines: Deadlines["Service"],
  listener: Listener
): (() => void) => {
  const { handshakeTimeout = defaultTimeout, protocol: offered = protocol } = options
  const secure = begin(socket, options, offered)
  const timer = deadlines.schedule(deadlines.now() + handshakeTimeout, () => fail(late(handshakeTimeout), undefined))
  const release = (): void => {
    timer.cancel()
    secure.off("secureConnect", onSecure).off("error", onError).off("close", onClose)
  }
  const giveUp = (): void => {
    release()
    secure.on("error", () => {}).destroy()
    socket.destroy()
  }
  const fail = (detail: string, cause: unknown): void => {
    giveUp()
    listener.onFailure({ detail, cause })
  }
  const onSecure = (): void => {
    const isAgreed = secure.alpnProtocol === offered || (secure.alpnProtocol === false && offered === "http/1.1")
    if (!isAgreed) return fail(`the server does not agree to ${offered} by ALPN`, undefined)
    release()
    secure.disableRenegotiation()
    listener.onOpen(secure)
  }
  const onError = (cause: unknown): void => fail(`the TLS handshake failed: ${explain(cause)}`, cause)
  const onClose = (): void => fail("the server closed the connection within the TLS handshake", undefined)
  secure.on("secureConnect", onSecure).on("error", onError).on("close", onClose)
  return giveUp
}

/** What OpenSSL says in the worst way is what is wrong most often. */
const explain = (cause: unknown): string => {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined
  if (code !== "ERR_SSL_WRONG_VERSION_NUMBER" && code !== "ERR_SSL_PACKET_LENGTH_TOO_LONG")
    return describe(cause).trim()
  return "the peer does not speak TLS; leave the option `tls` out, or call its port for TLS"
}

const begin = (socket: Net.Socket, options: ClientOptions, offered: Protocol): Tls.TLSSocket => {
  const { handshakeTimeout: _, host, protocol: __, rejectUnauthorized, servername, ...context } = options
  return Tls.connect({
    minVersion: "TLSv1.2",
    ...context,
    socket,
    rejectUnauthorized: rejectUnauthorized ?? true,
    // Of a socket that is connected already, Node does not know with whom.
    ...(host === undefined ? {} : { host }),
    ...(servername === undefined ? {} : { servername }),
    ALPNProtocols: [offered]
  })
}
