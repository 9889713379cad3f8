// Hello world in one program: server and client over a socket. scripts/smoke.ts compiles it against the packed package.
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { Layer, Router } from "volant"
import { Balancer, P2c } from "volant/balancing"
import { Instance, Static } from "volant/discovery"
import { Retry, Timeout } from "volant/resilience"
import { ThriftClient, ThriftServer } from "volant/thrift"
import { Listener } from "volant/transport"
import { Greeter, NoGreeting } from "./gen/hello.ts"

const GreeterLive = Greeter.serve({
  greet: ({ name }) =>
    name === undefined || name === "nobody"
      ? Effect.fail(new NoGreeting({ name: name ?? "" }))
      : Effect.succeed(`Hello, ${name}!`)
})

const Server = ThriftServer.layer({ port: 0, host: "127.0.0.1" }).pipe(Layer.provide(Router.layer(GreeterLive)))

const Found = Layer.unwrap(
  Listener.Listener.useSync(({ address }) => Static.layer({ greeter: [Instance.formatAddress(address)] }))
)

const Client = Greeter.client.pipe(
  Layer.provide(Layer.stack([Timeout.layer("5 seconds"), Retry.layer(Retry.standard)])),
  Layer.provide(Balancer.layer("greeter", P2c.policy)),
  Layer.provide(Found),
  Layer.provide(ThriftClient.layer()),
  Layer.provide(Server)
)

const greet = (name: string) =>
  Greeter.use((greeter) => greeter.greet({ name })).pipe(
    Effect.flatMap((greeting) => Console.log(greeting)),
    Effect.catchTag("NoGreeting", (error) => Console.log(`no greeting for ${error.name}`))
  )

await Effect.runPromise(Effect.andThen(greet("Volant"), greet("nobody")).pipe(Effect.provide(Client)))
