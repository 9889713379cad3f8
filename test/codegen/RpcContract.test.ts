import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as RpcClient from "effect/rpc/RpcClient"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as RpcServer from "effect/rpc/RpcServer"
import * as RpcTest from "effect/rpc/RpcTest"
import * as SocketServer from "effect/socket/SocketServer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { Greeter, HelloReply, type HelloRequest, NobodyThere } from "../../examples/greeter/gen/greeter.ts"
import * as Call from "../../src/Call.ts"
import * as CallOptions from "../../src/CallOptions.ts"
import type * as Contract from "../../src/Contract.ts"
import * as RpcContract from "../../src/codegen/RpcContract.ts"
import type { Endpoint } from "../../src/Endpoint.ts"
import * as Guard from "../../src/Guard.ts"
import * as GrpcClient from "../../src/grpc/GrpcClient.ts"
import * as GrpcServer from "../../src/grpc/GrpcServer.ts"
import * as Layer from "../../src/Layer.ts"
import * as Metadata from "../../src/Metadata.ts"
import * as Timeout from "../../src/resilience/Timeout.ts"
import * as Router from "../../src/Router.ts"
import { BizError, isRpcError, Overloaded, RpcError, StatusError } from "../../src/RpcError.ts"
import * as Loopback from "../../src/testing/Loopback.ts"
import * as Direct from "../../src/transport/Direct.ts"
import { Listener } from "../../src/transport/Listener.ts"
import * as Instance from "../../src/discovery/Instance.ts"
import { Probe } from "../fixtures/Probe.ts"
import { Denied, Health } from "./gen/usual/common/base.ts"
import { type Choice, Failed, Kitchen, type KitchenCookArgs, type KitchenStockArgs } from "./gen/usual/kitchen.ts"

const choice: Choice = {
  _tag: "named",
  value: new Map<string, Choice>([
    [
      "several",
      {
        _tag: "several",
        value: [
          { _tag: "number", value: -1 },
          { _tag: "text", value: "é" }
        ]
      }
    ],
    ["denied", { _tag: "denied", value: new Denied({ message: "within" }) }]
  ])
}

const handlers = {
  healthy: () => Effect.succeed(true),
  note: () => Effect.void,
  cook: ({ recipe, servings }: KitchenCookArgs): Effect.Effect<Choice, Failed | Denied | RpcError> => {
    if (servings === 0)
      return Effect.fail(new Failed({ code: 7, message: "burnt", detail: { _tag: "flag", value: true } }))
    if (servings === -1) return Effect.fail(new Denied({ message: "no" }))
    if (servings === -2) {
      const extra = new Map([["table", "7"]])
      return Effect.fail(new RpcError({ method: "m", reason: new BizError({ code: 3, detail: "closed", extra }) }))
    }
    if (servings === -3) return Effect.die(new Error("secret"))
    if (servings === -4) return Effect.fail(new Error("secret") as never)
    return Effect.succeed(recipe.value === 0 ? choice : { _tag: "node", value: recipe })
  },
  clean: () => Effect.void,
  wipe: () => Effect.void,
  stock: ({ ids }: KitchenStockArgs) => Effect.succeed([new Map(Array.from(ids, (id) => [`${id}`, id * 2n]))]),
  time: () => Effect.succeed(2 ** 40),
  ring: () => Effect.void
}

const kitchenRouter = Router.layer(Kitchen.serve(handlers))

const greeterHandlers = {
  sayHello: ({ name }: HelloRequest): Effect.Effect<HelloReply, NobodyThere> =>
    name === "nobody"
      ? Effect.fail(NobodyThere.make({ name }))
      : Effect.succeed(HelloReply.make({ text: `Hello, ${name}!` })),
  sayHelloOften: ({ name }: HelloRequest): Stream.Stream<HelloReply, RpcError> =>
    Stream.concat(
      Stream.fromArray(["Hi", "Hello"].map((word) => HelloReply.make({ text: `${word}, ${name}!` }))),
      name === "nobody"
        ? Stream.fail(new RpcError({ method: "m", reason: new StatusError({ code: 5, detail: "nobody" }) }))
        : Stream.empty
    ),
  sayHelloToAll: (names: Stream.Stream<HelloRequest, RpcError>) =>
    Effect.map(Stream.runCollect(names), (all) => HelloReply.make({ text: all.map(({ name }) => name).join() })),
  sayHelloToEach: (names: Stream.Stream<HelloRequest, RpcError>) =>
    Stream.map(names, ({ name }) => HelloReply.make({ text: name }))
}

const greeterRouter = Router.layer(Greeter.serve(greeterHandlers))

