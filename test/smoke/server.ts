// A server that has started and waits to be asked for its memory.
import * as Effect from "effect/Effect"
import { Layer, Router } from "volant"
import { ThriftServer } from "volant/thrift"
import { answer } from "./bare.ts"
import { Greeter } from "./gen/hello.ts"

const GreeterLive = Greeter.serve({ greet: ({ name }) => Effect.succeed(name ?? "") })
const Server = ThriftServer.layer({ port: 0, host: "127.0.0.1" }).pipe(Layer.provide(Router.layer(GreeterLive)))

Effect.runFork(Effect.scoped(Effect.andThen(Layer.build(Server), Effect.andThen(Effect.sync(answer), Effect.never))))
