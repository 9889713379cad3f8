/** Opens a socket to an address, within a time. */
import * as Context from "effect/Context"
import * as net from "node:net"
import type { Address } from "../discovery/Instance.ts"
import type { Deadlines } from "./Deadlines.ts"

/**
 * Starts to connect and returns the socket at once; it emits `connect` or `error`. The default is `node:net` without
 * Nagle's delay and with TCP keep-alive after 30 s of silence. Tests provide sockets that never connect.
 */
export const Dialer: Context.Reference<(address: Address) => net.Socket> = Context.Reference<
  (address: Address) => net.Socket
>("volant/transport/Dialer", { defaultValue: () => connect })

const connect = (address: Address): net.Socket =>
  address._tag === "Unix"
    ? net.connect({ path: address.path })
    : net.connect({
        host: address.host,
        port: address.port,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: 30_000
      })

/** How an attempt to connect ends: by one of the two, once, and never before `open` has returned. */
export interface Listener {
  readonly onOpen: (socket: net.Socket) => void
  readonly onFailure: (failure: { readonly detail: string; readonly cause: unknown }) => void
}

/** Connects within `timeout` milliseconds. The returned function gives the attempt up; then neither of the two is called. */
export const open = (
  dialer: (address: Address) => net.Socket,
  address: Address,
  timeout: number,
  deadlines: Deadlines["Service"],
  listener: Listener
): (() => void) => {
  let socket: net.Socket
  try {
    socket = dialer(address)
  } catch (cause) {
    // An address that is none, such as a port beyond 65535.
    let given = false
    process.nextTick(() => given || listener.onFailure({ detail: `cannot connect: ${describe(cause)}`, cause }))
    return () => void (given = true)
  }
  return settle(socket, timeout, deadlines, listener)
}

const settle = (
  socket: net.Socket,
  timeout: number,
  deadlines: Deadlines["Service"],
  listener: Listener
): (() => void) => {
  const timer = deadlines.schedule(deadlines.now() + timeout, () =>
    fail(`no connection within ${timeout} ms; is the address right, and reachable from here?`, undefined)
  )
  const release = () => {
    timer.cancel()
    socket.off("connect", onConnect)
    socket.off("error", onError)
  }
  const giveUp = () => {
    release()
    // A socket that is being destroyed may still emit.
    socket.on("error", () => {})
    socket.destroy()
  }
  const fail = (detail: string, cause: unknown) => {
    giveUp()
    listener.onFailure({ detail, cause })
  }
  const onConnect = () => {
    release()
    listener.onOpen(socket)
  }
  const onError = (cause: unknown) => fail(`cannot connect: ${describe(cause)}`, cause)
  socket.on("connect", onConnect)
  socket.on("error", onError)
  return giveUp
}

/** What a socket's error says. Where several addresses were tried, Node's own message is empty. */
export const describe = (cause: unknown): string => {
  if (cause instanceof AggregateError) return cause.errors.map(describe).join(", ")
  return cause instanceof Error ? cause.message : String(cause)
}
