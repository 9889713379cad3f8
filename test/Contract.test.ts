import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Call from "../src/Call.ts"
import * as CallOptions from "../src/CallOptions.ts"
import * as Contract from "../src/Contract.ts"
import { Endpoint } from "../src/Endpoint.ts"
import * as Layer from "../src/Layer.ts"
import * as Metainfo from "../src/Metainfo.ts"
import * as Method from "../src/Method.ts"
import * as Reply from "../src/Reply.ts"
import * as Timeout from "../src/resilience/Timeout.ts"
import * as Router from "../src/Router.ts"
import { isRpcError, Overloaded } from "../src/RpcError.ts"
import * as FakeEndpoint from "../src/testing/FakeEndpoint.ts"
import * as Loopback from "../src/testing/Loopback.ts"

const codec = { protocol: "none" }

class NotFound extends Error {
  readonly _tag = "NotFound"
}

class Items extends Contract.Service<Items>()("acme.Items", {
  getItem: Method.unary<{ readonly id: number }, string, NotFound>({ contract: "acme.Items", name: "GetItem", codec }),
  log: Method.oneway<string, void>({ contract: "acme.Items", name: "Log", codec })
}) {}

class Front extends Contract.Service<Front>()("acme.Front", {
  page: Method.unary<string, string, NotFound>({ contract: "acme.Front", name: "Page", codec })
}) {}

describe("a client", () => {
  const start = Effect.gen(function* () {
    const fake = yield* FakeEndpoint.make
    const context = yield* Layer.build(Items.client.pipe(Layer.provide(fake.layer)))
    return { fake, items: Context.get(context, Items) }
  })

  it.effect("has a function for each method, named as in TypeScript, calling it by the IDL's name", () =>
    Effect.gen(function* () {
      const { fake, items } = yield* start
      assert.deepStrictEqual(Object.keys(items), ["getItem", "log"])
      const fiber = yield* Effect.forkChild(items.getItem({ id: 1 }))
      const taken = yield* fake.nextOf(Items.methods.getItem)
      assert.strictEqual(taken.call.method.fullName, "acme.Items.GetItem")
      assert.deepStrictEqual(taken.payload, { id: 1 })
      yield* taken.reply("one")
      assert.strictEqual(yield* Fiber.join(fiber), "one")
    })
  )

  it.effect("fails with the declared exception, or with an RpcError", () =>
    Effect.gen(function* () {
      const { fake, items } = yield* start
      const declared = yield* Effect.forkChild(
        items.getItem({ id: 1 }).pipe(Effect.catchTag("NotFound", (error) => Effect.succeed(`caught ${error.message}`)))
      )
      yield* (yield* fake.next).declared(new NotFound("one"))
      assert.strictEqual(yield* Fiber.join(declared), "caught one")
      const failed = yield* Effect.forkChild(Effect.flip(items.getItem({ id: 1 })))
      yield* (yield* fake.next).fail(new Overloaded({ limit: "1" }))
      assert.isTrue(isRpcError(yield* Fiber.join(failed)))
    })
  )

  it.effect("an interrupted call interrupts the endpoint", () =>
    Effect.gen(function* () {
      const { fake, items } = yield* start
      const fiber = yield* Effect.forkChild(items.getItem({ id: 1 }))
      const taken = yield* fake.next
      yield* Fiber.interrupt(fiber)
      yield* taken.interrupted
      assert.strictEqual(fake.waiting(), 0)
    })
  )

  it.effect("each run of a call is a call of its own", () =>
    Effect.gen(function* () {
      let calls = 0
      const counting = Layer.succeed(Endpoint, () => Effect.sync(() => Reply.succeed(++calls)))
      const context = yield* Layer.build(Items.client.pipe(Layer.provide(counting)))
      const call = Context.get(context, Items).getItem({ id: 1 })
      assert.strictEqual(calls, 0)
      yield* call
      yield* call
      assert.strictEqual(calls, 2)
    })
  )
})

