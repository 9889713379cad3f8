/**
 * The echo service of echo.thrift or echo.proto, for any load generator:
 * `npm run -s bench:server -- thrift|grpc --port P [--host H]`. Prints one line when it listens.
 */
import { parseArgs } from "node:util"
import { answer } from "./Answers.ts"

const usage = "usage: npm run -s bench:server -- thrift|grpc --port PORT [--host HOST]"

// Each loads what it needs and nothing else: start memory is measured.
const servers = {
  thrift: () => import("./servers/thrift.ts"),
  grpc: () => import("./servers/grpc.ts")
} as const

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { port: { type: "string", default: "0" }, host: { type: "string", default: "127.0.0.1" } }
})
const port = Number(values.port)
const [protocol] = positionals
if ((protocol !== "thrift" && protocol !== "grpc") || positionals.length > 1 || !Number.isInteger(port)) {
  console.error(usage)
  process.exit(2)
}

const { serve } = await servers[protocol]()
serve(port, values.host)
answer()
