/** Clients and handlers: what compiles, with which types, and what does not. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Endpoint } from "../../src/Endpoint.ts"
import * as Guard from "../../src/Guard.ts"
import * as Layer from "../../src/Layer.ts"
import type { DuplicateRoute, Router } from "../../src/Router.ts"
import * as RouterModule from "../../src/Router.ts"
import type { RpcError } from "../../src/RpcError.ts"
import type { Assert, Equal, HasAny, Not } from "./Assert.ts"
import { type GetItemRequest, Gone, type Item, Items, NotFound } from "./items.ts"

class Database extends Context.Service<Database, { readonly find: (id: bigint) => Effect.Effect<Item, NotFound> }>()(
  "types/Database"
) {}
class Clock extends Context.Service<Clock, { readonly now: number }>()("types/Clock") {}
class User extends Context.Service<User, { readonly name: string }>()("types/User") {}
class Accounts extends Context.Service<Accounts, { readonly byToken: ReadonlyMap<string, string> }>()(
  "types/Accounts"
) {}

const item: Item = { id: 1n, title: "one" }
const ping = () => Effect.void
const log = () => Effect.void

// Clients: exactly the declared exceptions and RpcError, no services, nothing that is `any`.

type ItemsClient = Context.Service.Shape<typeof Items>

export type Client = [
  Assert<
    Equal<ItemsClient["getItem"], (request: GetItemRequest) => Effect.Effect<Item, NotFound | Gone | RpcError, never>>
  >,
  Assert<Equal<ItemsClient["ping"], (request: {}) => Effect.Effect<void, RpcError, never>>>,
  Assert<Equal<ItemsClient["log"], (request: { readonly line: string }) => Effect.Effect<void, RpcError, never>>>,
  Assert<Equal<keyof ItemsClient, "getItem" | "ping" | "log">>,
  Assert<Not<HasAny<ItemsClient["getItem"]>>>,
  Assert<Equal<typeof Items.client, Layer.Layer<Items, never, Endpoint>>>
]

export const used = Items.use((items) => items.getItem({ id: 1n }))
export type Used = Assert<Equal<typeof used, Effect.Effect<Item, NotFound | Gone | RpcError, Items>>>

/** A caught exception is gone from the type, and so is everything once all are caught. */
export const someCaught = used.pipe(Effect.catchTag("NotFound", () => Effect.succeed(item)))
export const allCaught = used.pipe(
  Effect.catchTags({
    NotFound: () => Effect.succeed(item),
    Gone: () => Effect.succeed(item),
    RpcError: () => Effect.succeed(item)
  })
)
export type Caught = [
  Assert<Equal<typeof someCaught, Effect.Effect<Item, Gone | RpcError, Items>>>,
  Assert<Equal<typeof allCaught, Effect.Effect<Item, never, Items>>>
]

/** A reason of the union is caught by its own name. */
export const reasonCaught = used.pipe(
  Effect.catchReason("RpcError", "Unavailable", (reason) => Effect.succeed({ id: 0n, title: String(reason.unsent) }))
)

// @ts-expect-error: getItem does not declare this one
export const unknownTag = used.pipe(Effect.catchTag("OutOfStock", () => Effect.succeed(item)))

// @ts-expect-error: the request is of another shape
export const wrongRequest = Items.use((items) => items.getItem({ key: "one" }))

// @ts-expect-error: no such method
export const wrongMethod = Items.use((items) => items.getOrder({}))

declare const runMain: <A, E>(effect: Effect.Effect<A, E>) => void

// @ts-expect-error: a client without a transport below it
export const noTransport = () => runMain(used.pipe(Effect.provide(Items.client)))

export const withTransport = (transport: Layer.Layer<Endpoint>) =>
  runMain(used.pipe(Effect.provide(Items.client.pipe(Layer.provide(transport)))))

declare const middleware: Layer.Middleware
const overMiddleware = used.pipe(Effect.provide(Items.client.pipe(Layer.provide(middleware))))
// @ts-expect-error: nor with middleware alone below it
export const onlyMiddleware = () => runMain(overMiddleware)

// Handlers

const acquire = (line: string) => Effect.asVoid(Effect.acquireRelease(Effect.succeed(line.length), () => Effect.void))

/** Requests are inferred, and what handlers need is needed once by the layer. */
export const served = Items.serve({
  getItem: ({ id }) => Effect.flatMap(Database, (database) => database.find(id)),
  ping: () => Effect.asVoid(Clock),
  log: ({ line }) => acquire(line).pipe(Effect.scoped)
})
export type Served = [
  Assert<Equal<typeof served, Layer.Layer<never, DuplicateRoute, Router | Database | Clock>>>,
  Assert<Not<HasAny<typeof served>>>
]

