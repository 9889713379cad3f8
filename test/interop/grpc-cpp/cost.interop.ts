/**
 * CPU time of our gRPC server for a request, by that of gRPC C++. The table is printed and its bounds are not asserted: other
 * tests run beside this one, and the goals are of a machine that does nothing else. `node bench/grpcCpp.ts SERVER` alone has them.
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
    const { output } = yield* bench("grpcCpp", [server, "--quick", "--rounds", "3"])
    console.log(output)
    for (const scenario of ["64 x 1, 64 B", "1 x 64, 64 B", "8 x 32, 1 KiB"]) {
      assert.match(
        output,
        new RegExp(`gRPC server, ${scenario} +gRPC C\\+\\+ +us/request +[\\d.]+ +[\\d.]+ +x [\\d.]+`)
      )
    }
  })
)
