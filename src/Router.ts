/** Server side: from a method's name to the handler that serves it. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Call } from "./Call.ts"
import { Endpoint } from "./Endpoint.ts"
import type * as Method from "./Method.ts"
import { ProtocolError, RpcError } from "./RpcError.ts"

/** One served method. */
export interface Route {
  readonly method: Method.Any
  readonly endpoint: Endpoint["Service"]
  /** The services that the handlers were built with; a call's fiber starts with them. */
  readonly context: Context.Context<never>
}

/** Contracts add themselves while the layer builds; protocols look methods up by what the peer sent. */
export class Router extends Context.Service<
  Router,
  {
    readonly add: (routes: ReadonlyArray<Route>) => Effect.Effect<void, DuplicateRoute>
    /**
     * `contract` is the IDL's name of it, with or without namespace, the full name going first; undefined when the peer named
     * none. Of several that fit, the one added first serves.
     */
    readonly find: (contract: string | undefined, method: string) => Route | undefined
    readonly contracts: () => ReadonlyArray<string>
    /** Those of all contracts, in the order in which they were added. */
    readonly methods: () => ReadonlyArray<Method.Any>
  }
>()("volant/Router") {}

/** Two contracts of one server have the same name. */
export class DuplicateRoute extends Error {
  readonly _tag = "DuplicateRoute"
  readonly contract: string
  constructor(contract: string) {
    super(`the contract "${contract}" is served twice by one router; give each its own server, or serve it once`)
    this.contract = contract
  }
}

class Table {
  private readonly byContract = new Map<string, Map<string, Route>>()
  /** By the name without namespace. */
  private readonly byShortName = new Map<string, Map<string, Route>>()
  private readonly byMethod = new Map<string, Route>()
  readonly endpoints = new Map<Method.Any, Endpoint["Service"]>()

  add(routes: ReadonlyArray<Route>): DuplicateRoute | undefined {
    const contract = routes[0]?.method.contract
    if (contract === undefined) return undefined
    if (this.byContract.has(contract)) return new DuplicateRoute(contract)
    const methods = new Map(routes.map((route) => [route.method.name, route]))
    this.byContract.set(contract, methods)
    const short = contract.slice(contract.lastIndexOf(".") + 1)
    if (!this.byShortName.has(short)) this.byShortName.set(short, methods)
    for (const route of routes) {
      if (!this.byMethod.has(route.method.name)) this.byMethod.set(route.method.name, route)
      this.endpoints.set(route.method, route.endpoint)
    }
    return undefined
  }

  find(contract: string | undefined, method: string): Route | undefined {
    if (contract === undefined) return this.byMethod.get(method)
    return (this.byContract.get(contract) ?? this.byShortName.get(contract))?.get(method)
  }

  contracts(): ReadonlyArray<string> {
    return Array.from(new Set(Array.from(this.endpoints.keys(), (method) => method.contract)))
  }
}

/** Routes calls to the given contracts, the innermost endpoint of a server: `Router.layer(ItemsLive, OrdersLive)`. */
export const layer = <const Services extends ReadonlyArray<Layer.Layer<never, any, any>>>(
  ...services: Services
): Layer.Layer<Router | Endpoint, Layer.Error<Services[number]>, Exclude<Layer.Services<Services[number]>, Router>> => {
  const routing = Layer.effectContext(
    Effect.sync(() => {
      const table = new Table()
      const router = Router.of({
        add: (routes) =>
          Effect.suspend(() => {
            const duplicate = table.add(routes)
            return duplicate === undefined ? Effect.void : Effect.fail(duplicate)
          }),
        find: (contract, method) => table.find(contract, method),
        contracts: () => table.contracts(),
        methods: () => Array.from(table.endpoints.keys())
      })
      const endpoint = (call: Call) => table.endpoints.get(call.method)?.(call) ?? unknownMethod(call)
      return Context.make(Router, router).pipe(Context.add(Endpoint, endpoint))
    })
  )
  // Fresh: two servers with the same contracts have a table each.
  return Layer.fresh(Layer.provideMerge(Layer.mergeAll(Layer.empty, ...services), routing)) as Layer.Layer<
    Router | Endpoint,
    Layer.Error<Services[number]>,
    Exclude<Layer.Services<Services[number]>, Router>
  >
}

const unknownMethod = (call: Call) =>
  Effect.fail(
    new RpcError({
      method: call.method.fullName,
      reason: new ProtocolError({ detail: "no handler serves this method; is its contract given to Router.layer?" })
    })
  )
