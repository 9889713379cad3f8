// Calls server.ts in each of the four ways: node --conditions=volant-source examples/greeter/client.ts [NAME...]
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Layer } from "volant"
import { Balancer, P2c } from "volant/balancing"
import { Static } from "volant/discovery"
import { GrpcClient } from "volant/grpc"
import { Retry, Timeout } from "volant/resilience"
import { Greeter } from "./gen/greeter.ts"

const GreeterClient = Greeter.client.pipe(
  Layer.provide(Layer.stack([Timeout.layer("1 second"), Retry.layer(Retry.standard)])),
  Layer.provide(Balancer.layer("greeter", P2c.policy)),
  Layer.provide(Static.layer({ greeter: [`127.0.0.1:${process.env["PORT"] ?? 50051}`] })),
  Layer.provide(GrpcClient.layer())
)

const names = process.argv.length > 2 ? process.argv.slice(2) : ["Ada", "Grace"]
const requests = Stream.fromIterable(names.map((name) => ({ name })))
const name = names[0] ?? ""

const program = Effect.gen(function* () {
  const greeter = yield* Greeter
  yield* greeter.sayHello({ name }).pipe(
    Effect.flatMap(({ text }) => Console.log(text)),
    Effect.catchTag("NobodyThere", () => Console.log("nobody is there"))
  )
  yield* Stream.runForEach(greeter.sayHelloOften({ name }), ({ text }) => Console.log(text))
  const { text } = yield* greeter.sayHelloToAll(requests)
  yield* Console.log(text)
  yield* Stream.runForEach(greeter.sayHelloToEach(requests), (reply) => Console.log(reply.text))
})

program.pipe(Effect.provide(GreeterClient), NodeRuntime.runMain)
