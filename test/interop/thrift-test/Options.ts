/** The command line of Apache Thrift's cross-test programs (apache/thrift, test/README.md). */
import { parseArgs } from "node:util"
import type { Address } from "../../../src/discovery/Instance.ts"

export interface Options {
  readonly address: Address
  readonly protocol: "binary" | "compact"
  readonly framing: "framed" | "buffered"
  /** `--multiplex`, or `--protocol=multi` and `multic`: method names carry the contract's. */
  readonly multiplexed: boolean
  /** How often the client runs its tests. */
  readonly loops: number
}

export const help = (role: "client" | "server"): string => `Allowed options:
  -h, --help                   this text
  --host=arg                   ${role === "client" ? "host to connect to (localhost)" : "interface to listen on (all)"}
  --port=arg (9090)            port number
  --domain-socket=arg          Unix socket, instead of host and port
  --protocol=arg (binary)      binary, compact; multi, multic: the same with --multiplex
  --transport=arg (buffered)   buffered, framed
  --multiplex                  contract names in messages (TMultiplexedProtocol)
  -n, --testloops=arg (1)      how often to run the tests${role === "server" ? " (of no effect here)" : ""}
Exit code of the client: 1 base types, 2 structs, 4 containers, 8 exceptions, 64 unknown, 128 timeout, added up.`

const protocols: Readonly<Record<string, readonly [Options["protocol"], boolean]>> = {
  binary: ["binary", false],
  compact: ["compact", false],
  multi: ["binary", true],
  multic: ["compact", true]
}

export const wantsHelp = (args: ReadonlyArray<string>): boolean => args.includes("--help") || args.includes("-h")

/** Options that we don't know are ignored, as Apache's programs do with those of others; values that we don't know are not. */
export const parse = (args: ReadonlyArray<string>): Options => {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: {
      host: { type: "string", default: "localhost" },
      port: { type: "string", default: "9090" },
      protocol: { type: "string", default: "binary" },
      transport: { type: "string", default: "buffered" },
      "domain-socket": { type: "string", default: "" },
      multiplex: { type: "boolean", default: false },
      testloops: { type: "string", short: "n", default: "1" }
    }
  })
  for (const unsupported of ["ssl", "zlib", "abstract-namespace", "pipe"]) {
    if (values[unsupported] !== undefined) throw new Error(`--${unsupported} is not supported`)
  }
  const protocol = protocols[String(values["protocol"])]
  if (protocol === undefined) {
    throw new Error(`--protocol=${values["protocol"]} is not supported: ${Object.keys(protocols).join(", ")} are`)
  }
  const framing = values["transport"]
  if (framing !== "framed" && framing !== "buffered") {
    throw new Error(`--transport=${framing} is not supported: framed and buffered are`)
  }
  return {
    address: addressOf(values),
    protocol: protocol[0],
    framing,
    multiplexed: protocol[1] || values["multiplex"] === true,
    loops: Number(values["testloops"]) || 1
  }
}

const addressOf = (values: { readonly [key: string]: unknown }): Address => {
  const path = values["domain-socket"]
  if (typeof path === "string" && path !== "") return { _tag: "Unix", path }
  const port = Number(values["port"])
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`--port=${values["port"]} is no port`)
  return { _tag: "Tcp", host: String(values["host"]), port }
}
