import { parseArgs } from "node:util"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { formatAddress } from "../../../src/discovery/Instance.ts"
import * as GrpcServer from "../../../src/grpc/GrpcServer.ts"
import * as Reflection from "../../../src/grpc/Reflection.ts"
import * as Router from "../../../src/Router.ts"
import { Listener } from "../../../src/transport/Listener.ts"
import { TestService } from "./gen/grpc/testing/test.ts"
import { handlers } from "./Handlers.ts"

/** The service on a port of its own choosing (0) or a given one. */
export const layer = (options: GrpcServer.Options): Layer.Layer<Listener> =>
  Layer.orDie(
    GrpcServer.layer({ host: "127.0.0.1", ...options }).pipe(
      Layer.provide(Router.layer(Layer.orDie(TestService.serve(handlers)), Layer.orDie(Reflection.serve)))
    )
  )

const announce = Layer.effectDiscard(
  Effect.flatMap(Listener, ({ address }) => Console.log(`listening on ${formatAddress(address)}`))
)

export const main = (args: ReadonlyArray<string>): void => {
  const { values } = parseArgs({
    args: [...args],
    options: { port: { type: "string", default: "8080" }, use_tls: { type: "string", default: "false" } }
  })
  if (values.use_tls !== "false")
    throw new Error("grpc-interop-server: --use_tls=true needs certificates that it has not")
  announce.pipe(Layer.provide(layer({ port: Number(values.port) })), Layer.launch, NodeRuntime.runMain)
}
