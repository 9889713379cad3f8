/** Runs of the gRPC interop list, and the table of them. */
import { fileURLToPath } from "node:url"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type Cell, table } from "../Cells.ts"
import * as Processes from "../Processes.ts"
import type { Case } from "./Cases.ts"
import * as Client from "./Client.ts"

/** Our own programs. */
export const program = (role: "client" | "server", args: ReadonlyArray<string>): Processes.Command => ({
  command: process.execPath,
  args: [fileURLToPath(new URL(`../grpc-interop-${role}.ts`, import.meta.url)), ...args],
  env: { NODE_OPTIONS: "" }
})

/** A server until the scope ends, at a port of its own. */
export const start = (command: (port: number) => Processes.Command) =>
  Effect.gen(function* () {
    const port = yield* Effect.promise(() => Processes.freePort())
    yield* Effect.acquireRelease(
      Effect.promise(() => Processes.start(command(port), port)),
      (server) => Effect.promise(() => server.stop())
    )
    return port
  })

export const startOurs = (...args: ReadonlyArray<string>) =>
  start((port) => program("server", [`--port=${port}`, ...args]))

/** Processes at a time. */
const parallel = 2

/** What ran, a column for a client and its server. */
export class Runs {
  private readonly cells: Array<Cell> = []

  print(title: string): void {
    console.log(table(title, this.cells))
  }

  /** Our client, in this process, with all of `cases`. */
  ours(
    pair: string,
    address: string,
    cases: ReadonlyArray<Case>,
    options: (testCase: Case) => Client.Options = () => ({})
  ): Effect.Effect<void> {
    return this.all(pair, 1, cases, (testCase) =>
      Effect.map(Effect.exit(Client.run(address, testCase, options(testCase))), (exit) =>
        exit._tag === "Success" ? undefined : String(exit.cause)
      )
    )
  }

  /** A client of others with all of `cases`, one process each. */
  theirs<A extends string>(
    pair: string,
    cases: ReadonlyArray<A>,
    command: (testCase: A) => Processes.Command
  ): Effect.Effect<void> {
    return this.all(pair, parallel, cases, (testCase) =>
      Effect.map(
        Effect.promise(() => Processes.run(command(testCase))),
        ({ code, output }) => (code === 0 ? undefined : output.slice(-3000))
      )
    )
  }

  private all<A extends string>(
    pair: string,
    concurrency: number,
    cases: ReadonlyArray<A>,
    run: (testCase: A) => Effect.Effect<string | undefined>
  ): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const details = yield* Effect.forEach(cases, run, { concurrency })
      const failed: Array<string> = []
      for (const [index, detail] of details.entries()) {
        const [row, ok] = [cases[index]!, detail === undefined]
        this.cells.push({ row, column: pair, ok, text: ok ? "ok" : "failed", detail })
        if (!ok) failed.push(`${row}: ${detail}`)
      }
      assert.deepStrictEqual(failed, [], pair)
    })
  }
}
