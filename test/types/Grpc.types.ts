/** Contracts of .proto files: the four kinds of methods, their handlers and clients, and what stands below a gRPC client. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Greeter, HelloReply, type HelloRequest, NobodyThere } from "../../examples/greeter/gen/greeter.ts"
import * as CallOptions from "../../src/CallOptions.ts"
import * as Balancer from "../../src/balancing/Balancer.ts"
import * as P2c from "../../src/balancing/P2c.ts"
import type { Resolver } from "../../src/discovery/Resolver.ts"
import type { Endpoint } from "../../src/Endpoint.ts"
import * as GrpcClient from "../../src/grpc/GrpcClient.ts"
import * as GrpcServer from "../../src/grpc/GrpcServer.ts"
import * as Health from "../../src/grpc/Health.ts"
import * as StreamOptions from "../../src/StreamOptions.ts"
import * as ServiceConfig from "../../src/grpc/ServiceConfig.ts"
import * as Layer from "../../src/Layer.ts"
import * as Router from "../../src/Router.ts"
import type { RpcError } from "../../src/RpcError.ts"
import type { Connector } from "../../src/transport/Connector.ts"
import type { Listener, ListenError } from "../../src/transport/Listener.ts"
import type { Assert, Equal, HasAny, IsAny, Not } from "./Assert.ts"

// Clients: a stream of requests is a Stream that cannot fail, a stream of replies one that fails as the call does.

type Client = Context.Service.Shape<typeof Greeter>

type Replies<T> = T extends Stream.Stream<infer A, infer E, infer R> ? [A, E, R] : never

export type Clients = [
  Assert<
    Equal<Client["sayHello"], (request: HelloRequest) => Effect.Effect<HelloReply, NobodyThere | RpcError, never>>
  >,
  Assert<Equal<Replies<ReturnType<Client["sayHelloOften"]>>, [HelloReply, RpcError, never]>>,
  Assert<Equal<Parameters<Client["sayHelloOften"]>, [request: HelloRequest]>>,
  Assert<Not<HasAny<Client["sayHello"]>>>,
  Assert<Not<IsAny<ReturnType<Client["sayHelloOften"]>>>>,
  Assert<Not<IsAny<ReturnType<Client["sayHelloToAll"]>>>>,
  Assert<Not<IsAny<ReturnType<Client["sayHelloToEach"]>>>>,
  Assert<Equal<typeof Greeter.client, Layer.Layer<Greeter, never, Endpoint>>>
]

class Broken extends Error {
  readonly _tag = "Broken"
}

declare const greeter: Client
declare const requests: Stream.Stream<HelloRequest>
declare const breaking: Stream.Stream<HelloRequest, Broken>

export const all = greeter.sayHelloToAll(requests)
export const each = greeter.sayHelloToEach(requests)
export const allOfBreaking = greeter.sayHelloToAll(breaking)
export const eachOfBreaking = greeter.sayHelloToEach(breaking)
export type Streamed = [
  Assert<Equal<typeof all, Effect.Effect<HelloReply, RpcError>>>,
  Assert<Equal<Replies<typeof each>, [HelloReply, RpcError, never]>>,
  // What the requests fail with, the call fails with.
  Assert<Equal<typeof allOfBreaking, Effect.Effect<HelloReply, RpcError | Broken>>>,
  Assert<Equal<Replies<typeof eachOfBreaking>, [HelloReply, RpcError | Broken, never]>>
]

// @ts-expect-error: one request, where a stream is wanted
export const oneForMany = () => greeter.sayHelloToAll({ name: "Ada" })

// @ts-expect-error: a stream of something else
export const otherRequests = () => greeter.sayHelloToAll(Stream.make("Ada"))

// @ts-expect-error: a field of the message is missing
export const incomplete = () => greeter.sayHello({})

export const optional = greeter.sayHelloOften({ name: "Ada" }).pipe(
  StreamOptions.provide(
    CallOptions.withTimeout("1 second"),
    CallOptions.withReply(() => Effect.void)
  )
)
export type Optional = Assert<Equal<Replies<typeof optional>, [HelloReply, RpcError, never]>>

// Handlers

const reply = HelloReply.make({ text: "Hello" })

export const handlers = {
  sayHello: () => Effect.fail(NobodyThere.make({ name: "" })),
  sayHelloOften: () => Stream.make(reply),
  sayHelloToAll: () => Effect.succeed(reply),
  sayHelloToEach: () => Stream.make(reply)
}

/** Requests are inferred, streams of them too. */
export const served = Greeter.serve({
  sayHello: ({ name }) => Effect.succeed({ text: name }),
  sayHelloOften: ({ name }) => Stream.make({ text: name }),
  sayHelloToAll: (requests) =>
    Effect.map(Stream.runCollect(requests), (all) => ({ text: all.map(({ name }) => name).join() })),
  sayHelloToEach: (requests) => Stream.map(requests, ({ name }) => ({ text: name }))
})
export type Served = Assert<Equal<typeof served, Layer.Layer<never, Router.DuplicateRoute, Router.Router>>>

// @ts-expect-error: an Effect, where a stream is wanted
export const oneReply = Greeter.serve({ ...handlers, sayHelloOften: () => Effect.succeed(reply) })

// @ts-expect-error: a failure that the method does not declare
export const undeclared = Greeter.serve({ ...handlers, sayHelloOften: () => Stream.fail(new Broken()) })

// @ts-expect-error: a stream of other messages
export const otherReplies = Greeter.serve({ ...handlers, sayHelloToEach: () => Stream.make("Hello") })

// Layers

export const server = GrpcServer.layer().pipe(Layer.provide(Router.layer(served)))
export const healthy = GrpcServer.layer().pipe(
  Layer.provide(Router.layer(served, Health.serve)),
  Layer.provideMerge(Health.layer)
)

export const client = Greeter.client.pipe(
  Layer.provide(ServiceConfig.layer(ServiceConfig.empty)),
  Layer.provide(Balancer.layer("greeter", P2c.policy)),
  Layer.provide(GrpcClient.layer())
)

declare const configs: Stream.Stream<ServiceConfig.ServiceConfig, Broken, Greeter>
export const following = ServiceConfig.layerChanges(configs)

export type Layers = [
  Assert<Equal<typeof server, Layer.Layer<Listener, ListenError | Router.DuplicateRoute>>>,
  Assert<Equal<typeof healthy, Layer.Layer<Listener | Health.Health, ListenError | Router.DuplicateRoute>>>,
  Assert<Equal<typeof client, Layer.Layer<Greeter, never, Resolver>>>,
  Assert<Equal<ReturnType<typeof GrpcClient.layer>, Layer.Layer<Connector>>>,
  Assert<Equal<typeof following, Layer.Middleware<never, Greeter>>>
]
