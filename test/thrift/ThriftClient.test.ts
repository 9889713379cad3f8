import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as CallOptions from "../../src/CallOptions.ts"
import * as Message from "../../src/thrift/Message.ts"
import * as ThriftClient from "../../src/thrift/ThriftClient.ts"
import * as Deadlines from "../../src/transport/Deadlines.ts"
import * as Direct from "../../src/transport/Direct.ts"
import { ask, connect, failure, failureOf, fork, live, success } from "../fixtures/Connected.ts"
import { Probe } from "../fixtures/Probe.ts"
import * as RawClient from "../fixtures/RawClient.ts"
import * as RawPeer from "../fixtures/RawPeer.ts"

describe("ThriftClient: calls", () => {
  live(
    "connects with the first call, and answers out of order find their calls",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client, link } = yield* connect(peer.address)
      assert.strictEqual(peer.accepted(), 0)
      const fibers = [yield* fork(ask(client, "a")), yield* fork(ask(client, "b")), yield* fork(ask(client, "c"))]
      assert.strictEqual(link.inFlight(), 3)
      const connection = yield* peer.accept
      const [a, b, c] = yield* connection.takeAll(3)
      assert.strictEqual(connection.chunks, 1, "one write for all calls of a tick")
      connection.send(connection.reply(c!, "C"), connection.reply(a!, "A"), connection.reply(b!, "B"))
      assert.deepStrictEqual(yield* Effect.forEach(fibers, success), ["A", "B", "C"])
      assert.deepStrictEqual([link.inFlight(), peer.accepted()], [0, 1])
    })
  )

  live(
    "keeps 10,000 calls in flight on one connection",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client, link } = yield* connect(peer.address)
      const all = Array.from({ length: 10_000 }, (_, i) => `${i}`)
      const fibers = yield* Effect.forEach(all, (text) => fork(ask(client, text)))
      const connection = yield* peer.accept
      const requests = yield* connection.takeAll(10_000)
      assert.strictEqual(link.inFlight(), 10_000)
      assert.strictEqual(new Set(requests.map((request) => request.seqid)).size, 10_000)
      for (const request of requests.toReversed()) connection.send(connection.reply(request, request.text))
      assert.deepStrictEqual(yield* Effect.forEach(fibers, success), all)
      assert.deepStrictEqual([link.inFlight(), peer.accepted()], [0, 1])
    })
  )

  for (const wire of RawClient.wires) {
    if (wire.protocol === "binary-nonstrict") continue
    const { framing, protocol } = wire
    live(
      `reads ${framing} ${protocol} replies byte by byte`,
      Effect.gen(function* () {
        const peer = yield* RawPeer.make(wire)
        const { client } = yield* connect(peer.address, { framing, protocol })
        const fiber = yield* fork(ask(client, "é".repeat(40)))
        const connection = yield* peer.accept
        const request = yield* connection.next
        assert.strictEqual(request.text, "é".repeat(40))
        connection.socket.setNoDelay(true)
        for (const byte of connection.reply(request, "ü".repeat(40))) {
          yield* Effect.callback<void>((resume) => {
            connection.socket.write(Buffer.of(byte), () => resume(Effect.void))
          })
        }
        assert.strictEqual(yield* success(fiber), "ü".repeat(40))
      })
    )
  }

  live(
    "a oneway call ends when it is written, and a reply to it is dropped",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client, link } = yield* connect(peer.address)
      yield* client.fire({ text: "off" })
      assert.strictEqual(link.inFlight(), 0)
      const connection = yield* peer.accept
      const fired = yield* connection.next
      assert.deepStrictEqual([fired.type, fired.text], [Message.oneway, "off"])
      const fiber = yield* fork(ask(client, "a"))
      const request = yield* connection.next
      connection.send(connection.reply(fired, "", { type: Message.exception }), connection.reply(request, "A"))
      assert.strictEqual(yield* success(fiber), "A")
    })
  )

  live(
    "names the contract where several are served, and takes replies with and without it",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client } = yield* connect(peer.address, { multiplexed: true })
      const fibers = [yield* fork(ask(client, "a")), yield* fork(ask(client, "b"))]
      const connection = yield* peer.accept
      const [a, b] = yield* connection.takeAll(2)
      assert.strictEqual(a!.name, "Probe:ask")
      connection.send(connection.reply(a!, "A"), connection.reply(b!, "B", { name: "ask" }))
      assert.deepStrictEqual(yield* Effect.forEach(fibers, success), ["A", "B"])
      const own = yield* connect(peer.address, { multiplexed: (contract) => contract })
      yield* fork(ask(own.client, "a"))
      assert.strictEqual((yield* Effect.flatMap(peer.accept, (other) => other.next)).name, "test.Probe:ask")
    })
  )

  live(
    "a value that cannot be encoded fails its call alone, and nothing of it is sent",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client } = yield* connect(peer.address, { maxMessageSize: 1000 })
      const fibers = [
        yield* fork(ask(client, "a")),
        yield* fork(ask(client, 7 as never)),
        yield* fork(ask(client, "x".repeat(1000))),
        yield* fork(ask(client, "b"))
      ]
      const connection = yield* peer.accept
      const requests = yield* connection.takeAll(2)
      assert.deepStrictEqual(
        requests.map((request) => request.text),
        ["a", "b"]
      )
      connection.send(...requests.map((request) => connection.reply(request, request.text)))
      assert.deepStrictEqual([yield* success(fibers[0]!), yield* success(fibers[3]!)], ["a", "b"])
      const unencodable = yield* failureOf(fibers[1]!)
      assert.strictEqual(unencodable.reason._tag, "ProtocolError")
      assert.include(unencodable.message, `test.Probe.ask at ${peer.address}: the request cannot be encoded`)
      const tooLarge = yield* failureOf(fibers[2]!)
      assert.include(tooLarge.message, "at most 1000 are sent")
    })
  )
})

