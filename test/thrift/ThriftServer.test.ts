import { assert, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import { describe } from "vitest"
import * as Router from "../../src/Router.ts"
import { ApplicationError } from "../../src/RpcError.ts"
import * as ApplicationException from "../../src/thrift/ApplicationException.ts"
import * as Message from "../../src/thrift/Message.ts"
import * as ThriftServer from "../../src/thrift/ThriftServer.ts"
import { Listener } from "../../src/transport/Listener.ts"
import { type Ask, Probe, Refused } from "../fixtures/Probe.ts"
import * as RawClient from "../fixtures/RawClient.ts"

type Handler<A> = (ask: Ask) => Effect.Effect<A, any>

interface Handlers {
  readonly ask?: Handler<any>
  readonly tell?: Handler<any>
  readonly fire?: Handler<any>
}

const serve = (handlers: Handlers, options?: ThriftServer.Options) =>
  Layer.build(
    ThriftServer.layer({ host: "127.0.0.1", drainTimeout: "200 millis", ...options }).pipe(
      Layer.provide(
        Router.layer(
          Probe.serve({
            ask: ({ text }) => Effect.succeed(text),
            askAgain: ({ text }) => Effect.succeed(text),
            tell: () => Effect.void,
            fire: () => Effect.void,
            ...(handlers as object)
          })
        )
      )
    )
  ).pipe(Effect.map((context) => Listener.pipe(Effect.provideContext(context), Effect.runSync)))

const code = (answer: RawClient.Answer | undefined): number | undefined =>
  answer?.outcome instanceof ApplicationError ? answer.outcome.code : undefined

const success = (value: unknown) => Result.succeed(value)

const silent = Logger.layer([])

const live = (name: string, body: Effect.Effect<void, any, any>) =>
  it.live(name, () => Effect.scoped(body).pipe(Effect.provide(silent)) as Effect.Effect<void>)

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

describe("ThriftServer, badly treated", () => {
  for (const [why, wire, hex] of [
    ["a frame over the limit", RawClient.framedBinary, "7fffffff80010001"],
    ["a negative frame", RawClient.framedBinary, "80010001"],
    ["a frame of another version", RawClient.framedBinary, "0000000c800200010000000000000001"],
    [
      "a buffered message of a type that there is not",
      { framing: "buffered", protocol: "binary" },
      "8001000100000003" + "61736b" + "00000001" + "63000100"
    ],
    [
      "a huge string in a buffered message",
      { framing: "buffered", protocol: "compact" },
      "82210103" + "61736b" + "18ffffffff07"
    ]
  ] as const) {
    live(
      `${why} is answered as far as it can be, and ends the connection alone`,
      Effect.gen(function* () {
        const listener = yield* serve({})
        const other = yield* RawClient.connect(listener.address)
        other.call("ask", 1, { text: "before" })
        yield* other.take(1)
        const client = yield* RawClient.connect(listener.address, wire)
        client.send(RawClient.call(wire, "ask", 1, { text: "fine" }))
        yield* client.take(1)
        client.send(Buffer.from(hex, "hex"))
        if (hex === "80010001") client.send(Buffer.alloc(8))
        yield* client.closed
        if (!why.startsWith("a frame of"))
          assert.strictEqual(code(client.answers[0]), ApplicationException.protocolError)
        other.call("ask", 2, { text: "after" })
        const [answer] = yield* other.take(1)
        assert.deepStrictEqual(answer?.outcome, success("after"))
        yield* turn
        assert.strictEqual(listener.connections(), 1)
      })
    )
  }

  live(
    "HTTP gets an answer that it understands",
    Effect.gen(function* () {
      const listener = yield* serve({})
      const client = yield* RawClient.connect(listener.address)
      client.send(Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n"))
      yield* client.closed
      assert.match(Buffer.concat(client.received).toString(), /^HTTP\/1\.1 400 .*Thrift/s)
    })
  )

  live(
    "noise ends the connection",
    Effect.gen(function* () {
      const listener = yield* serve({})
      for (const noise of [
        "ffffffffffffffff",
        "160301020001000fc030",
        "0000002010000000000000010000",
        "5353482d322e30"
      ]) {
        const client = yield* RawClient.connect(listener.address)
        client.send(Buffer.from(noise, "hex"))
        yield* client.closed
        assert.strictEqual(client.received.length, 0)
      }
    })
  )

  live(
    "a peer that leaves interrupts the handlers that it waited for, and no others",
    Effect.gen(function* () {
      const interrupted: Array<string> = []
      const gate = yield* Deferred.make<void>()
      const wait = ({ text }: Ask) =>
        Effect.onInterrupt(Effect.as(Deferred.await(gate), text), () => Effect.sync(() => interrupted.push(text)))
      const listener = yield* serve({ ask: wait, fire: wait })
      const client = yield* RawClient.connect(listener.address)
      const other = yield* RawClient.connect(listener.address)
      other.call("ask", 1, { text: "other" })
      for (let i = 0; i < 10; i++) client.call("ask", i, { text: `${i}` })
      client.call("fire", 11, { text: "oneway" }, Message.oneway)
      yield* settled(() => listener.inFlight() === 12)
      client.socket.destroy()
      yield* settled(() => listener.inFlight() === 2)
      assert.deepStrictEqual(interrupted.toSorted(), ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"])
      yield* Deferred.succeed(gate, undefined)
      yield* other.take(1)
      yield* settled(() => listener.inFlight() === 0 && listener.connections() === 1)
    })
  )

  live(
    "a peer that only ends its side gets its answers when that is asked for",
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const listener = yield* serve(
        { ask: ({ text }) => Effect.as(Deferred.await(gate), text) },
        { interruptOnDisconnect: false }
      )
      const client = yield* RawClient.connect(listener.address)
      client.call("ask", 1, { text: "x" })
      client.socket.end()
      yield* settled(() => listener.inFlight() === 1)
      yield* Deferred.succeed(gate, undefined)
      const [answer] = yield* client.take(1)
      assert.deepStrictEqual(answer?.outcome, success("x"))
      yield* client.closed
    })
  )

  live(
    "a peer that stalls within a message is cut off, one that is silent is closed",
    Effect.gen(function* () {
      const listener = yield* serve({}, { stallTimeout: "60 millis", idleTimeout: "200 millis" })
      const staller = yield* RawClient.connect(listener.address)
      const silent = yield* RawClient.connect(listener.address)
      const bytes = RawClient.call(RawClient.framedBinary, "ask", 1, { text: "x" })
      staller.send(bytes.subarray(0, 10))
      silent.send(bytes)
      yield* silent.take(1)
      yield* staller.closed
      assert.isFalse(silent.isClosed)
      yield* silent.closed
    })
  )

  live(
    "back-pressure: no more handlers run than allowed, and all calls are answered in the end",
    Effect.gen(function* () {
      let running = 0
      let most = 0
      const listener = yield* serve(
        {
          ask: ({ text }) =>
            Effect.suspend(() => {
              most = Math.max(most, ++running)
              return Effect.as(Effect.yieldNow, text)
            }).pipe(Effect.ensuring(Effect.sync(() => running--)))
        },
        { maxConcurrency: 7, maxConnectionConcurrency: 5 }
      )
      const clients = yield* Effect.all([1, 2, 3].map(() => RawClient.connect(listener.address)))
      for (let i = 0; i < 300; i++) for (const client of clients) client.call("ask", i, { text: `${i}` })
      for (const client of clients) {
        const answers = yield* client.take(300)
        assert.deepStrictEqual(
          answers.map(({ seqid }) => seqid).toSorted((a, b) => a - b),
          Array.from({ length: 300 }, (_, i) => i)
        )
      }
      assert.strictEqual(most, 7)
      assert.strictEqual(listener.inFlight(), 0)
    })
  )

  live(
    "back-pressure: a peer that does not read is not read",
    Effect.gen(function* () {
      let asked = 0
      const text = "x".repeat(100_000)
      const listener = yield* serve({ ask: () => Effect.sync(() => (asked++, text)) }, { highWaterMark: 200_000 })
      const client = yield* RawClient.connect(listener.address)
      client.socket.pause()
      for (let i = 0; i < 400; i++) client.call("ask", i, { text: "y" })
      // The kernel takes some megabytes; beyond them nothing more is produced.
      yield* settled(() => asked > 0)
      let last = 0
      for (let unchanged = 0; unchanged < 200; unchanged++) {
        yield* turn
        if (asked !== last) unchanged = 0
        last = asked
      }
      assert.isBelow(asked, 200)
      client.socket.resume()
      const answers = yield* client.take(400)
      assert.strictEqual(answers.length, 400)
    })
  )
})

describe("ThriftServer, ending", () => {
  live(
    "calls that run are answered, and those that come while it drains are too",
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const scope = yield* Scope.make()
      const ask = ({ text }: Ask) => (text === "late" ? Effect.as(Deferred.await(gate), text) : Effect.succeed(text))
      const listener = yield* Effect.provideService(serve({ ask }, { drainTimeout: "5 seconds" }), Scope.Scope, scope)
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

/** One turn of the event loop. */
const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

/** Until something that other events bring about is so. */
const settled = (predicate: () => boolean): Effect.Effect<void> =>
  Effect.promise(async () => {
    while (!predicate()) await new Promise<void>((resolve) => setImmediate(resolve))
  })
