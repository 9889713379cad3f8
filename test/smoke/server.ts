// Prints the resident memory of a server that has just started, in bytes, and ends.
import * as Effect from "effect/Effect"
import { Layer, Router } from "volant"
import { ThriftServer } from "volant/thrift"
import { Greeter } from "./gen/hello.ts"
import { resident } from "./bare.ts"

const GreeterLive = Greeter.serve({ greet: ({ name }) => Effect.succeed(name ?? "") })
const Server = ThriftServer.layer({ port: 0, host: "127.0.0.1" }).pipe(Layer.provide(Router.layer(GreeterLive)))

const report = Effect.sync(resident)
await Effect.runPromise(Effect.scoped(Effect.andThen(Layer.build(Server), report)))
