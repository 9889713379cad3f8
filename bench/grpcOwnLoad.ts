/** Makes a number of calls over connections of our own client, and prints how long that took. */
import { parseArgs } from "node:util"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { GrpcClient } from "volant/grpc"
import { Direct } from "volant/transport"
import { EchoServer } from "./gen/proto/echo.ts"
import type { Run } from "./GrpcLoad.ts"
import { text } from "./Scenario.ts"

const { values } = parseArgs({
  options: {
    port: { type: "string" },
    connections: { type: "string" },
    outstanding: { type: "string" },
    message: { type: "string" },
    requests: { type: "string" }
  }
})

const connections = Number(values.connections)
const each = Math.max(1, Math.floor(Number(values.outstanding) / connections))
const msg = text(Number(values.message))
let left = Number(values.requests)

const client = Layer.build(
  Layer.fresh(
    EchoServer.client.pipe(
      Layer.provide(Direct.layer(`127.0.0.1:${values.port}`)),
      Layer.provide(GrpcClient.layer({ pool: { maxConnections: 1 }, maxReceiveMessageSize: 64 * 1024 * 1024 }))
    )
  )
)

const caller = Effect.fnUntraced(function* (echo: Context.Service.Shape<typeof EchoServer>) {
  while (left-- > 0) {
    const reply = yield* echo.echo({ action: "echo", msg })
    if (reply.msg.length !== msg.length && reply.msg.length !== 0) throw new Error("the reply is not what was sent")
  }
})

const all = Effect.gen(function* () {
  const clients = yield* Effect.all(Array.from({ length: connections }, () => client))
  const started = performance.now()
  const callers = clients.flatMap((context) =>
    Array.from({ length: each }, () => caller(Context.get(context, EchoServer)))
  )
  yield* Effect.all(callers, { concurrency: "unbounded" })
  const run: Run = { seconds: (performance.now() - started) / 1000 }
  console.log(JSON.stringify(run))
})

const alive = setInterval(() => {}, 1000)
Effect.runFork(Effect.scoped(all)).addObserver((exit) => {
  clearInterval(alive)
  if (exit._tag === "Success") return
  console.error(String(exit.cause))
  process.exit(1)
})
