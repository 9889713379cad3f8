/** A client that talks to one address. */
import * as Layer from "effect/Layer"
import type { Endpoint } from "../../src/Endpoint.ts"
import * as ThriftClient from "../../src/thrift/ThriftClient.ts"
import * as Direct from "../../src/transport/Direct.ts"

/** The endpoint at `address`: `host:port` or a socket's path. */
export const layer = (address: string, options: ThriftClient.Options): Layer.Layer<Endpoint> =>
  Layer.orDie(Direct.layer(address)).pipe(Layer.provide(ThriftClient.layer(options)))
