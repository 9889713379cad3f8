import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Call from "../src/Call.ts"
import * as Contract from "../src/Contract.ts"
import { Endpoint } from "../src/Endpoint.ts"
import * as Method from "../src/Method.ts"
import * as Router from "../src/Router.ts"

const codec = { protocol: "none" }
const method = (contract: string, name: string) => Method.unary<string, string>({ contract, name, codec })

class Items extends Contract.Service<Items>()("acme.Items", {
  getItem: method("acme.Items", "getItem"),
  ping: method("acme.Items", "ping")
}) {}
class Orders extends Contract.Service<Orders>()("acme.Orders", { ping: method("acme.Orders", "ping") }) {}
class OtherItems extends Contract.Service<OtherItems>()("beta.Items", { getItem: method("beta.Items", "getItem") }) {}
class PlainItems extends Contract.Service<PlainItems>()("Items", { getItem: method("Items", "getItem") }) {}

const says = (text: string) => () => Effect.succeed(text)
const ItemsLive = Items.serve({ getItem: says("acme item"), ping: says("items pong") })
const OrdersLive = Orders.serve({ ping: says("orders pong") })
const OtherItemsLive = OtherItems.serve({ getItem: says("beta item") })
const PlainItemsLive = PlainItems.serve({ getItem: says("plain item") })

/** What the handler found by these names answers. */
const ask = (contract: string | undefined, name: string) =>
  Effect.gen(function* () {
    const route = (yield* Router.Router).find(contract, name)
    if (route === undefined) return undefined
    const reply = yield* (yield* Endpoint)(Call.make(route.method, "a"))
    return Result.getOrThrow(reply.result)
  })

describe("Router", () => {
  it.effect("finds methods by contract, by its short name, and without any", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* ask("acme.Items", "getItem"), "acme item")
      assert.strictEqual(yield* ask("Items", "ping"), "items pong")
      assert.strictEqual(yield* ask("Orders", "ping"), "orders pong")
      assert.strictEqual(yield* ask(undefined, "getItem"), "acme item")
      assert.strictEqual(yield* ask(undefined, "ping"), "items pong", "the contract that was added first")
    }).pipe(Effect.provide(Router.layer(ItemsLive, OrdersLive)))
  )

  it.effect("knows no other names", () =>
    Effect.gen(function* () {
      for (const [contract, name] of [
        ["acme.Items", "getOrder"],
        ["acme.Things", "ping"],
        ["acme", "ping"],
        ["", "ping"],
        [undefined, "getOrder"],
        ["acme.Items", "constructor"],
        ["__proto__", "toString"]
      ] as const) {
        assert.strictEqual(yield* ask(contract, name), undefined, `${contract}.${name}`)
      }
    }).pipe(Effect.provide(Router.layer(ItemsLive, OrdersLive)))
  )

  it.effect("of two with one short name the first has it, a full name goes before a short one", () =>
    Effect.gen(function* () {
      const short = (layer: Layer.Layer<Router.Router | Endpoint, Router.DuplicateRoute>) =>
        Effect.provide(ask("Items", "getItem"), layer)
      assert.strictEqual(yield* short(Router.layer(ItemsLive, OtherItemsLive)), "acme item")
      assert.strictEqual(yield* short(Router.layer(OtherItemsLive, ItemsLive)), "beta item")
      assert.strictEqual(yield* short(Router.layer(ItemsLive, PlainItemsLive)), "plain item")
      assert.strictEqual(yield* short(Router.layer(PlainItemsLive, ItemsLive)), "plain item")
    })
  )

  it.effect("lists its contracts", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* Router.Router).contracts(), ["acme.Items", "acme.Orders"])
    }).pipe(Effect.provide(Router.layer(ItemsLive, OrdersLive)))
  )

  it.effect("a contract served twice does not build", () =>
    Effect.gen(function* () {
      const again = Items.serve({ getItem: says("other"), ping: says("other") })
      const error = yield* Effect.flip(Effect.scoped(Layer.build(Router.layer(ItemsLive, again))))
      assert.strictEqual(error._tag, "DuplicateRoute")
      assert.strictEqual(error.contract, "acme.Items")
      assert.match(error.message, /"acme.Items" is served twice by one router/)
    })
  )

  it.effect("two routers with the same contracts have a table each", () =>
    Effect.gen(function* () {
      class A extends Context.Service<A, Endpoint["Service"]>()("test/A") {}
      class B extends Context.Service<B, Endpoint["Service"]>()("test/B") {}
      const router = Router.layer(ItemsLive)
      const both = Layer.mergeAll(
        Layer.effect(A, Endpoint).pipe(Layer.provide(router)),
        Layer.effect(B, Endpoint).pipe(Layer.provide(router))
      )
      const context = yield* Layer.build(both)
      assert.notStrictEqual(Context.get(context, A), Context.get(context, B))
    })
  )

  it.effect("a call of a method that nobody serves fails as a protocol error that says what to check", () =>
    Effect.gen(function* () {
      const endpoint = yield* Endpoint
      const error = yield* Effect.flip(endpoint(Call.make(Orders.methods.ping, "a")))
      assert.strictEqual(error.reason._tag, "ProtocolError")
      assert.strictEqual(
        error.message,
        "acme.Orders.ping: no handler serves this method; is its contract given to Router.layer?"
      )
    }).pipe(Effect.provide(Router.layer(ItemsLive)))
  )
})
