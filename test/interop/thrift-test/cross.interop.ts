import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type Cell, table } from "../Cells.ts"
import * as Processes from "../Processes.ts"
import { parse } from "./Options.ts"
import * as Client from "./Client.ts"
import * as Peers from "./peers.ts"

const program = (role: "client" | "server", args: ReadonlyArray<string>): Processes.Command => ({
  command: process.execPath,
  args: [fileURLToPath(new URL(`../thrift-test-${role}.ts`, import.meta.url)), ...args],
  env: { NODE_OPTIONS: "" }
})

const flags = (protocol: string, transport: string): ReadonlyArray<string> => [
  `--protocol=${protocol}`,
  `--transport=${transport}`
]

const forms = ["binary", "compact", "multi", "multic"].flatMap((protocol) =>
  ["framed", "buffered"].map((transport) => ({ protocol, transport }))
)

/** Go's cross-test programs know no multiplexing. */
const formsOf = (language: Peers.Language) =>
  language === "go" ? forms.filter(({ protocol }) => !protocol.startsWith("multi")) : forms

const cells: Array<Cell> = []
afterAll(() => console.log(table("ThriftTest, client -> server", cells)))

const note = (row: string, column: string, code: number, output: string): void => {
  cells.push({ row, column, ok: code === 0, text: code === 0 ? "0" : `exit code ${code}`, detail: output })
}

const start = (command: Processes.Command, where: number | string) =>
  Effect.acquireRelease(
    Effect.promise(() => Processes.start(command, where)),
    (server) => Effect.promise(() => server.stop())
  )

const startOurs = Effect.gen(function* () {
  const port = yield* Effect.promise(() => Processes.freePort())
  yield* start(program("server", [`--port=${port}`]), port)
  return port
})

const assertAll = (row: string, count: number): void => {
  const own = cells.filter((cell) => cell.row === row)
  assert.deepStrictEqual(
    own.filter((cell) => !cell.ok),
    []
  )
  assert.strictEqual(own.length, count)
}

describe("thrift-test-server and thrift-test-client", () => {
  it.live("agree with each other in all forms, and over a Unix socket", () =>
    Effect.gen(function* () {
      const row = "ours -> ours"
      const port = yield* startOurs
      for (const { protocol, transport } of forms) {
        const client = program("client", [`--port=${port}`, ...flags(protocol, transport)])
        const { code, output } = yield* Effect.promise(() => Processes.run(client))
        note(row, `${protocol}/${transport}`, code, output)
      }
      const path = join(tmpdir(), `volant-thrift-test-${process.pid}.sock`)
      const unix = [`--domain-socket=${path}`]
      yield* start(program("server", unix), path)
      const { code, output } = yield* Effect.promise(() => Processes.run(program("client", unix)))
      note(row, "Unix socket", code, output)
      assertAll(row, forms.length + 1)
    }).pipe(Effect.scoped)
  )

  it.live("say so when nobody is there, and when they are asked for what they cannot", () =>
    Effect.gen(function* () {
      const port = yield* Effect.promise(() => Processes.freePort())
      const alone = yield* Effect.promise(() => Processes.run(program("client", [`--port=${port}`])))
      assert.strictEqual(alone.code, 64, alone.output)
      const json = yield* Effect.promise(() => Processes.run(program("client", ["--protocol=json"])))
      assert.strictEqual(json.code, 64, json.output)
      assert.include(json.output, "--protocol=json is not supported")
    })
  )
})

describe.each(["cpp", "py", "py-newest", "go"] as const)("Apache's own programs in %s", (language) => {
  it.live("pass with our server", () =>
    Effect.gen(function* () {
      const row = `${language} -> ours`
      const port = yield* startOurs
      for (const form of formsOf(language)) {
        const command = Peers.command(language, "client", port, form)
        if (command === undefined) return console.warn(`NOT RUN: ${row}, absent`)
        const { code, output } = yield* Effect.promise(() => Processes.run(command))
        note(row, `${form.protocol}/${form.transport}`, code, output)
      }
      assertAll(row, formsOf(language).length)
    }).pipe(Effect.scoped)
  )

  it.live("pass with our client", () =>
    Effect.gen(function* () {
      const row = `ours -> ${language}`
      for (const form of formsOf(language)) {
        const port = yield* Effect.promise(() => Processes.freePort())
        const command = Peers.command(language, "server", port, form)
        if (command === undefined) return console.warn(`NOT RUN: ${row}, absent`)
        const server = yield* start(command, port)
        const options = parse(["--host=127.0.0.1", `--port=${port}`, ...flags(form.protocol, form.transport)])
        const { code, failed, unknown } = yield* Client.run(options)
        const { output } = yield* Effect.promise(() => server.stop())
        note(row, `${form.protocol}/${form.transport}`, code, [...failed, output.slice(-500)].join("\n"))
        if (language === "py-newest") assert.deepStrictEqual(unknown, [])
      }
      assertAll(row, formsOf(language).length)
    }).pipe(Effect.scoped)
  )
})
