import { readFileSync } from "node:fs"
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
    GrpcServer.layer({
      host: "127.0.0.1",
      compression: { send: ["gzip"] },
      maxReceiveMessageSize: 16 * 1024 * 1024,
      ...options
    }).pipe(Layer.provide(Router.layer(Layer.orDie(TestService.serve(handlers)), Layer.orDie(Reflection.serve))))
  )

const announce = Layer.effectDiscard(
  Effect.flatMap(Listener, ({ address }) => Console.log(`listening on ${formatAddress(address)}`))
)

export const main = (args: ReadonlyArray<string>): void => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string", default: "8080" },
      use_tls: { type: "string", default: "false" },
      tls_cert_file: { type: "string" },
      tls_key_file: { type: "string" }
    }
  })
  const { port, tls_cert_file: cert, tls_key_file: key, use_tls: usesTls } = values
  if (usesTls === "true" && (cert === undefined || key === undefined))
    throw new Error("grpc-interop-server: --use_tls=true needs --tls_cert_file and --tls_key_file")
  const tls = usesTls === "true" ? { cert: readFileSync(cert!), key: readFileSync(key!) } : undefined
  announce.pipe(Layer.provide(layer({ port: Number(port), tls })), Layer.launch, NodeRuntime.runMain)
}
