/** One fixed address instead of a balancer and discovery: for tests, for tools, and for a service that is one process. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Instance from "../discovery/Instance.ts"
import { Endpoint } from "../Endpoint.ts"
import { NoInstance, RpcError } from "../RpcError.ts"
import { Connector } from "./Connector.ts"

/**
 * The endpoint that sends every call to `address`: `host:port`, `[v6]:port`, `unix:path` or a path. Connects with the first
 * call. `CallOptions.withInstance` has no say here. Fails with NoInstance when the text is no address.
 */
export const layer = (address: string): Layer.Layer<Endpoint, RpcError, Connector> =>
  Layer.effect(
    Endpoint,
    Effect.gen(function* () {
      const connector = yield* Connector
      const parsed = Instance.parseAddress(address)
      if (parsed === undefined) return yield* notAnAddress(address)
      const link = yield* connector.open(Instance.make(parsed))
      return link.endpoint
    })
  )

const notAnAddress = (address: string) =>
  Effect.fail(
    new RpcError({
      method: "connect",
      reason: new NoInstance({ target: address, detail: "this is no host:port, [v6]:port or socket path" })
    })
  )
