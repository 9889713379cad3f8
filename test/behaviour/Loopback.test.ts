import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Endpoint } from "../../src/Endpoint.ts"
import * as Loopback from "../../src/testing/Loopback.ts"
import * as Deadlines from "../../src/transport/Deadlines.ts"
import { suite, thrift, type Transport } from "./Behaviour.ts"

const loopback = (codec: "binary" | "compact"): Transport => ({
  name: `Loopback, ${codec}`,
  protocol: thrift,
  serve: (server) =>
    Effect.gen(function* () {
      const context = yield* Layer.build(Layer.mergeAll(server, Deadlines.layer))
      const made = yield* Effect.provideContext(Loopback.make({ codec }), context)
      return { client: Layer.succeed(Endpoint, made.endpoint), inFlight: made.inFlight }
    }),
  carriesContext: true,
  cancels: true,
  drains: false
})

suite(loopback("binary"))
suite(loopback("compact"))
