/** h2spec against our HTTP/2 engine, plain and over TLS. */
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Processes from "../Processes.ts"
import * as Peers from "./peers.ts"

const program = fileURLToPath(new URL("../h2-server.ts", import.meta.url))

const server = (port: number, isSecure: boolean): Processes.Command => ({
  command: process.execPath,
  args: [program, "--port", String(port), ...(isSecure ? ["--tls"] : [])],
  env: { NODE_OPTIONS: "" }
})

describe("h2spec", () => {
  for (const isSecure of [false, true]) {
    it.live(`passes ${isSecure ? "over TLS" : "in plain text"}`, () =>
      Effect.gen(function* () {
        const port = yield* Effect.promise(() => Processes.freePort())
        const command = Peers.command(port, isSecure)
        if (command === undefined) return console.warn("NOT RUN: h2spec, absent")
        yield* Effect.acquireRelease(
          Effect.promise(() => Processes.start(server(port, isSecure), port)),
          (running) => Effect.promise(() => running.stop())
        )
        const { code, output } = yield* Effect.promise(() => Processes.run(command))
        const summary = /(\d+) tests, (\d+) passed, (\d+) skipped, (\d+) failed/.exec(output)
        console.log(`h2spec ${isSecure ? "over TLS" : "in plain text"}: ${summary?.[0] ?? "no summary"}`)
        assert.strictEqual(code, 0, output)
        const [tests, passed, skipped, failed] = (summary ?? []).slice(1).map(Number)
        assert.isAtLeast(tests!, 146, output)
        assert.deepStrictEqual([passed, skipped, failed], [tests, 0, 0], output)
      }).pipe(Effect.scoped)
    )
  }
})
