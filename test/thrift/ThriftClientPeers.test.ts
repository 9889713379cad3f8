/** The client against peers that refuse, vanish, lie and babble. */
import { assert, describe, it } from "@effect/vitest"
import * as Net from "node:net"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { TestClock } from "effect/testing"
import * as CallOptions from "../../src/CallOptions.ts"
import * as Instance from "../../src/discovery/Instance.ts"
import { Endpoint } from "../../src/Endpoint.ts"
import * as Message from "../../src/thrift/Message.ts"
import * as ThriftClient from "../../src/thrift/ThriftClient.ts"
import { Connector } from "../../src/transport/Connector.ts"
import * as Dial from "../../src/transport/Dial.ts"
import { ask, connect, failure, failureOf, fork, live, success } from "../fixtures/Connected.ts"
import { Probe } from "../fixtures/Probe.ts"
import * as RawClient from "../fixtures/RawClient.ts"
import * as RawPeer from "../fixtures/RawPeer.ts"
import { seeded } from "../fixtures/ThriftValues.ts"

const freePort = Effect.gen(function* () {
  const peer = yield* RawPeer.make()
  return peer.address
}).pipe(Effect.scoped)

describe("ThriftClient: bad peers", () => {
  live(
    "a refused connection is unsent and named",
    Effect.gen(function* () {
      const address = yield* freePort
      const { client, link } = yield* connect(address)
      const error = failure(yield* Effect.exit(ask(client, "a")))
      assert.isTrue(error.reason._tag === "Unavailable" && error.reason.unsent)
      assert.include(error.message, `test.Probe.ask at ${address}: cannot connect: connect ECONNREFUSED`)
      assert.isFalse(link.isReachable!())
      const fast = failure(yield* Effect.exit(ask(client, "b")))
      assert.include(fast.message, "ECONNREFUSED")
    })
  )

  live(
    "an address that is none fails its calls and nothing else",
    Effect.gen(function* () {
      const connector = yield* Connector
      const link = yield* connector.open(Instance.make({ _tag: "Tcp", host: "127.0.0.1", port: 99_999 }))
      const endpoint = Layer.succeed(Endpoint, link.endpoint)
      const exit = yield* Probe.use((probe) => probe.ask({ text: "a" })).pipe(
        Effect.provide(Layer.provide(Probe.client, endpoint)),
        Effect.exit
      )
      assert.include(failure(exit).message, "cannot connect")
    }).pipe(Effect.provide(ThriftClient.layer()))
  )

  it.effect("a peer that never accepts is given up after the connect timeout, and tried again after the pause", () =>
    Effect.gen(function* () {
      const sockets: Array<Net.Socket> = []
      const dialer = () => {
        sockets.push(new Net.Socket())
        return sockets.at(-1)!
      }
      const { client, link } = yield* Effect.provideService(connect("10.0.0.1:1"), Dial.Dialer, dialer)
      const fiber = yield* fork(ask(client, "a"))
      yield* TestClock.adjust("999 millis")
      assert.strictEqual(link.inFlight(), 1)
      yield* TestClock.adjust("10 millis")
      const error = yield* failureOf(fiber)
      assert.isTrue(error.reason._tag === "Unavailable" && error.reason.unsent)
      assert.include(error.message, "no connection within 1000 ms")
      assert.isTrue(sockets[0]!.destroyed)
      assert.isFalse(link.isReachable!())
      yield* TestClock.adjust("130 millis")
      yield* fork(ask(client, "b"))
      assert.strictEqual(sockets.length, 2)
    }).pipe(Effect.scoped)
  )

  live(
    "a connection lost with calls in flight fails them as possibly processed, and the next call connects anew",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client } = yield* connect(peer.address)
      const fibers = [yield* fork(ask(client, "a")), yield* fork(ask(client, "b")), yield* fork(ask(client, "c"))]
      const first = yield* peer.accept
      const requests = yield* first.takeAll(3)
      const reply = first.reply(requests[1]!, "B")
      first.socket.end(Buffer.concat([first.reply(requests[0]!, "A"), reply.subarray(0, reply.length - 3)]))
      assert.strictEqual(yield* success(fibers[0]!), "A")
      for (const fiber of fibers.slice(1)) {
        const error = yield* failureOf(fiber)
        assert.isTrue(error.reason._tag === "Unavailable" && !error.reason.unsent)
        assert.include(error.message, "the peer closed the connection inside a reply")
      }
      const again = yield* fork(ask(client, "d"))
      const second = yield* peer.accept
      second.send(second.reply(yield* second.next, "D"))
      assert.strictEqual(yield* success(again), "D")
    })
  )

  live(
    "a reset is told from an orderly close",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client } = yield* connect(peer.address)
      const fiber = yield* fork(ask(client, "a"))
      const connection = yield* peer.accept
      yield* connection.next
      connection.socket.resetAndDestroy()
      assert.include((yield* failureOf(fiber)).message, "ECONNRESET")
    })
  )

  live(
    "an idle connection that the peer closes gets no more calls",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client } = yield* connect(peer.address)
      const first = yield* fork(ask(client, "a"))
      const connection = yield* peer.accept
      connection.send(connection.reply(yield* connection.next, "A"))
      yield* Fiber.join(first)
      connection.socket.end()
      yield* connection.closed
      const next = yield* fork(ask(client, "b"))
      const other = yield* peer.accept
      other.send(other.reply(yield* other.next, "B"))
      assert.strictEqual(yield* success(next), "B")
    })
  )

  live(
    "an idle connection is closed",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client } = yield* connect(peer.address, { pool: { idleTimeout: "20 millis" } })
      const fiber = yield* fork(ask(client, "a"))
      const connection = yield* peer.accept
      connection.send(connection.reply(yield* connection.next, "A"))
      assert.strictEqual(yield* success(fiber), "A")
      yield* connection.closed
    })
  )

  live(
    "requests that were still here when the connection was lost are unsent",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client, close } = yield* connect(peer.address)
      const first = yield* fork(ask(client, "a"))
      const connection = yield* peer.accept
      yield* connection.next
      const second = yield* fork(ask(client, "b"))
      const third = yield* fork(client.fire({ text: "c" }))
      yield* close
      const [sent, unsent, oneway] = [yield* failureOf(first), yield* failureOf(second), yield* failureOf(third)]
      assert.isTrue(sent.reason._tag === "Unavailable" && !sent.reason.unsent)
      assert.isTrue(unsent.reason._tag === "Unavailable" && unsent.reason.unsent)
      assert.isTrue(oneway.reason._tag === "Unavailable" && oneway.reason.unsent)
      yield* connection.closed
      assert.strictEqual(connection.count, 1)
      assert.include(failure(yield* Effect.exit(ask(client, "d"))).message, "the client is closed")
    })
  )

  const garbage: ReadonlyArray<readonly [name: string, bytes: Buffer, message: string]> = [
    ["a negative frame", Buffer.from("ffffffff", "hex"), "a frame announces -1 bytes"],
    ["an oversized frame", Buffer.from("7fffffff", "hex"), "at most 16777216 are accepted"],
    ["a frame without a message", Buffer.from("00000004deadbeef", "hex"), "the peer does not speak this protocol"],
    ["HTTP", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), "a frame announces 1213486160 bytes"]
  ]
  for (const [name, bytes, message] of garbage) {
    live(
      `${name} fails the call and closes the connection`,
      Effect.gen(function* () {
        const peer = yield* RawPeer.make()
        const { client } = yield* connect(peer.address)
        const fiber = yield* fork(ask(client, "a"))
        const connection = yield* peer.accept
        yield* connection.next
        connection.send(bytes)
        const error = yield* failureOf(fiber)
        assert.strictEqual(error.reason._tag, "ProtocolError")
        assert.include(error.message, message)
        yield* connection.closed
      })
    )
  }

  live(
    "garbage with several calls in flight fails all of them as lost",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client } = yield* connect(peer.address)
      const fibers = [yield* fork(ask(client, "a")), yield* fork(ask(client, "b"))]
      const connection = yield* peer.accept
      yield* connection.takeAll(2)
      connection.send(Buffer.from("ffffffff", "hex"))
      for (const fiber of fibers) {
        const error = yield* failureOf(fiber)
        assert.isTrue(error.reason._tag === "Unavailable" && !error.reason.unsent)
        assert.include(error.message, "the peer broke the protocol: a frame announces -1 bytes")
      }
    })
  )

  live(
    "replies that are wrong in themselves fail their calls, and the others on the connection are untouched",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client } = yield* connect(peer.address)
      const names = ["named", "typed", "cut", "empty", "excepted", "odd", "good"]
      const fibers = yield* Effect.forEach(names, (text) => fork(ask(client, text)))
      const connection = yield* peer.accept
      const requests = yield* connection.takeAll(names.length)
      const message = (index: number, type: number, hex: string) =>
        RawClient.message(
          RawClient.framedBinary,
          { name: "ask", seqid: requests[index]!.seqid, type },
          Buffer.from(hex, "hex")
        )
      connection.send(
        connection.reply(requests[0]!, "A", { name: "tell" }),
        message(1, Message.call, "00"),
        message(2, Message.reply, "0b0000000000ff41"),
        message(3, Message.reply, "00"),
        message(4, Message.exception, "0b0001000000026e6f0800020000000100"),
        message(5, Message.exception, "0b0001"),
        connection.reply(requests[6]!, "G")
      )
      const errors = yield* Effect.forEach(fibers.slice(0, 6), failureOf)
      const expected = [
        ["ProtocolError", `one to the method "tell"`],
        ["ProtocolError", "message type is 1"],
        ["ProtocolError", "cannot be decoded"],
        ["ProtocolError", "the result is missing"],
        ["ApplicationError", "application exception 1: no"],
        ["ProtocolError", "cannot be decoded"]
      ] as const
      for (const [index, [tag, text]] of expected.entries()) {
        assert.strictEqual(errors[index]!.reason._tag, tag)
        assert.include(errors[index]!.message, text)
        assert.include(errors[index]!.message, `test.Probe.ask at ${peer.address}`)
      }
      assert.strictEqual(yield* success(fibers[6]!), "G")
      assert.strictEqual(peer.accepted(), 1)
    })
  )

  live(
    "a reply with a wrong sequence id fails the one call that it can be meant for",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client, link } = yield* connect(peer.address)
      const asking = yield* fork(ask(client, "a"))
      const telling = yield* fork(client.tell({ text: "b" }))
      const connection = yield* peer.accept
      const [a, b] = yield* connection.takeAll(2)
      connection.send(connection.reply(a!, "A", { seqid: 4711 }))
      const error = yield* failureOf(asking)
      assert.strictEqual(error.reason._tag, "ProtocolError")
      assert.include(error.message, `sequence id 4711, which no call has; this one has ${a!.seqid}`)
      // The right one, should it come after all, is late.
      connection.send(connection.reply(a!, "A"), connection.reply(b!, ""))
      assert.strictEqual(yield* success(telling), undefined)
      assert.strictEqual(link.inFlight(), 0)
    })
  )

  live(
    "a wrong sequence id that several calls could be meant by ends the connection",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client } = yield* connect(peer.address)
      const fibers = [yield* fork(ask(client, "a")), yield* fork(ask(client, "b"))]
      const connection = yield* peer.accept
      const [a] = yield* connection.takeAll(2)
      connection.send(connection.reply(a!, "A", { seqid: 0 }))
      for (const fiber of fibers) assert.include((yield* failureOf(fiber)).message, "sequence id 0, which no call has")
      yield* connection.closed
    })
  )

  it.effect("a peer that is silent for long gets no more calls on that connection, and those on it may still end", () =>
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client, link } = yield* connect(peer.address)
      const patient = yield* fork(ask(client, "patient"))
      const first = yield* peer.accept
      const request = yield* first.next
      for (let call = 0; call < 4; call++) {
        const bounded = yield* fork(ask(client, "bounded").pipe(CallOptions.withTimeout("2 seconds")))
        yield* first.next
        yield* TestClock.adjust("2010 millis")
        assert.strictEqual((yield* failureOf(bounded)).reason._tag, "DeadlineExceeded")
      }
      const next = yield* fork(ask(client, "next"))
      const second = yield* peer.accept
      second.send(second.reply(yield* second.next, "N"))
      assert.strictEqual(yield* success(next), "N")
      first.send(first.reply(request, "P"))
      assert.strictEqual(yield* success(patient), "P")
      yield* first.closed
      assert.strictEqual(link.inFlight(), 0)
    }).pipe(Effect.scoped)
  )

  live(
    "a peer that stops reading gets a bounded amount; the calls behind it wait and end at their deadline",
    Effect.gen(function* () {
      const peer = yield* RawPeer.make()
      const { client } = yield* connect(peer.address, { pool: { maxConnections: 1 } })
      const first = yield* fork(ask(client, "a"))
      const connection = yield* peer.accept
      connection.send(connection.reply(yield* connection.next, "A"))
      yield* Fiber.join(first)
      connection.socket.pause()
      const text = "x".repeat(100_000)
      const errors = yield* Effect.forEach(
        Array.from({ length: 300 }),
        () => Effect.exit(ask(client, text).pipe(CallOptions.withTimeout("50 millis"))),
        { concurrency: "unbounded" }
      )
      for (const exit of errors) assert.strictEqual(failure(exit).reason._tag, "DeadlineExceeded")
      assert.isBelow(connection.count, 300)
      connection.socket.resume()
      const after = yield* fork(ask(client, "after"))
      let request = yield* connection.next
      let sent = 0
      for (; request.text === text; request = yield* connection.next) sent++
      assert.isBelow(sent, 300, "what waited behind the slow peer was never sent")
      connection.send(connection.reply(request, "B"))
      assert.strictEqual(yield* success(after), "B")
    })
  )
})

