/** A server without gRPC-Web does without node:http, which costs memory and time; one with it loads it when it starts. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"

const program = (options: string): string => `
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Router } from "volant"
import { GrpcServer } from "volant/grpc"
const isLoaded = () => process.moduleLoadList.includes("NativeModule _http_server")
const before = isLoaded()
const server = GrpcServer.layer({ host: "127.0.0.1", ...${options} }).pipe(Layer.provide(Router.layer(Layer.empty)))
await Effect.runPromise(Effect.scoped(Layer.build(server)))
console.log(JSON.stringify([before, isLoaded()]))
`

const loads = (options: string): unknown => {
  const node = spawnSync(
    process.execPath,
    ["--conditions=volant-source", "--input-type=module", "-e", program(options)],
    { cwd: fileURLToPath(new URL("../..", import.meta.url)), encoding: "utf8" }
  )
  assert.strictEqual(node.status, 0, node.stderr)
  return JSON.parse(node.stdout)
}

describe("volant/grpc", () => {
  it("loads node:http only for gRPC-Web", () => {
    assert.deepStrictEqual(loads("{}"), [false, false])
    assert.deepStrictEqual(loads(`{ web: { origins: "*" } }`), [false, true])
  })
})
