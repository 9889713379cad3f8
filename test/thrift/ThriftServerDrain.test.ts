import { assert } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { describe } from "vitest"
import * as ApplicationException from "../../src/thrift/ApplicationException.ts"
import type { Ask } from "../fixtures/Probe.ts"
import * as RawClient from "../fixtures/RawClient.ts"
import { code, live, serve, settled, success } from "../fixtures/ServedProbe.ts"

describe("ThriftServer, ending", () => {
  live(
    "calls that run are answered, and those that come while it drains are too",
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const scope = yield* Scope.make()
      const ask = ({ text }: Ask) => (text === "late" ? Effect.as(Deferred.await(gate), text) : Effect.succeed(text))
      const listener = yield* Effect.provideService(serve({ ask }, { drainTimeout: "30 seconds" }), Scope.Scope, scope)
      const client = yield* RawClient.connect(listener.address)
      client.call("ask", 1, { text: "late" })
      yield* settled(() => listener.inFlight() === 1)
      const ending = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      client.call("ask", 2, { text: "during" })
      const [during] = yield* client.take(1)
      assert.deepStrictEqual([during?.seqid, during?.outcome], [2, success("during")])
      yield* Deferred.succeed(gate, undefined)
      const [late] = yield* client.take(1)
      assert.deepStrictEqual([late?.seqid, late?.outcome], [1, success("late")])
      yield* client.closed
      yield* Fiber.join(ending)
      assert.strictEqual(listener.connections(), 0)
    })
  )

  live(
    "what outlasts the drain is interrupted and answered so",
    Effect.gen(function* () {
      let interrupted = false
      const client = yield* Effect.scoped(
        Effect.gen(function* () {
          const listener = yield* serve({
            ask: () => Effect.onInterrupt(Effect.never, () => Effect.sync(() => void (interrupted = true)))
          })
          const client = new RawClient.RawClient(listener.address, RawClient.framedBinary)
          client.call("ask", 1, { text: "x" })
          yield* settled(() => listener.inFlight() === 1)
          return client
        })
      )
      assert.isTrue(interrupted)
      yield* client.closed
      assert.strictEqual(code(client.answers[0]), ApplicationException.internalError)
    })
  )

  live(
    "under load no call is lost: each is answered, or refused as not run",
    Effect.gen(function* () {
      let sent = 0
      const client = yield* Effect.scoped(
        Effect.gen(function* () {
          const listener = yield* serve(
            { ask: ({ text }) => Effect.as(Effect.yieldNow, text) },
            { drainTimeout: "100 millis" }
          )
          const client = new RawClient.RawClient(listener.address, RawClient.framedBinary)
          const send = () => client.call("ask", sent++, { text: "x" })
          // A closed loop that notices the end by the first refusal, as a client with other instances would.
          let seen = 0
          client.socket.on("data", () => {
            for (; seen < client.answers.length; seen++) if (code(client.answers[seen]) === undefined) send()
          })
          for (let i = 0; i < 64; i++) send()
          yield* client.until(() => client.answers.length > 500)
          return client
        })
      )
      yield* client.closed
      assert.strictEqual(client.answers.length, sent)
      assert.isAtMost(client.answers.filter((answer) => code(answer) !== undefined).length, 64)
    })
  )
})
