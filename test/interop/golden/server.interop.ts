import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as References from "effect/References"
import * as Router from "../../../src/Router.ts"
import * as ThriftServer from "../../../src/thrift/ThriftServer.ts"
import { Listener } from "../../../src/transport/Listener.ts"
import { type Cell, table } from "../Cells.ts"
import * as Processes from "../Processes.ts"
import { SvcLive } from "./Handlers.ts"
import * as Peers from "./peers.ts"

const server = ThriftServer.layer({ host: "127.0.0.1", port: 0 }).pipe(
  Layer.provide(Router.layer(SvcLive)),
  // The crash that peers ask for is logged as a defect, as it should be; here it would only hide other lines.
  Layer.provide(Layer.succeed(References.MinimumLogLevel, "None"))
)

const cells: Array<Cell> = []
afterAll(() => console.log(table("our server, golden.Svc", cells)))

describe.each(Peers.languages)("our server, called by %s", (language) => {
  it.live("gives all forms what they ask, on one port", () =>
    Effect.gen(function* () {
      const { address } = yield* Listener
      const port = address._tag === "Tcp" ? address.port : 0
      for (const form of Peers.formsOf(language, "client")) {
        const command = Peers.command(language, "client", port, form)
        if (command === undefined) return console.warn(`NOT RUN: the ${language} clients of golden.Svc, absent`)
        const { code, output } = yield* Effect.promise(() => Processes.run(command, 60_000))
        const text = /(\d+) passed, (\d+) failed/.exec(output)?.[0] ?? `code ${code}`
        cells.push({ row: `${language} client`, column: Peers.show(form), ok: code === 0, text, detail: output })
        assert.strictEqual(code, 0, `${language}, ${Peers.show(form)}: ${output}`)
      }
    }).pipe(Effect.provide(server), Effect.scoped)
  )
})