type Serialization = Layer.Layer<RpcSerialization.RpcSerialization>

/** Effect's own server on a socket, and on it what the contract's client stands on. */
const overSocket = (
  contract: typeof Kitchen | typeof Greeter,
  router: Layer.Layer<Endpoint | Router.Router, unknown>,
  serialization: Serialization
): Layer.Layer<Endpoint, unknown> => {
  const server = RpcServer.layer(RpcContract.group<Contract.Methods>(contract)).pipe(
    Layer.provide(RpcContract.layer<Contract.Methods>(contract)),
    Layer.provide(router),
    Layer.provide(RpcServer.layerProtocolSocketServer),
    Layer.provide(serialization),
    Layer.provideMerge(NodeSocketServer.layer({ port: 0, host: "127.0.0.1" }))
  )
  const protocol = Layer.unwrap(
    Effect.map(SocketServer.SocketServer, ({ address }) => {
      const socket = NodeSocket.layerNet({ host: "127.0.0.1", port: "port" in address ? address.port : 0 })
      return RpcClient.layerProtocolSocket().pipe(Layer.provide([socket, serialization]))
    })
  )
  return Layer.provide(RpcContract.layerClient<Contract.Methods>(contract), Layer.provide(protocol, server))
}

const overGrpc = (router: typeof greeterRouter) =>
  Layer.unwrap(
    Effect.map(Listener, ({ address }) =>
      Layer.provide(Direct.layer(Instance.formatAddress(address)), GrpcClient.layer())
    )
  ).pipe(Layer.provide(Layer.provide(GrpcServer.layer({ host: "127.0.0.1", port: 0 }), router)))

const quiet = Logger.layer([])

const kitchens: ReadonlyArray<readonly [string, Layer.Layer<Endpoint, unknown>]> = [
  ["Thrift's bytes", Loopback.layer().pipe(Layer.provide(kitchenRouter))],
  ["a socket, JSON lines", overSocket(Kitchen, kitchenRouter, RpcSerialization.layerNdjson)],
  ["a socket, JSON-RPC", overSocket(Kitchen, kitchenRouter, RpcSerialization.layerNdJsonRpc())],
  ["a socket, binary", overSocket(Kitchen, kitchenRouter, RpcSerialization.layerSchemaBinary())]
]

describe.each(kitchens)("a Thrift contract over %s", (_, transport) => {
  it.live("values and errors come back as they are", () =>
    Effect.gen(function* () {
      const kitchen = yield* Kitchen
      assert.deepStrictEqual(yield* kitchen.cook({ recipe: { value: 0 } }), choice)
      const recipe = { value: 1, children: [{ value: 2 }] }
      const cooked = yield* kitchen.cook({ recipe })
      assert.isTrue(cooked._tag === "node" && cooked.value.children?.[0]?.value === 2)
      const stock = yield* kitchen.stock({ ids: new Set([1n, -(2n ** 61n)]) })
      assert.deepStrictEqual(stock, [
        new Map([
          ["1", 2n],
          [`${-(2n ** 61n)}`, -(2n ** 62n)]
        ])
      ])
      assert.strictEqual(yield* kitchen.clean({}), undefined)
      assert.strictEqual(yield* kitchen.time({}), 2 ** 40)
      assert.strictEqual(yield* kitchen.healthy({}), true)
      assert.strictEqual(yield* kitchen.ring({ bell: {} }), undefined)

      const failed = yield* Effect.flip(kitchen.cook({ recipe: {}, servings: 0 }))
      assert.instanceOf(failed, Failed)
      assert.deepInclude(failed, { code: 7, message: "burnt", detail: { _tag: "flag", value: true } })
      const denied = yield* Effect.flip(kitchen.cook({ recipe: {}, servings: -1 }))
      assert.instanceOf(denied, Denied)
      assert.strictEqual(denied.message, "no")
    }).pipe(Effect.provide(Layer.provide(Kitchen.client, transport)), Effect.provide(quiet))
  )

  it.live("what a method does not declare is an internal error, and the next call works", () =>
    Effect.gen(function* () {
      const kitchen = yield* Kitchen
      for (const servings of [-3, -4]) {
        const error = yield* Effect.flip(kitchen.cook({ recipe: {}, servings }))
        assert.isTrue(isRpcError(error) && error.reason._tag === "ApplicationError" && error.reason.code === 6)
        assert.notInclude(String(error.message), "secret")
      }
      const wrong = yield* Effect.flip(kitchen.cook({ recipe: { value: 2 ** 31 } }))
      assert.isTrue(isRpcError(wrong) && wrong.reason._tag === "ProtocolError")
      assert.strictEqual(yield* kitchen.healthy({}), true)
    }).pipe(Effect.provide(Layer.provide(Kitchen.client, transport)), Effect.provide(quiet))
  )
})

