import { readFileSync } from "node:fs"
import { parseArgs } from "node:util"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import * as GrpcClient from "../../../src/grpc/GrpcClient.ts"
import * as Layer from "../../../src/Layer.ts"
import type { Reply } from "../../../src/Reply.ts"
import * as Direct from "../../../src/transport/Direct.ts"
import { all, type Case } from "./Cases.ts"
import { checks } from "./Checks.ts"
import { TestService, UnimplementedService } from "./gen/grpc/testing/test.ts"
import { type Probe, recording } from "./Probe.ts"
import * as Tap from "./Tap.ts"

export interface Options extends GrpcClient.Options {
  /** Cases with compression look at the wire. Default true, but for TLS. */
  readonly looks?: boolean | undefined
  /** Calls of a soak. Default 100. */
  readonly iterations?: number | undefined
}

const endpointOf = (address: string, options: GrpcClient.Options) =>
  Layer.orDie(Direct.layer(address)).pipe(Layer.provide(GrpcClient.layer(options)))

/** The clients of the cases, over connections to one address. */
const probe = (
  address: string,
  { iterations = 100, ...options }: Options,
  flags: Tap.Flags | undefined
): Effect.Effect<Probe, never, Scope.Scope> =>
  Effect.gen(function* () {
    const replies: Array<Reply> = []
    const clients = Layer.merge(TestService.client, UnimplementedService.client).pipe(
      Layer.provide(recording(replies)),
      Layer.provide(endpointOf(address, options))
    )
    const context = yield* Layer.build(clients)
    const another = Layer.build(Layer.fresh(TestService.client.pipe(Layer.provide(endpointOf(address, options)))))
    return {
      client: Context.get(context, TestService),
      unimplemented: Context.get(context, UnimplementedService),
      another: Effect.map(another, (built) => Context.get(built, TestService)),
      replies,
      flags,
      iterations
    }
  })

/** Runs one case; fails with what is wrong. */
export const run = (address: string, testCase: Case, options: Options = {}): Effect.Effect<void, unknown> =>
  Effect.gen(function* () {
    const looks = testCase.includes("compressed") && options.tls === undefined && options.looks !== false
    const tap = looks ? yield* Tap.make(address) : undefined
    const probed = yield* probe(tap?.address ?? address, options, tap?.flags)
    yield* checks[testCase](probed)
  }).pipe(Effect.scoped)

export const main = (args: ReadonlyArray<string>): void => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      server_host: { type: "string", default: "127.0.0.1" },
      server_host_override: { type: "string" },
      server_port: { type: "string", default: "8080" },
      test_case: { type: "string", default: "large_unary" },
      use_tls: { type: "string", default: "false" },
      ca_file: { type: "string" },
      soak_iterations: { type: "string", default: "100" }
    }
  })
  const testCase = all.find((name) => name === values.test_case)
  if (testCase === undefined) {
    console.error(`--test_case is one of ${all.join(", ")}`)
    process.exit(2)
  }
  const { ca_file: ca, server_host_override: name } = values
  const options: Options = {
    iterations: Number(values.soak_iterations),
    authority: name,
    tls:
      values.use_tls === "true" ? { servername: name, ca: ca === undefined ? undefined : readFileSync(ca) } : undefined
  }
  const alive = setInterval(() => {}, 1000)
  Effect.runFork(run(`${values.server_host}:${values.server_port}`, testCase, options)).addObserver((exit) => {
    clearInterval(alive)
    if (Exit.isFailure(exit)) console.error(`${testCase} failed: ${String(exit.cause)}`)
    process.exitCode = Exit.isFailure(exit) ? 1 : 0
  })
}