/** A handler whose resources nobody would release needs a Scope, and says so: the layer's would outlive the call. */
export const leaking = Items.serve({
  getItem: ({ id }) => Effect.flatMap(Database, (database) => database.find(id)),
  ping: () => Effect.void,
  log: ({ line }) => acquire(line)
})
export type Leaking = Assert<Equal<Extract<Scope.Scope, Layer.Services<typeof leaking>>, Scope.Scope>>

/** A handler may fail with fewer exceptions than declared, and with an RpcError. */
export const fewer = Items.serve({ getItem: () => Effect.fail(new Gone()), ping, log })
export const framework = (error: RpcError) => Items.serve({ getItem: () => Effect.fail(error), ping, log })

/** A handler may take no argument and return more than asked for. */
export const more = Items.serve({ getItem: () => Effect.succeed({ ...item, extra: true }), ping, log })

export const generator = Items.serve({
  getItem: Effect.fnUntraced(function* ({ id }) {
    const database = yield* Database
    return yield* database.find(id)
  }),
  ping,
  log
})
export type Generator = Assert<Equal<typeof generator, Layer.Layer<never, DuplicateRoute, Router | Database>>>

// @ts-expect-error: the answer is of another shape
export const wrongAnswer = Items.serve({ getItem: () => Effect.succeed({ id: 1n }), ping, log })

// @ts-expect-error: the answer's field is of another type
export const wrongField = Items.serve({ getItem: () => Effect.succeed({ id: 1, title: "one" }), ping, log })

// @ts-expect-error: the handler is no effect
export const noEffect = Items.serve({ getItem: () => item, ping, log })

// @ts-expect-error: the handler takes another request
export const otherRequest = Items.serve({ getItem: (_: { readonly key: string }) => Effect.succeed(item), ping, log })

// @ts-expect-error: a failure that the IDL does not declare
export const undeclared = Items.serve({ getItem: () => Effect.fail(new Error("oops")), ping, log })

const getItem = () => Effect.succeed(item)

// @ts-expect-error: a failure that another method declares, not this one
export const declaredElsewhere = Items.serve({ getItem, ping: () => Effect.fail(new NotFound()), log })

declare const rpcError: RpcError
// @ts-expect-error: nobody would hear of a oneway handler's failure
export const onewayFailure = Items.serve({ getItem, ping, log: () => Effect.fail(rpcError) })

// @ts-expect-error: ping has no handler
export const missing = Items.serve({ getItem, log })

// @ts-expect-error: the contract has no method of this name
export const extra = Items.serve({ getItem, ping, log, getOrder: ping })

// Guards

const authenticated = Guard.provide(User, () =>
  Effect.map(Accounts, (accounts) => ({ name: accounts.byToken.get("") ?? "nobody" }))
)
export type Authenticated = Assert<Equal<typeof authenticated, Guard.Guard<User, Accounts>>>

const needsUser = { getItem: () => Effect.map(User, ({ name }) => ({ id: 0n, title: name })), ping, log }

/** What the guard provides, handlers need no more; what the guard needs is needed instead. */
export const guarded = Items.serve(needsUser, authenticated)
export const unguarded = Items.serve(needsUser)
export type Guarded = [
  Assert<Equal<typeof guarded, Layer.Layer<never, DuplicateRoute, Router | Accounts>>>,
  Assert<Equal<typeof unguarded, Layer.Layer<never, DuplicateRoute, Router | User>>>,
  Assert<Not<HasAny<typeof guarded>>>
]

const launch = <E>(_server: Layer.Layer<Router | Endpoint, E>) => {}

/** A server with all that it needs. */
export const complete = () =>
  launch(RouterModule.layer(guarded).pipe(Layer.provide(Layer.succeed(Accounts, { byToken: new Map() }))))

// @ts-expect-error: handlers need the user, and no guard provides it
export const unsatisfied = () => launch(RouterModule.layer(unguarded))

// @ts-expect-error: the guard needs the accounts
export const unsatisfiedGuard = () => launch(RouterModule.layer(guarded))

// @ts-expect-error: a guard may fail with an RpcError alone
export const guardFailure = Guard.make(() => Effect.fail(new Error("no")))

// Routers

const both = RouterModule.layer(served, guarded)
export type Both = [
  Assert<Equal<typeof both, Layer.Layer<Router | Endpoint, DuplicateRoute, Database | Clock | Accounts>>>,
  Assert<Not<HasAny<typeof both>>>
]