const greeters: ReadonlyArray<readonly [string, Layer.Layer<Endpoint, unknown>]> = [
  ["gRPC", overGrpc(greeterRouter)],
  ["a socket, JSON lines", overSocket(Greeter, greeterRouter, RpcSerialization.layerNdjson)],
  ["a socket, binary", overSocket(Greeter, greeterRouter, RpcSerialization.layerSchemaBinary())]
]

describe.each(greeters)("a protobuf contract over %s", (_, transport) => {
  it.live("values, streams and errors come back as they are", () =>
    Effect.gen(function* () {
      const greeter = yield* Greeter
      assert.strictEqual((yield* greeter.sayHello({ name: "Ada" })).text, "Hello, Ada!")
      const error = yield* Effect.flip(greeter.sayHello({ name: "nobody" }))
      assert.instanceOf(error, NobodyThere)
      assert.strictEqual(error.name, "nobody")
      const often = yield* Stream.runCollect(greeter.sayHelloOften({ name: "Ada" }))
      assert.deepStrictEqual(
        often.map(({ text }) => text),
        ["Hi, Ada!", "Hello, Ada!"]
      )

      const heard: Array<string> = []
      const broken = greeter.sayHelloOften({ name: "nobody" }).pipe(
        Stream.runForEach(({ text }) => Effect.sync(() => heard.push(text))),
        Effect.flip
      )
      const status = yield* broken
      assert.deepStrictEqual(heard, ["Hi, nobody!", "Hello, nobody!"])
      assert.isTrue(status.reason._tag === "StatusError" && status.reason.code === 5)
    }).pipe(Effect.provide(Layer.provide(Greeter.client, transport)), Effect.provide(quiet))
  )
})

