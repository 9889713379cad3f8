/** Opens a socket that HTTP can be spoken over: a plain one, or TLS with ALPN. */
import * as net from "node:net"
import type { Address } from "../discovery/Instance.ts"
import type { Deadlines } from "../transport/Deadlines.ts"
import * as Dial from "../transport/Dial.ts"
import * as Secure from "../transport/http2/Secure.ts"

/** How the peer is known, and this side to it. */
export interface Tls extends Omit<Secure.ClientOptions, "handshakeTimeout" | "host" | "protocol"> {}

interface Agreed extends Tls {
  readonly protocol: Secure.Protocol
}

/** Connects within `timeout` milliseconds, TLS included. The returned function gives it up. */
export const open = (
  dialer: (address: Address) => net.Socket,
  address: Address,
  tls: Agreed | undefined,
  timeout: number,
  deadlines: Deadlines["Service"],
  listener: Dial.Listener
): (() => void) => {
  if (tls === undefined) return Dial.open(dialer, address, timeout, deadlines, listener)
  const end = deadlines.now() + timeout
  let giveUp = Dial.open(dialer, address, timeout, deadlines, {
    onOpen: (socket) => {
      const handshakeTimeout = Math.max(1, end - deadlines.now())
      const host = address._tag === "Unix" ? undefined : address.host
      const options = { ...tls, host, servername: tls.servername ?? nameOf(address), handshakeTimeout }
      giveUp = Secure.connect(socket, options, deadlines, listener)
    },
    onFailure: listener.onFailure
  })
  return () => giveUp()
}

/** What is sent as SNI, unless the options say another name; addresses are no names (RFC 6066 section 3). */
const nameOf = (address: Address): string | undefined =>
  address._tag === "Unix" || net.isIP(address.host) !== 0 ? undefined : address.host
