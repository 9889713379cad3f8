/** Opens a socket that HTTP/2 can be spoken over: a plain one, or TLS with ALPN. */
import * as net from "node:net"
import * as tls from "node:tls"
import type { Address } from "../discovery/Instance.ts"
import type { Deadlines } from "../transport/Deadlines.ts"
import * as Dial from "../transport/Dial.ts"

/** How the peer is known, and this side to it. Everything is as `node:tls` has it; `ALPNProtocols` is ours. */
export interface Tls extends Omit<
  tls.ConnectionOptions,
  "ALPNProtocols" | "host" | "lookup" | "path" | "port" | "socket" | "timeout"
> {}

/** Connects within `timeout` milliseconds, TLS included. The returned function gives it up. */
export const open = (
  dialer: (address: Address) => net.Socket,
  address: Address,
  security: Tls | undefined,
  timeout: number,
  deadlines: Deadlines["Service"],
  listener: Dial.Listener
): (() => void) => {
  if (security === undefined) return Dial.open(dialer, address, timeout, deadlines, listener)
  const end = deadlines.now() + timeout
  let giveUp = Dial.open(dialer, address, timeout, deadlines, {
    onOpen: (socket) => {
      giveUp = secure(socket, address, security, end, deadlines, listener)
    },
    onFailure: listener.onFailure
  })
  return () => giveUp()
}

const secure = (
  socket: net.Socket,
  address: Address,
  security: Tls,
  end: number,
  deadlines: Deadlines["Service"],
  listener: Dial.Listener
): (() => void) => {
  const encrypted = tls.connect({ ...security, ...serverName(address, security), socket, ALPNProtocols: ["h2"] })
  const timer = deadlines.schedule(end, () => fail("no TLS handshake within the time to connect", undefined))
  const onSecure = () => {
    if (encrypted.alpnProtocol !== "h2") {
      return fail("the peer does not offer HTTP/2 over TLS (ALPN h2); does it speak gRPC?", undefined)
    }
    release()
    listener.onOpen(encrypted)
  }
  const onError = (cause: unknown) => fail(`cannot connect: TLS: ${Dial.describe(cause)}`, cause)
  const onClose = () => fail("cannot connect: the peer closed the connection during the TLS handshake", undefined)
  const release = () => {
    timer.cancel()
    encrypted.off("secureConnect", onSecure).off("error", onError).off("close", onClose)
  }
  const giveUp = () => {
    release()
    encrypted.on("error", () => {})
    encrypted.destroy()
    socket.destroy()
  }
  const fail = (detail: string, cause: unknown) => {
    giveUp()
    listener.onFailure({ detail, cause })
  }
  encrypted.on("secureConnect", onSecure).on("error", onError).on("close", onClose)
  return giveUp
}

/** The name that the peer's certificate must have, unless the options say another; addresses are no names. */
const serverName = (address: Address, { servername }: Tls): { readonly servername?: string } => {
  if (servername !== undefined || address._tag === "Unix" || net.isIP(address.host) !== 0) return {}
  return { servername: address.host }
}
