/** Volant's generated gRPC client through balancer and pool: 64 fibers, each with one call after the other. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Balancer, P2c } from "volant/balancing"
import { Static } from "volant/discovery"
import { GrpcClient } from "volant/grpc"
import { measure, message, outstanding, port } from "./ClientLoad.ts"
import { EchoServer } from "./gen/proto/echo.ts"

const Echo = EchoServer.client.pipe(
  Layer.provide(Balancer.layer("echo", P2c.policy)),
  Layer.provide(Static.layer({ echo: [`127.0.0.1:${port}`] })),
  Layer.provide(GrpcClient.layer())
)

let calls = 0

const caller = Effect.gen(function* () {
  const echo = yield* EchoServer
  for (;;) {
    const { msg } = yield* echo.echo({ action: "echo", msg: message })
    if (msg.length !== message.length) throw new Error("the reply is not what was sent")
    calls++
  }
})

Effect.runFork(
  Effect.all(
    Array.from({ length: outstanding }, () => caller),
    { concurrency: "unbounded" }
  ).pipe(Effect.provide(Echo))
).addObserver((exit) => {
  console.error(exit)
  process.exit(1)
})
measure(() => calls)
