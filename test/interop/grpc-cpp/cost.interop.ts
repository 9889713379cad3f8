/** CPU time of our gRPC server for a request, by that of gRPC C++. The bounds are in bench/GrpcServerCost.ts. */
import { fileURLToPath } from "node:url"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Processes from "../Processes.ts"
import * as Peers from "./peers.ts"

const bench = (program: string, args: ReadonlyArray<string> = []) =>
  Effect.promise(() =>
    Processes.run(
      {
        command: process.execPath,
        args: [fileURLToPath(new URL(`../../../bench/${program}.ts`, import.meta.url)), ...args],
        env: { NODE_OPTIONS: "" }
      },
      180_000
    )
  )

it.live("our server's CPU time for a request is within its bounds by that of gRPC C++", () =>
  Effect.gen(function* () {
    const server = Peers.server()
    if (server === undefined) return console.warn("NOT RUN: CPU time beside gRPC C++, absent")
    const built = yield* bench("build")
    assert.strictEqual(built.code, 0, built.output)
    const { code, output } = yield* bench("grpcCpp", [server, "--quick", "--rounds", "3"])
    console.log(output)
    assert.strictEqual(code, 0, output)
  })
)
