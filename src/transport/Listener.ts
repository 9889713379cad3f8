/** What a running server listens on. */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import { type Address, formatAddress } from "../discovery/Instance.ts"

/** Of a server that runs; its layer provides it. Discovery announces the address, tests and health checks look at the rest. */
export class Listener extends Context.Service<
  Listener,
  {
    /** The bound address: with the port that the system chose where 0 was asked for. */
    readonly address: Address
    /** Open connections. */
    readonly connections: () => number
    /** Calls whose handlers run now. Handlers that end at once are never seen here. */
    readonly inFlight: () => number
  }
>()("volant/transport/Listener") {}

/** The address cannot be listened on. */
export class ListenError extends Data.TaggedError("ListenError")<{
  readonly address: Address
  /** The system's code, for example EADDRINUSE. */
  readonly code: string
  readonly cause: unknown
}> {
  override get message(): string {
    return `cannot listen on ${formatAddress(this.address)}: ${advice(this.code, this.address)}`
  }
}

const advice = (code: string, address: Address): string => {
  switch (code) {
    case "EADDRINUSE":
      return address._tag === "Tcp"
        ? `the port is taken; stop the other program, or choose another port (0 lets the system choose)`
        : `another program listens on this socket; stop it, or choose another path`
    case "EACCES":
      return address._tag === "Tcp"
        ? "the system refuses this port; ports below 1024 are for privileged programs"
        : "no permission to make the socket's file; look at the folder's owner and mode"
    case "EADDRNOTAVAIL":
      return "no interface of this machine has the address; use 0.0.0.0, :: or one that it has"
    case "ENOENT":
      return "the folder of the socket's path does not exist; make it first"
    case "ERR_SOCKET_BAD_PORT":
      return "ports are 0 to 65535"
    case "ENOTFOUND":
      return "the host's name cannot be resolved"
    default:
      return code
  }
}
