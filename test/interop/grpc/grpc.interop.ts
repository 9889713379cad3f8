/** The gRPC interop list: our client and server with grpc-go's and with each other. */
import { fileURLToPath } from "node:url"
import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type Cell, table } from "../Cells.ts"
import * as Processes from "../Processes.ts"
import * as Client from "./Client.ts"
import * as Peers from "./peers.ts"

const program = (role: "client" | "server", args: ReadonlyArray<string>): Processes.Command => ({
  command: process.execPath,
  args: [fileURLToPath(new URL(`../grpc-interop-${role}.ts`, import.meta.url)), ...args],
  env: { NODE_OPTIONS: "" }
})

const cells: Array<Cell> = []
afterAll(() => console.log(table("gRPC interop list, client -> server", cells)))

const note = (row: string, column: string, ok: boolean, detail: string): void => {
  cells.push({ row, column, ok, text: ok ? "ok" : "failed", detail })
}

const assertAll = (row: string): void => {
  const own = cells.filter((cell) => cell.row === row)
  assert.deepStrictEqual(
    own.filter((cell) => !cell.ok),
    []
  )
  assert.strictEqual(own.length, Peers.cases.length)
}

const start = (command: Processes.Command, port: number) =>
  Effect.acquireRelease(
    Effect.promise(() => Processes.start(command, port)),
    (server) => Effect.promise(() => server.stop())
  )

const startOurs = Effect.gen(function* () {
  const port = yield* Effect.promise(() => Processes.freePort())
  yield* start(program("server", [`--port=${port}`]), port)
  return port
})

const runOurs = (row: string, port: number) =>
  Effect.gen(function* () {
    for (const testCase of Peers.cases) {
      const exit = yield* Effect.exit(Client.run(`127.0.0.1:${port}`, testCase))
      note(row, testCase, exit._tag === "Success", exit._tag === "Success" ? "" : String(exit.cause))
    }
    assertAll(row)
  })

describe("the gRPC interop list", () => {
  it.live("with our client and our server", () =>
    Effect.flatMap(startOurs, (port) => runOurs("ours -> ours", port)).pipe(Effect.scoped)
  )

  it.live("with our client and grpc-go's server", () =>
    Effect.gen(function* () {
      const port = yield* Effect.promise(() => Processes.freePort())
      const command = Peers.server(port)
      if (command === undefined) return console.warn("NOT RUN: ours -> grpc-go, absent")
      yield* start(command, port)
      yield* runOurs("ours -> grpc-go", port)
    }).pipe(Effect.scoped)
  )

  it.live("with grpc-go's client and our server", () =>
    Effect.gen(function* () {
      const row = "grpc-go -> ours"
      const port = yield* startOurs
      for (const testCase of Peers.cases) {
        const command = Peers.client(port, testCase)
        if (command === undefined) return console.warn(`NOT RUN: ${row}, absent`)
        const { code, output } = yield* Effect.promise(() => Processes.run(command))
        note(row, testCase, code === 0, output)
      }
      assertAll(row)
    }).pipe(Effect.scoped)
  )

  it.live("by the command line of our client", () =>
    Effect.gen(function* () {
      const port = yield* startOurs
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
