import { assert } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { describe } from "vitest"
import * as ApplicationException from "../../src/thrift/ApplicationException.ts"
import * as Message from "../../src/thrift/Message.ts"
import type { Ask } from "../fixtures/Probe.ts"
import * as RawClient from "../fixtures/RawClient.ts"
import * as Values from "../fixtures/ThriftValues.ts"
import { code, live, serve, settled, success, ticking, timed, turn } from "../fixtures/ServedProbe.ts"

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

  timed(
    "a peer that stalls within a message is cut off, one that is silent is closed",
    Effect.gen(function* () {
      const listener = yield* serve({}, { stallTimeout: "1 second", idleTimeout: "10 seconds" })
      const staller = yield* RawClient.connect(listener.address)
      const silent = yield* RawClient.connect(listener.address)
      const bytes = RawClient.call(RawClient.framedBinary, "ask", 1, { text: "x" })
      staller.send(bytes.subarray(0, 10))
      silent.send(bytes)
      yield* silent.take(1)
      yield* ticking(() => staller.isClosed)
      assert.isFalse(silent.isClosed)
      yield* ticking(() => silent.isClosed)
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

  live(
    "mutated messages end no other connection and leave nothing behind",
    Effect.gen(function* () {
      const listener = yield* serve({ ask: ({ text }) => Effect.as(Effect.yieldNow, text) })
      const other = yield* RawClient.connect(listener.address)
      const next = Values.seeded(20_26)
      const below = (n: number) => Math.floor(next() * n)
      for (let round = 0; round < 400; round++) {
        const wire = RawClient.wires[below(RawClient.wires.length)]!
        const client = new RawClient.RawClient(listener.address, wire)
        const bytes = Buffer.concat(
          Array.from({ length: 5 }, (_, i) => RawClient.call(wire, "ask", i, { text: `${round}` }))
        )
        for (let flips = 1 + below(4); flips > 0; flips--) bytes[below(bytes.length)] = below(256)
        client.send(bytes.subarray(0, 1 + below(bytes.length)))
        client.socket.end()
        yield* client.closed
      }
      other.call("ask", 1, { text: "alive" })
      const [answer] = yield* other.take(1)
      assert.deepStrictEqual(answer?.outcome, success("alive"))
      yield* settled(() => listener.connections() === 1 && listener.inFlight() === 0)
    })
  )

  live(
    "an answer that is being read slowly is not cut off by the end of the connection",
    Effect.gen(function* () {
      const text = "x".repeat(8_000_000)
      const listener = yield* serve({ ask: () => Effect.succeed(text) }, { interruptOnDisconnect: false })
      const client = yield* RawClient.connect(listener.address)
      client.socket.pause()
      client.call("ask", 1, { text: "x" })
      client.send(Buffer.from("7fffffff", "hex"))
      for (let turns = 0; turns < 50; turns++) yield* turn
      client.socket.resume()
      const [answer] = yield* client.take(1)
      assert.deepStrictEqual(answer?.outcome, success(text))
      yield* client.closed
    })
  )
})
