// Greets over gRPC on port 50051, or on PORT: node --conditions=volant-source examples/greeter/server.ts
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Layer, Router } from "volant"
import { GrpcServer } from "volant/grpc"
import { Timeout } from "volant/resilience"
import { Greeter, HelloReply, NobodyThere } from "./gen/greeter.ts"

const hello = (name: string) => HelloReply.make({ text: `Hello, ${name}!` })

const GreeterLive = Greeter.serve({
  sayHello: ({ name }) => (name === "" ? Effect.fail(NobodyThere.make({ name })) : Effect.succeed(hello(name))),
  sayHelloOften: ({ name }) =>
    Stream.make("Hello", "Good morning", "Good night").pipe(
      Stream.map((greeting) => HelloReply.make({ text: `${greeting}, ${name}!` }))
    ),
  sayHelloToAll: (requests) =>
    Stream.runCollect(requests).pipe(Effect.map((all) => hello(all.map(({ name }) => name).join(", ")))),
  sayHelloToEach: (requests) => Stream.map(requests, ({ name }) => hello(name))
})

GrpcServer.layer({ port: Number(process.env["PORT"] ?? 50051) }).pipe(
  Layer.provide(Timeout.layer("1 second")),
  Layer.provide(Router.layer(GreeterLive)),
  Layer.launch,
  NodeRuntime.runMain
)
