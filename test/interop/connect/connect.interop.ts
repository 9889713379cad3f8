/** Connect's conformance suite, our server and our client, without a list of known failures. */
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Processes from "../Processes.ts"
import * as Peers from "./peers.ts"

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** How many cases the runner has for what the configuration claims: fewer would be cases that went unnoticed. */
const suites = [
  { name: "gRPC", config: file("grpc.yaml"), mode: "server", least: 924 },
  { name: "gRPC", config: file("grpc.yaml"), mode: "client", least: 1068 },
  { name: "gRPC-Web", config: file("grpc-web.yaml"), mode: "server", least: 1310 },
  { name: "gRPC-Web", config: file("grpc-web.yaml"), mode: "client", least: 2002 }
] as const

describe("Connect's conformance suite", () => {
  for (const { config, least, mode, name } of suites) {
    const run = () =>
      Effect.gen(function* () {
        const command = Peers.command(config, mode, file(`../connect-${mode}.ts`))
        if (command === undefined) return console.warn(`NOT RUN: Connect's suite, ${name} ${mode}, absent`)
        const { code, output } = yield* Effect.promise(() => Processes.run(command, 240_000))
        const [, passed, failed] = /(\d+) passed, (\d+) failed/.exec(output) ?? []
        console.log(`Connect's suite, ${name} ${mode}: ${passed} passed, ${failed} failed`)
        assert.strictEqual(code, 0, output)
        assert.strictEqual(failed, "0", output)
        assert.isAtLeast(Number(passed), least)
      })
    // Some cases measure time: a machine that stands still for a moment fails them.
    it.live(`${name}, ${mode}`, run, { retry: 1 })
  }
})