describe("RpcContract", () => {
  const kitchen = RpcTest.makeClient(RpcContract.group(Kitchen))
  const test = RpcContract.layer(Kitchen).pipe(Layer.provide(kitchenRouter))

  it.effect("gives RpcTest a client, with the declared errors and RpcError", () =>
    Effect.gen(function* () {
      const client = yield* kitchen
      assert.deepStrictEqual(yield* client.cook({ recipe: { value: 0 } }), choice)
      const caught = yield* client.cook({ recipe: {}, servings: -1 }).pipe(
        Effect.catchTags({
          Denied: ({ message }) => Effect.succeed(message),
          Failed: ({ code }) => Effect.succeed(code)
        })
      )
      assert.strictEqual(caught, "no")
      const biz = yield* client
        .cook({ recipe: {}, servings: -2 })
        .pipe(
          Effect.catchReason("RpcError", "BizError", ({ code, detail, extra }) =>
            Effect.succeed([code, detail, extra.get("table")])
          )
        )
      assert.deepStrictEqual(biz, [3, "closed", "7"])
    }).pipe(Effect.provide(test))
  )

  it.effect("has what answers with one value or a stream, not what takes a stream", () =>
    Effect.gen(function* () {
      const group = RpcContract.group(Greeter)
      assert.deepStrictEqual([...group.requests.keys()], ["sayHello", "sayHelloOften"])
      const client = yield* RpcTest.makeClient(group)
      const often = yield* Stream.runCollect(client.sayHelloOften({ name: "Ada" }))
      assert.strictEqual(often.length, 2)
    }).pipe(Effect.provide(RpcContract.layer(Greeter).pipe(Layer.provide(greeterRouter))))
  )

  it.effect("takes the handlers of a contract as they are, too", () =>
    Effect.gen(function* () {
      const client = yield* RpcTest.makeClient(RpcContract.group(Greeter))
      assert.strictEqual((yield* client.sayHello({ name: "Ada" })).text, "Hello, Ada!")
    }).pipe(Effect.provide(RpcContract.group(Greeter).toLayer(greeterHandlers)))
  )

  it.effect("keeps the methods of two contracts apart by prefixes", () =>
    Effect.gen(function* () {
      const a = RpcContract.group(Health, { prefix: "a." })
      const b = RpcContract.group(Health, { prefix: "b." })
      const health = (isHealthy: boolean) =>
        Router.layer(Health.serve({ healthy: () => Effect.succeed(isHealthy), note: () => Effect.void }))
      const served = Layer.mergeAll(
        Layer.provide(RpcContract.layer(Health, { prefix: "a." }), health(true)),
        Layer.provide(RpcContract.layer(Health, { prefix: "b." }), health(false))
      )
      const client = yield* Effect.provideContext(RpcTest.makeClient(a.merge(b)), yield* Layer.build(served))
      assert.deepStrictEqual([yield* client["a.healthy"]({}), yield* client["b.healthy"]({})], [true, false])
    })
  )

  it.effect("serves through middleware: a Timeout interrupts the handler, and ends a stream", () =>
    Effect.gen(function* () {
      const interrupted = yield* Deferred.make<void>()
      const router = Router.layer(
        Greeter.serve({
          ...greeterHandlers,
          sayHello: () => Effect.onInterrupt(Effect.never, () => Deferred.succeed(interrupted, undefined)),
          sayHelloOften: ({ name }) => Stream.concat(Stream.succeed(HelloReply.make({ text: name })), Stream.never)
        })
      )
      const served = RpcContract.layer(Greeter).pipe(
        Layer.provide(Layer.provideMerge(Timeout.layer("1 second"), router))
      )
      const group = RpcContract.group(Greeter)
      const client = yield* Effect.provideContext(RpcTest.makeClient(group), yield* Layer.build(served))
      const once = yield* Effect.forkChild(Effect.flip(client.sayHello({ name: "Ada" })), { startImmediately: true })
      const heard = yield* Deferred.make<string>()
      const often = yield* client.sayHelloOften({ name: "Ada" }).pipe(
        Stream.runForEach(({ text }) => Deferred.succeed(heard, text)),
        Effect.flip,
        Effect.forkChild({ startImmediately: true })
      )
      assert.strictEqual(yield* Deferred.await(heard), "Ada")
      yield* TestClock.adjust("2 seconds")
      for (const error of [yield* Fiber.join(once), yield* Fiber.join(often)]) {
        assert.isTrue(isRpcError(error) && error.reason._tag === "DeadlineExceeded")
      }
      yield* Deferred.await(interrupted)
    })
  )

  it.effect("shows headers as metadata and metainfo to guards and handlers", () =>
    Effect.gen(function* () {
      let seen: Call.Call | undefined
      const guard = Guard.make((call) =>
        Metadata.get(call.metadata, "token") === "right"
          ? Effect.void
          : Effect.fail(new RpcError({ method: call.method.fullName, reason: new Overloaded({ limit: "no token" }) }))
      )
      const healthy = () => Effect.map(Call.Current, (call) => ((seen = call), true))
      const router = Router.layer(Health.serve({ healthy, note: () => Effect.void }, guard))
      const served = yield* Layer.build(Layer.provide(RpcContract.layer(Health), router))
      const client = yield* Effect.provideContext(RpcTest.makeClient(RpcContract.group(Health)), served)
      const refused = yield* Effect.flip(client.healthy({}))
      assert.strictEqual(refused.reason._tag, "Overloaded")
      yield* client.healthy({}, { headers: { Token: "right", "rpc-persist-zone": "a" } })
      assert.deepStrictEqual(seen?.metadata.entries, [["token", "right"]])
      assert.strictEqual(seen?.metainfo.persistent.get("ZONE"), "a")
    })
  )

  it("needs codecs that were generated", () => {
    assert.throws(() => RpcContract.group(Probe), /test\.Probe\.ask has a codec that was written by hand/)
  })
})

describe("RpcContract.layerClient", () => {
  it.live("sends metadata and metainfo, and holds to deadlines", () =>
    Effect.gen(function* () {
      let seen: Call.Call | undefined
      const router = Router.layer(
        Kitchen.serve({
          ...handlers,
          healthy: () => Effect.map(Call.Current, (call) => ((seen = call), true)),
          clean: () => Effect.never
        })
      )
      const transport = overSocket(Kitchen, router, RpcSerialization.layerNdjson)
      const kitchen = Context.get(yield* Layer.build(Layer.provide(Kitchen.client, transport)), Kitchen)
      yield* kitchen
        .healthy({})
        .pipe(CallOptions.withMetadata("Key", "value"), CallOptions.withPersistent("zone of", "a é"))
      assert.deepStrictEqual(seen?.metadata.entries, [["key", "value"]])
      assert.strictEqual(seen?.metainfo.persistent.get("zone of"), "a é")
      const late = yield* Effect.flip(kitchen.clean({}).pipe(CallOptions.withTimeout("20 millis")))
      assert.isTrue(isRpcError(late) && late.reason._tag === "DeadlineExceeded")
      const over = yield* Effect.flip(kitchen.healthy({}).pipe(CallOptions.withTimeout("-1 millis")))
      assert.isTrue(isRpcError(over) && over.reason._tag === "DeadlineExceeded")
    }).pipe(Effect.scoped, Effect.provide(quiet))
  )
})