describe("ThriftClient: deadlines and interruption", () => {
  live(
    "a late reply to an interrupted call is dropped, and the connection serves on",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client, link } = yield* connect(peer.address)
      const fiber = yield* fork(ask(client, "a"))
      const connection = yield* peer.accept
      const late = yield* connection.next
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(link.inFlight(), 0)
      const next = yield* fork(ask(client, "b"))
      const request = yield* connection.next
      connection.send(connection.reply(late, "late"), connection.reply(request, "B"))
      assert.strictEqual(yield* success(next), "B")
      assert.strictEqual(peer.accepted(), 1)
    })
  )

  live(
    "the deadline holds for a reply that does not come, and other calls are untouched",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client, link } = yield* connect(peer.address)
      // Over a connection that is there, both leave in this tick, however busy the machine is.
      const first = yield* fork(ask(client, "first"))
      const connection = yield* peer.accept
      connection.send(connection.reply(yield* connection.next, "1"))
      assert.strictEqual(yield* success(first), "1")
      const bounded = yield* fork(ask(client, "a").pipe(CallOptions.withTimeout("20 millis")))
      const patient = yield* fork(ask(client, "b"))
      const [, request] = yield* connection.takeAll(2)
      const error = yield* failureOf(bounded)
      assert.strictEqual(error.reason._tag, "DeadlineExceeded")
      assert.strictEqual(error.peer, peer.address)
      assert.strictEqual(link.inFlight(), 1)
      connection.send(connection.reply(request!, "B"))
      assert.strictEqual(yield* success(patient), "B")
    })
  )

  live(
    "a deadline that has passed sends nothing",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client } = yield* connect(peer.address)
      const error = failure(yield* Effect.exit(ask(client, "a").pipe(CallOptions.withTimeout(0))))
      assert.strictEqual(error.reason._tag, "DeadlineExceeded")
      assert.strictEqual(peer.accepted(), 0)
    })
  )

  live(
    "the deadline holds while a call waits for room, and no byte of it is sent then",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client } = yield* connect(peer.address, { pool: { concurrency: 1, maxConnections: 1 } })
      const first = yield* fork(ask(client, "first"))
      const connection = yield* peer.accept
      const request = yield* connection.next
      const error = failure(yield* Effect.exit(ask(client, "queued").pipe(CallOptions.withTimeout("10 millis"))))
      assert.strictEqual(error.reason._tag, "DeadlineExceeded")
      const third = yield* fork(ask(client, "third"))
      connection.send(connection.reply(request, "1"))
      assert.strictEqual(yield* success(first), "1")
      const next = yield* connection.next
      assert.strictEqual(next.text, "third")
      connection.send(connection.reply(next, "3"))
      assert.strictEqual(yield* success(third), "3")
    })
  )

  live(
    "leaves no timer behind, however calls end",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const deadlines = yield* Deadlines.Deadlines
      const { client, close, link } = yield* connect(peer.address)
      const bounded = (text: string) => fork(ask(client, text).pipe(CallOptions.withTimeout("1 minute")))
      const fibers = yield* Effect.forEach(["a", "b", "c"], bounded)
      const connection = yield* peer.accept
      const [a] = yield* connection.takeAll(3)
      assert.isAtLeast(deadlines.pending(), 3)
      connection.send(connection.reply(a!, "A"))
      yield* Fiber.join(fibers[0]!)
      yield* Fiber.interrupt(fibers[1]!)
      connection.socket.destroy()
      yield* Fiber.join(fibers[2]!)
      yield* close
      assert.deepStrictEqual([deadlines.pending(), link.inFlight()], [0, 0])
    }).pipe(Effect.provide(Deadlines.layer))
  )
})

