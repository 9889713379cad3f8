/**
 * CPU time of our gRPC server for a request, by that of gRPC C++. vitest.interop.config.ts runs this file when all others
 * are done; the bounds leave room for what else a machine does, the goals are in the printed table.
 */
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

it.live("our server's CPU time for a request, beside that of gRPC C++", () =>
  Effect.gen(function* () {
    const server = Peers.server()
    if (server === undefined) return console.warn("NOT RUN: CPU time beside gRPC C++, absent")
    const built = yield* bench("build")
    assert.strictEqual(built.code, 0, built.output)
    const { code, output } = yield* bench("grpcCpp", [server, "--quick", "--rounds", "3"])
    console.log(output)
    assert.strictEqual(code, 0, output)
    for (const scenario of ["64 x 1, 64 B", "1 x 64, 64 B", "8 x 32, 1 KiB"]) {
      assert.match(
        output,
        new RegExp(`gRPC server, ${scenario} +gRPC C\\+\\+ +us/request +[\\d.]+ +[\\d.]+ +x [\\d.]+`)
      )
    }
  })
)
