import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type Cell, table } from "../Cells.ts"
import * as Client from "../Client.ts"
import * as Processes from "../Processes.ts"
import * as Checks from "./Checks.ts"
import * as Peers from "./peers.ts"

const cells: Array<Cell> = []
afterAll(() => console.log(table("our client, golden.Svc", cells)))

const quirks: Readonly<Record<Peers.Language, Checks.Quirks>> = {
  "py-c": { writesAll: false, looseExceptions: false },
  py: { writesAll: false, looseExceptions: false },
  js: { writesAll: false, looseExceptions: true },
  cpp: { writesAll: true, looseExceptions: true }
}

/** One server process a form; our client multiplexes over one connection, and goes call by call over others. */
const ask = Effect.fnUntraced(function* (language: Peers.Language, form: Peers.Form) {
  const port = yield* Effect.promise(() => Processes.freePort())
  const command = Peers.command(language, "server", port, form)
  if (command === undefined) return false
  yield* Effect.acquireRelease(
    Effect.promise(() => Processes.start(command, port)),
    (server) => Effect.promise(() => server.stop())
  )
  const { multiplexed, protocol, transport } = form
  if (protocol === "binary-nonstrict") return false
  for (const order of ["multiplex", "pingpong"] as const) {
    const endpoint = Client.layer(`127.0.0.1:${port}`, { protocol, framing: transport, multiplexed, order })
    const { failures, passed } = yield* Checks.run(endpoint, quirks[language])
    cells.push({
      row: `${language} server, ${order}`,
      column: Peers.show(form),
      ok: failures.length === 0,
      text: `${passed} passed, ${failures.length} failed`,
      detail: failures.join("\n")
    })
  }
  return true
})

describe.each(Peers.languages)("our client, served by %s", (language) => {
  it.live("gets in all 8 forms what it asks", () =>
    Effect.gen(function* () {
      for (const form of Peers.forms) {
        const ran = yield* Effect.scoped(ask(language, form))
        if (!ran) return console.warn(`NOT RUN: the ${language} servers of golden.Svc, absent`)
      }
      assert.deepStrictEqual(
        cells.filter((cell) => cell.row.startsWith(`${language} `) && !cell.ok),
        []
      )
    })
  )
})
