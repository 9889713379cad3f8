/** Accepts connections on a TCP port or a Unix socket. */
import { stat, unlink } from "node:fs/promises"
import * as Net from "node:net"
import * as Effect from "effect/Effect"
import type { Address } from "../discovery/Instance.ts"
import { ListenError } from "./Listener.ts"

/** Where to listen. All servers have these options. */
export interface Options {
  /** TCP port; 0 lets the system choose. */
  readonly port?: number | undefined
  /** The interface to listen on, for example `127.0.0.1` or `::1`. Default all of them. */
  readonly host?: string | undefined
  /** The path of a Unix socket, instead of host and port. */
  readonly path?: string | undefined
  /** Connections that wait to be accepted; the system may allow less. Default 1024. */
  readonly backlog?: number | undefined
  /** Connections at once; more are closed as they come. Default 65,536. */
  readonly maxConnections?: number | undefined
  /** Lets several processes share the port (SO_REUSEPORT). Default false. */
  readonly reusePort?: boolean | undefined
}

/** A port or path that is listened on. */
export interface SocketServer {
  readonly address: Address
  /** Accepts no more. Connections stay. The file of a Unix socket is removed. */
  readonly stop: () => void
}

/** A peer that vanished without a word is noticed after some ten such pauses in silence. */
const keepAliveInitialDelay = 60_000

/** Listens, and hands each connection to `accept`. The caller must `stop` it. */
export const listen = (
  options: Options,
  accept: (socket: Net.Socket) => void
): Effect.Effect<SocketServer, ListenError> => {
  const wanted = addressOf(options)
  const server = Net.createServer(
    { noDelay: true, keepAlive: true, keepAliveInitialDelay, allowHalfOpen: true },
    accept
  )
  server.maxConnections = options.maxConnections ?? 65_536
  const bind = Effect.callback<void, ListenError>((resume) => {
    const fail = (cause: NodeJS.ErrnoException) =>
      resume(Effect.fail(new ListenError({ address: wanted, code: cause.code ?? cause.message, cause })))
    server.once("error", fail)
    try {
      server.listen(listenOptions(wanted, options), () => {
        // A connection that breaks before it is accepted (ECONNABORTED, EMFILE) concerns nobody else.
        server.off("error", fail).on("error", () => {})
        resume(Effect.void)
      })
    } catch (cause) {
      // A port that is none.
      fail(cause as NodeJS.ErrnoException)
    }
  })
  const bound = Effect.map(bind, () => ({ address: boundAddress(wanted, server), stop: () => void server.close() }))
  if (wanted._tag === "Tcp") return bound
  return Effect.catchIf(
    bound,
    (error) => error.code === "EADDRINUSE",
    (error) =>
      Effect.flatMap(removeStale(wanted.path), (removed) => (removed ? listen(options, accept) : Effect.fail(error)))
  )
}

/** What is listened on, before the system has chosen what it was asked to. */
export const addressOf = (options: Options): Address =>
  options.path === undefined
    ? { _tag: "Tcp", host: options.host ?? all, port: options.port ?? 0 }
    : { _tag: "Unix", path: options.path }

/** Node's own default for all interfaces is this one, or `0.0.0.0` on a machine without IPv6. */
const all = "::"

const listenOptions = (address: Address, options: Options): Net.ListenOptions => {
  const backlog = options.backlog ?? 1024
  return address._tag === "Unix"
    ? { path: address.path, backlog }
    : {
        ...(options.host === undefined ? {} : { host: options.host }),
        port: address.port,
        backlog,
        reusePort: options.reusePort ?? false
      }
}

const boundAddress = (wanted: Address, server: Net.Server): Address => {
  const bound = server.address()
  return bound === null || typeof bound === "string" ? wanted : { _tag: "Tcp", host: bound.address, port: bound.port }
}

/** Removes the file of a Unix socket that nobody listens on any more: its server was killed. */
const removeStale = (path: string): Effect.Effect<boolean> =>
  Effect.promise(async () => {
    const file = await stat(path).catch(() => undefined)
    if (file === undefined || !file.isSocket() || (await isAlive(path))) return false
    return unlink(path).then(
      () => true,
      () => false
    )
  })

const isAlive = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = Net.connect({ path })
    const answer = (alive: boolean) => {
      probe.destroy()
      resolve(alive)
    }
    probe.once("connect", () => answer(true))
    probe.once("error", (error: NodeJS.ErrnoException) => answer(error.code !== "ECONNREFUSED"))
  })