describe("ThriftClient: mutated replies", () => {
  for (const wire of RawClient.wires) {
    const { framing, protocol } = wire
    if (protocol === "binary-nonstrict") continue
    live(
      `every call ends, with ${framing} ${protocol}`,
      Effect.gen(function* () {
        const random = seeded(7)
        const peer = yield* RawPeer.make(wire)
        const reconnect = { initial: 0, max: 0 }
        const { client, link } = yield* connect(peer.address, { framing, protocol, reconnect })
        const ends = new Map<string, number>()
        for (let round = 0; round < 300; round++) {
          const fibers = [yield* fork(ask(client, "a")), yield* fork(ask(client, "b"))]
          const connection = yield* peer.accept
          const [a, b] = yield* connection.takeAll(2)
          const bytes = Buffer.concat([connection.reply(a!, "A"), connection.reply(b!, "B")])
          connection.socket.end(mutate(bytes, random))
          for (const fiber of fibers) {
            const exit = yield* Fiber.join(fiber)
            const end = Exit.isSuccess(exit) ? "success" : failure(exit).reason._tag
            ends.set(end, (ends.get(end) ?? 0) + 1)
          }
          yield* connection.closed
        }
        assert.strictEqual(link.inFlight(), 0)
        // All of it happens: the mutations reach what they are meant to reach.
        for (const end of ["success", "ProtocolError", "Unavailable"]) assert.isAbove(ends.get(end) ?? 0, 10, end)
      })
    )
  }
})

/** Changes, cuts or repeats a few bytes. */
const mutate = (bytes: Buffer, random: () => number): Buffer => {
  const copy = Buffer.from(bytes)
  const at = Math.floor(random() * bytes.length)
  switch (Math.floor(random() * 4)) {
    case 0:
      return copy.subarray(0, at)
    case 1:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.max(0, at - 3))])
    default:
      copy[at] = Math.floor(random() * 256)
      return copy
  }
}
