/** The gRPC interop list: our client and server with grpc-go's and with each other. */
import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Processes from "../Processes.ts"
import * as Cases from "./Cases.ts"
import * as Peers from "./peers.ts"
import { program, Runs, start, startOurs } from "./Runs.ts"

const runs = new Runs()
afterAll(() => runs.print("gRPC interop list, client -> server"))

describe("the gRPC interop list", () => {
  it.live("with our client and our server", () =>
    Effect.flatMap(startOurs(), (port) => runs.ours("ours -> ours", `127.0.0.1:${port}`, Cases.all)).pipe(Effect.scoped)
  )

  it.live("with our client and grpc-go's server", () =>
    Effect.gen(function* () {
      const { server } = Peers
      if (server === undefined) return console.warn("NOT RUN: ours -> grpc-go, absent")
      const port = yield* start(server)
      yield* runs.ours("ours -> grpc-go", `127.0.0.1:${port}`, [...Cases.common, "concurrent_large_unary"])
    }).pipe(Effect.scoped)
  )

  it.live("with our client and a server on gRPC C++, compressed", () =>
    Effect.gen(function* () {
      const { compressedServer } = Peers
      if (compressedServer === undefined) return console.warn("NOT RUN: ours -> gRPC C++, absent")
      const port = yield* start(compressedServer)
      const cases = ["large_unary", ...Cases.clientCompressed, ...Cases.serverCompressed] as const
      yield* runs.ours("ours -> gRPC C++", `127.0.0.1:${port}`, cases)
    }).pipe(Effect.scoped)
  )

  it.live("with grpc-go's client and our server", () =>
    Effect.gen(function* () {
      const { client } = Peers
      if (client === undefined) return console.warn("NOT RUN: grpc-go -> ours, absent")
      const port = yield* startOurs()
      yield* runs.theirs("grpc-go -> ours", [...Cases.common, ...Cases.foreign], (testCase) => client(port, testCase))
    }).pipe(Effect.scoped)
  )

  it.live("by the command line of our client", () =>
    Effect.gen(function* () {
      const port = yield* startOurs()
      const good = yield* Effect.promise(() =>
        Processes.run(program("client", [`--server_port=${port}`, "--test_case=empty_unary"]))
      )
      assert.strictEqual(good.code, 0, good.output)
      const free = yield* Effect.promise(() => Processes.freePort())
      const bad = yield* Effect.promise(() =>
        Processes.run(program("client", [`--server_port=${free}`, "--test_case=empty_unary"]))
      )
      assert.strictEqual(bad.code, 1, bad.output)
    }).pipe(Effect.scoped)
  )
})