describe("ThriftClient: ping-pong", () => {
  live(
    "one call at a time on each connection, up to the maximum, the others in turn",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client } = yield* connect(peer.address, { order: "pingpong", pool: { maxConnections: 2 } })
      const fibers = yield* Effect.forEach(["a", "b", "c"], (text) => fork(ask(client, text)))
      const [one, other] = [yield* peer.accept, yield* peer.accept]
      const [a, b] = [yield* one.next, yield* other.next]
      one.send(one.reply(a, a.text))
      other.send(other.reply(b, b.text))
      assert.deepStrictEqual([yield* success(fibers[0]!), yield* success(fibers[1]!)].sort(), ["a", "b"])
      const third = yield* Effect.race(
        Effect.map(one.next, (request) => [one, request] as const),
        Effect.map(other.next, (request) => [other, request] as const)
      )
      third[0].send(third[0].reply(third[1], "C"))
      assert.strictEqual(yield* success(fibers[2]!), "C")
      assert.strictEqual(peer.accepted(), 2)
    })
  )

  live(
    "an interrupted call costs its connection, and the next call is not held back for that",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client } = yield* connect(peer.address, { order: "pingpong" })
      const fiber = yield* fork(ask(client, "a"))
      const first = yield* peer.accept
      yield* first.next
      yield* Fiber.interrupt(fiber)
      yield* first.closed
      const next = yield* fork(ask(client, "b"))
      const second = yield* peer.accept
      second.send(second.reply(yield* second.next, "B"))
      assert.strictEqual(yield* success(next), "B")
    })
  )
})

describe("Direct", () => {
  live(
    "is a whole client in three lines",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const client = Probe.client.pipe(Layer.provide(Direct.layer(peer.address)), Layer.provide(ThriftClient.layer()))
      const fiber = yield* fork(Probe.use((probe) => probe.ask({ text: "a" })).pipe(Effect.provide(client)))
      const connection = yield* peer.accept
      connection.send(connection.reply(yield* connection.next, "A"))
      assert.strictEqual(yield* success(fiber), "A")
      yield* connection.closed
    })
  )

  live(
    "refuses what is no address",
    Effect.gen(function* () {
      const layer = Direct.layer("nowhere").pipe(Layer.provide(ThriftClient.layer()))
      const error = failure(yield* Effect.exit(Layer.build(layer)))
      assert.include(error.message, `no instance of "nowhere": this is no host:port`)
    })
  )
})
