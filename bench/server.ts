/**
 * The echo service of echo.thrift or echo.proto, for any load generator:
 * `npm run -s bench:server -- thrift|grpc --port P [--host H]`. Prints one line when it listens.
 */
import { answer } from "./Answers.ts"

const usage = "usage: npm run -s bench:server -- thrift|grpc --port PORT [--host HOST]"

// Each loads what it needs and nothing else: start memory is measured.
const servers = {
  thrift: () => import("./servers/thrift.ts"),
  grpc: () => import("./servers/grpc.ts")
} as const

// By hand: node:util would count as the server's memory, with the worker threads that it brings along.
const [protocol, ...args] = process.argv.slice(2)
const option = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined)
const host = option("--host") ?? "127.0.0.1"
const port = Number(option("--port") ?? 0)
if ((protocol !== "thrift" && protocol !== "grpc") || !Number.isInteger(port)) {
  console.error(usage)
  process.exit(2)
}

const { serve } = await servers[protocol]()
serve(port, host)
answer()
