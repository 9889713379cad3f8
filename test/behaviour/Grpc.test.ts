/** The suite over gRPC, both sides ours; and what it says of calls that stream. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Contract from "../../src/Contract.ts"
import * as Instance from "../../src/discovery/Instance.ts"
import * as GrpcClient from "../../src/grpc/GrpcClient.ts"
import * as GrpcServer from "../../src/grpc/GrpcServer.ts"
import { isRpcError } from "../../src/RpcError.ts"
import * as Direct from "../../src/transport/Direct.ts"
import { Listener } from "../../src/transport/Listener.ts"
import { GrpcProbe, Refused } from "../fixtures/GrpcProbe.ts"
import { type Outcome, type Protocol, suite, type Transport } from "./Behaviour.ts"

const { ask } = GrpcProbe.methods

class Newer extends Contract.Service<Newer>()("test.Probe", {
  later: { ...ask, name: "later", fullName: "test.Probe.later", codec: { ...ask.codec, path: "/test.Probe/later" } }
}) {}

const outcomes: Readonly<Record<number, Outcome>> = {
  2: "internal",
  4: "deadline",
  8: "overloaded",
  12: "unknownMethod",
  13: "internal"
}

// The suite calls what the two contracts have in common.
const grpc = {
  contract: GrpcProbe,
  newer: Newer,
  refuse: (why: string) => new Refused({ why }),
  outcomeOf: (error: unknown) =>
    isRpcError(error) && error.reason._tag === "StatusError" ? outcomes[error.reason.code] : undefined,
  hasOneway: false
} as unknown as Protocol

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "volant-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const over = (name: string, isUnix: boolean, options: GrpcClient.Options): Transport => ({
  name,
  protocol: grpc,
  serve: (server) =>
    Effect.gen(function* () {
      const place = isUnix ? { path: join(yield* folder, "socket") } : { host: "127.0.0.1" }
      const listening = GrpcServer.layer({ ...place, drainTimeout: "2 seconds", maxConcurrentStreams: 20_000 })
      const context = yield* Layer.build(Layer.provide(listening, server))
      const { address, inFlight } = Context.get(context, Listener)
      const client = Layer.provide(Direct.layer(Instance.formatAddress(address)), GrpcClient.layer(options))
      return { client, inFlight }
    }),
  carriesContext: true,
  cancels: true,
  drains: true
})

suite(over("gRPC over TCP", false, {}))
suite(over("gRPC over a Unix socket, compressed", true, { compression: { send: ["gzip"], threshold: 0 } }))