/** A server in place; `over` it are its middleware. Keeps the calls that arrive. */
const server = <E, R>(
  arrived: Array<Call.Call>,
  router: Layer.Layer<Router.Router | Endpoint, E, R>,
  over: Layer.Middleware
) =>
  Loopback.layer({ codec: "none" }).pipe(
    Layer.provide(
      Layer.middleware((inner) => (call) => {
        arrived.push(call)
        return inner(call)
      })
    ),
    Layer.provide(over),
    Layer.provide(router)
  )

describe("a call made in a handler", () => {
  class Greeting extends Context.Service<Greeting, string>()("test/Greeting") {}

  const ItemsLive = Items.serve({
    getItem: ({ id }) =>
      id === 7
        ? Effect.fail(new NotFound("seven"))
        : Effect.map(Effect.all([Greeting, Call.Current]), ([greeting, call]) => `${greeting} ${id} ${call?.peer}`),
    log: () => Effect.void
  })
  const FrontLive = Front.serve({
    page: (name) =>
      Effect.flatMap(Items, (items) => items.getItem({ id: name.length })).pipe(
        Effect.catchTag("RpcError", (error) => Effect.succeed(error.message))
      )
  })

  /** Front, which calls items. */
  const system = (arrived: Array<Call.Call>, over: Layer.Middleware = Timeout.layer("Infinity")) => {
    const items = Items.client.pipe(
      Layer.provide(server(arrived, Router.layer(ItemsLive), over)),
      Layer.provide(Layer.succeed(Greeting, "item"))
    )
    return Front.client.pipe(Layer.provide(server(arrived, Router.layer(FrontLive), over)), Layer.provide(items))
  }

  it.effect("gets the deadline and the persistent metainfo of the call being served, without their being passed", () =>
    Effect.gen(function* () {
      const arrived: Array<Call.Call> = []
      const answer = yield* Front.use((front) => front.page("home")).pipe(
        CallOptions.withTimeout("1 second"),
        CallOptions.withPersistent("Lane", "blue"),
        CallOptions.withTransient("Hop", "1"),
        CallOptions.withMetadata("secret", "1"),
        CallOptions.withTag("zone", "a"),
        Effect.provide(system(arrived))
      )
      assert.strictEqual(answer, "item 4 loopback")
      const [front, items] = arrived
      assert(front !== undefined && items !== undefined)
      assert.strictEqual(items.method, Items.methods.getItem)
      assert.strictEqual(items.deadline, 1_000)
      assert.strictEqual(items.deadline, front.deadline)
      assert.deepStrictEqual(Object.fromEntries(items.metainfo.persistent), { Lane: "blue" })
      assert.strictEqual(front.metainfo.transient.get("Hop"), "1")
      assert.strictEqual(items.metainfo.transient.size, 0)
      assert.deepStrictEqual([items.metadata.entries, items.tags.size], [[], 0])
    })
  )

  it.effect("gets the deadline that the server's own Timeout set", () =>
    Effect.gen(function* () {
      const arrived: Array<Call.Call> = []
      yield* Front.use((front) => front.page("home")).pipe(
        CallOptions.withTimeout("1 second"),
        Effect.provide(system(arrived, Timeout.layer("300 millis")))
      )
      assert.deepStrictEqual(
        arrived.map((call) => call.deadline),
        [1_000, 300]
      )
    })
  )

  it.effect("and nothing when the served call has nothing", () =>
    Effect.gen(function* () {
      const arrived: Array<Call.Call> = []
      yield* Front.use((front) => front.page("home")).pipe(Effect.provide(system(arrived)))
      assert.deepStrictEqual(
        arrived.map((call) => [call.deadline, Metainfo.isEmpty(call.metainfo)]),
        [
          [undefined, true],
          [undefined, true]
        ]
      )
    })
  )

  it.effect("may fail with an exception that its own method declares", () =>
    Effect.gen(function* () {
      const error = yield* Front.use((front) => front.page("welcome")).pipe(Effect.provide(system([])), Effect.flip)
      assert.strictEqual(error._tag, "NotFound")
    })
  )
})
