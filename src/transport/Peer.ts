/** Who is at the other end of a socket. */
import type { Socket } from "node:net"
import type { TLSSocket } from "node:tls"
import type { Identity } from "../Call.ts"
import { type Address, formatAddress } from "../discovery/Instance.ts"

/** The address of a TCP peer, as `Call.peer` shows it. IPv4 addresses are shown as such even where the socket is IPv6. */
export const addressOf = (socket: Socket): string => {
  const { remoteAddress = "unknown", remotePort = 0 } = socket
  const host = remoteAddress.startsWith("::ffff:") ? remoteAddress.slice(7) : remoteAddress
  const address: Address = { _tag: "Tcp", host, port: remotePort }
  return formatAddress(address)
}

/** Of the certificate that the peer has shown and TLS has verified; undefined where there is none. */
export const identityOf = (socket: Socket): Identity | undefined => {
  if (!isTls(socket) || !socket.authorized) return undefined
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return undefined
  const names = certificate.subjectAltName
  return {
    commonName: /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? "",
    names: names === undefined ? [] : names.split(", "),
    fingerprint: certificate.fingerprint256
  }
}

// Not `instanceof`: to import node:tls takes 4 MiB, also of servers without TLS.
const isTls = (socket: Socket): socket is TLSSocket => (socket as Partial<TLSSocket>).encrypted === true
