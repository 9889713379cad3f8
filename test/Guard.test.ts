import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Call from "../src/Call.ts"
import * as Contract from "../src/Contract.ts"
import { Endpoint } from "../src/Endpoint.ts"
import * as Guard from "../src/Guard.ts"
import * as Metadata from "../src/Metadata.ts"
import * as Method from "../src/Method.ts"
import * as Router from "../src/Router.ts"
import { RpcError, StatusError } from "../src/RpcError.ts"

class Items extends Contract.Service<Items>()("acme.Items", {
  getItem: Method.unary<string, string, string>({
    contract: "acme.Items",
    name: "getItem",
    codec: { protocol: "none" }
  })
}) {}

class User extends Context.Service<User, { readonly name: string }>()("test/User") {}
class Accounts extends Context.Service<Accounts, ReadonlyMap<string, string>>()("test/Accounts") {}

const refuse = (call: Call.Call) =>
  Effect.fail(
    new RpcError({ method: call.method.fullName, reason: new StatusError({ code: 16, detail: "unknown token" }) })
  )

const call = (token?: string): Call.Call => ({
  ...Call.make(Items.methods.getItem, "a"),
  metadata: token === undefined ? Metadata.empty : Metadata.fromEntries([["token", token]])
})

/** Serves a call as a server does: with the services that the handlers were built with. */
const send = (call: Call.Call) =>
  Effect.gen(function* () {
    const endpoint = yield* Endpoint
    const route = (yield* Router.Router).find(call.method.contract, call.method.name)
    assert(route !== undefined)
    return (yield* Effect.provideContext(endpoint(call), route.context)).result
  })

describe("Guard.make", () => {
  let handled = 0
  const served = Router.layer(
    Items.serve(
      { getItem: () => Effect.sync(() => `item ${++handled}`) },
      Guard.make((call) => (Metadata.get(call.metadata, "token") === "good" ? Effect.void : refuse(call)))
    )
  )

  it.effect("lets pass or refuses before the handler runs", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(send(call("bad")))
      assert.strictEqual(error.message, "acme.Items.getItem: UNAUTHENTICATED: unknown token")
      assert.strictEqual(handled, 0)
      assert.deepStrictEqual(yield* send(call("good")), Result.succeed("item 1"))
    }).pipe(Effect.provide(served))
  )
})

describe("Guard.provide", () => {
  const authenticated = Guard.provide(User, (call) =>
    Effect.flatMap(Accounts, (accounts) => {
      const name = accounts.get(String(Metadata.get(call.metadata, "token")))
      return name === undefined ? refuse(call) : Effect.succeed({ name })
    })
  )
  const served = Router.layer(
    Items.serve(
      {
        getItem: (id) =>
          Effect.flatMap(User, ({ name }) =>
            name === "eve" ? Effect.fail("declared") : Effect.succeed(`${id} of ${name}`)
          )
      },
      authenticated
    )
  ).pipe(
    Layer.provide(
      Layer.succeed(
        Accounts,
        new Map([
          ["1", "ada"],
          ["2", "eve"]
        ])
      )
    )
  )

  it.effect("gives the handler what the check found, for each call", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* send(call("1")), Result.succeed("a of ada"))
      assert.deepStrictEqual(yield* send(call("2")), Result.fail("declared"))
      const error = yield* Effect.flip(send(call("3")))
      assert.strictEqual(error.reason._tag, "StatusError")
    }).pipe(Effect.provide(served))
  )
})

it.effect("a guard that dies does not let pass", () =>
  Effect.gen(function* () {
    const served = Router.layer(
      Items.serve(
        { getItem: () => Effect.succeed("item") },
        Guard.make(() => Effect.die("bug"))
      )
    )
    const exit = yield* Effect.exit(Effect.provide(send(call()), served))
    assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
  })
)
