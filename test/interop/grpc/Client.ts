import { parseArgs } from "node:util"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import * as GrpcClient from "../../../src/grpc/GrpcClient.ts"
import * as Layer from "../../../src/Layer.ts"
import type { Reply } from "../../../src/Reply.ts"
import * as Direct from "../../../src/transport/Direct.ts"
import { checks, type Probe, recording } from "./Checks.ts"
import { TestService, UnimplementedService } from "./gen/grpc/testing/test.ts"
import { type Case, cases } from "./peers.ts"

const endpointOf = (address: string, options?: GrpcClient.Options) =>
  Layer.orDie(Direct.layer(address)).pipe(Layer.provide(GrpcClient.layer(options)))

/** The clients of the cases, over connections to one address. */
export const probe = (address: string): Effect.Effect<Probe, never, Scope.Scope> =>
  Effect.gen(function* () {
    const replies: Array<Reply> = []
    const clients = Layer.merge(TestService.client, UnimplementedService.client).pipe(
      Layer.provide(recording(replies)),
      Layer.provide(endpointOf(address))
    )
    const context = yield* Layer.build(clients)
    const another = Layer.build(Layer.fresh(TestService.client.pipe(Layer.provide(endpointOf(address)))))
    return {
      client: Context.get(context, TestService),
      unimplemented: Context.get(context, UnimplementedService),
      another: Effect.map(another, (built) => Context.get(built, TestService)),
      replies
    }
  })

/** Runs one case; fails with what is wrong. */
export const run = (address: string, testCase: Case): Effect.Effect<void, unknown> =>
  Effect.scoped(Effect.flatMap(probe(address), (probe) => checks[testCase](probe)))

export const main = (args: ReadonlyArray<string>): void => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      server_host: { type: "string", default: "127.0.0.1" },
      server_port: { type: "string", default: "8080" },
      test_case: { type: "string", default: "large_unary" },
      use_tls: { type: "string", default: "false" }
    }
  })
  const testCase = cases.find((name) => name === values.test_case)
  if (testCase === undefined || values.use_tls !== "false") {
    console.error(`--test_case is one of ${cases.join(", ")}, and --use_tls is false`)
    process.exit(2)
  }
  const alive = setInterval(() => {}, 1000)
  Effect.runFork(run(`${values.server_host}:${values.server_port}`, testCase)).addObserver((exit) => {
    clearInterval(alive)
    if (Exit.isFailure(exit)) console.error(`${testCase} failed: ${String(exit.cause)}`)
    process.exitCode = Exit.isFailure(exit) ? 1 : 0
  })
}
