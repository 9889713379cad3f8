import { assert } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { describe } from "vitest"
import type { ApplicationError } from "../../src/RpcError.ts"
import * as ApplicationException from "../../src/thrift/ApplicationException.ts"
import * as Message from "../../src/thrift/Message.ts"
import { Refused } from "../fixtures/Probe.ts"
import * as RawClient from "../fixtures/RawClient.ts"
import { code, live, serve, success, turn } from "../fixtures/ServedProbe.ts"

describe("ThriftServer", () => {
  for (const wire of RawClient.wires) {
    live(
      `answers ${wire.framing} ${wire.protocol} in kind`,
      Effect.gen(function* () {
        const listener = yield* serve({
          ask: ({ text }) => (text === "no" ? Effect.fail(new Refused({ why: "because" })) : Effect.succeed(text)),
          tell: ({ text }) => (text === "die" ? Effect.die("boom") : Effect.void)
        })
        const client = yield* RawClient.connect(listener.address, wire)
        client.call("ask", 1, { text: "é" })
        client.call("ask", 2, { text: "no" })
        client.call("tell", -3, { text: "x" })
        client.call("tell", 4, { text: "die" })
        client.call("Probe:ask", 5, { text: "short" })
        client.call("test.Probe:ask", 6, { text: "long" })
        const answers = yield* client.take(6)
        // Without the contract, as TMultiplexedProcessor answers: C++ waits on, and Node breaks off, for a name that it did not ask.
        assert.deepStrictEqual(
          answers.map(({ name, seqid }) => [name, seqid]),
          [
            ["ask", 1],
            ["ask", 2],
            ["tell", -3],
            ["tell", 4],
            ["ask", 5],
            ["ask", 6]
          ]
        )
        assert.deepStrictEqual(answers[0]!.outcome, success("é"))
        assert.deepStrictEqual(answers[1]!.outcome, Result.fail(new Refused({ why: "because" })))
        assert.deepStrictEqual(answers[2]!.outcome, success(undefined))
        assert.strictEqual(code(answers[3]), ApplicationException.internalError)
        assert.deepStrictEqual(answers[4]!.outcome, success("short"))
        assert.deepStrictEqual(answers[5]!.outcome, success("long"))
      })
    )

    live(
      `${wire.framing} ${wire.protocol} byte by byte`,
      Effect.gen(function* () {
        const listener = yield* serve({})
        const client = yield* RawClient.connect(listener.address, wire)
        for (const byte of RawClient.call(wire, "ask", 7, { text: "slow" })) {
          client.send(Uint8Array.of(byte))
          yield* turn
        }
        const [answer] = yield* client.take(1)
        assert.deepStrictEqual(answer?.outcome, success("slow"))
      })
    )
  }

  live(
    "answers a thousand calls of one chunk, in order, when handlers end at once",
    Effect.gen(function* () {
      const listener = yield* serve({})
      const client = yield* RawClient.connect(listener.address)
      client.send(
        ...Array.from({ length: 1000 }, (_, i) => RawClient.call(RawClient.framedBinary, "ask", i, { text: `${i}` }))
      )
      const answers = yield* client.take(1000)
      answers.forEach((answer, i) => {
        assert.strictEqual(answer.seqid, i)
        assert.deepStrictEqual(answer.outcome, success(`${i}`))
      })
    })
  )

  live(
    "answers out of order when handlers end so",
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const listener = yield* serve({
        ask: ({ text }) => (text === "late" ? Effect.as(Deferred.await(gate), text) : Effect.succeed(text))
      })
      const client = yield* RawClient.connect(listener.address)
      client.call("ask", 1, { text: "late" })
      client.call("ask", 2, { text: "early" })
      const [early] = yield* client.take(1)
      assert.strictEqual(early?.seqid, 2)
      assert.strictEqual(listener.inFlight(), 1)
      yield* Deferred.succeed(gate, undefined)
      const [late] = yield* client.take(1)
      assert.strictEqual(late?.seqid, 1)
      assert.strictEqual(listener.inFlight(), 0)
    })
  )

  live(
    "a oneway call is run and not answered, whatever becomes of it",
    Effect.gen(function* () {
      const heard: Array<string> = []
      const listener = yield* serve({
        fire: ({ text }) =>
          Effect.suspend(() => (text === "die" ? Effect.die("boom") : Effect.sync(() => heard.push(text))))
      })
      const client = yield* RawClient.connect(listener.address)
      client.call("fire", 1, { text: "a" }, Message.oneway)
      client.call("fire", 2, { text: "die" }, Message.oneway)
      // Some clients send oneway methods as calls; nobody expects an answer then either.
      client.call("fire", 3, { text: "b" })
      client.call("ask", 4, { text: "asked as oneway" }, Message.oneway)
      client.call("ask", 5, { text: "x" })
      const [answer] = yield* client.take(1)
      assert.strictEqual(answer?.seqid, 5)
      assert.deepStrictEqual(heard, ["a", "b"])
      assert.strictEqual(client.answers.length, 0)
    })
  )

  live(
    "a message that is wrong in itself is answered, and the connection lives on",
    Effect.gen(function* () {
      const wire = RawClient.framedBinary
      const stop = Uint8Array.of(0)
      const listener = yield* serve({
        ask: ({ text }) => Effect.succeed(text === "none" ? (undefined as never) : text)
      })
      const client = yield* RawClient.connect(listener.address)
      const wrongType = Uint8Array.of(8, 0, 1, 0, 0, 0, 1, 0)
      const negative = Uint8Array.of(11, 0, 1, 255, 255, 255, 255, 0)
      client.send(
        RawClient.message(wire, { name: "nope", type: Message.call, seqid: 1 }, stop),
        RawClient.message(wire, { name: "Other:ask", type: Message.call, seqid: 2 }, stop),
        RawClient.message(wire, { name: "ask", type: Message.reply, seqid: 3 }, stop),
        RawClient.message(wire, { name: "ask", type: 9, seqid: 4 }, stop),
        RawClient.message(wire, { name: "ask", type: Message.call, seqid: 5 }, stop),
        RawClient.message(wire, { name: "ask", type: Message.call, seqid: 6 }, wrongType),
        RawClient.message(wire, { name: "ask", type: Message.call, seqid: 7 }, negative),
        RawClient.message(wire, { name: "ask", type: Message.call, seqid: 8 }, new Uint8Array(0)),
        RawClient.call(wire, "ask", 9, { text: "none" }),
        RawClient.call(wire, "ask", 10, { text: "fine" })
      )
      const answers = yield* client.take(10)
      assert.deepStrictEqual(
        answers.map((answer) => [answer.seqid, code(answer)]),
        [
          [1, ApplicationException.unknownMethod],
          [2, ApplicationException.unknownMethod],
          [3, ApplicationException.invalidMessageType],
          [4, ApplicationException.invalidMessageType],
          [5, ApplicationException.protocolError],
          [6, ApplicationException.protocolError],
          [7, ApplicationException.protocolError],
          [8, ApplicationException.protocolError],
          [9, ApplicationException.missingResult],
          [10, undefined]
        ]
      )
      assert.strictEqual(answers[0]!.name, "nope")
      assert.strictEqual(answers[1]!.name, "ask")
    })
  )

  live(
    "an error that is not declared is an internal error",
    Effect.gen(function* () {
      const listener = yield* serve({ ask: () => Effect.fail(new Error("secret")) })
      const client = yield* RawClient.connect(listener.address)
      client.call("ask", 1, { text: "x" })
      const [answer] = yield* client.take(1)
      assert.strictEqual(code(answer), ApplicationException.internalError)
      assert.notInclude(String((answer!.outcome as ApplicationError).detail), "secret")
    })
  )
})
