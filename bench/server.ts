/**
 * The echo service of echo.thrift, for any load generator: `npm run -s bench:server -- thrift --port P [--host H]`. Prints
 * one line when it listens.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { Router } from "volant"
import { ThriftServer } from "volant/thrift"
import { Listener } from "volant/transport"
import { answer } from "./Answers.ts"
import { EchoServer } from "./gen/echo.ts"

const usage = "usage: npm run -s bench:server -- thrift --port PORT [--host HOST]"

// By hand: node:util would count as the server's memory, with the worker threads that it brings along.
const [protocol, ...args] = process.argv.slice(2)
const option = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined)
const host = option("--host") ?? "127.0.0.1"
const port = Number(option("--port") ?? 0)
if (protocol !== "thrift" || !Number.isInteger(port)) {
  console.error(usage)
  process.exit(2)
}

const EchoLive = EchoServer.serve({
  echo: ({ req }) => Effect.succeed({ action: req.action, msg: req.msg })
})

const announce = Layer.effectDiscard(
  Listener.Listener.useSync(({ address }) =>
    console.log(`listening on ${host}:${address._tag === "Tcp" ? address.port : ""}, process ${process.pid}`)
  )
)

const server = announce.pipe(Layer.provide(ThriftServer.layer({ port, host })), Layer.provide(Router.layer(EchoLive)))

const running = Effect.runFork(Layer.launch(server))
running.addObserver((exit) => {
  if (Exit.isSuccess(exit)) return
  console.error(String(exit.cause))
  process.exit(1)
})
answer()
