import { assert, describe, it } from "@effect/vitest"
import * as Net from "node:net"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import * as CallOptions from "../../src/CallOptions.ts"
import type * as Contract from "../../src/Contract.ts"
import * as Instance from "../../src/discovery/Instance.ts"
import { Endpoint } from "../../src/Endpoint.ts"
import { isRpcError, type RpcError } from "../../src/RpcError.ts"
import * as ThriftClient from "../../src/thrift/ThriftClient.ts"
import * as Message from "../../src/thrift/Message.ts"
import { Connector, type Link } from "../../src/transport/Connector.ts"
import * as Deadlines from "../../src/transport/Deadlines.ts"
import * as Dial from "../../src/transport/Dial.ts"
import * as Direct from "../../src/transport/Direct.ts"
import { Probe } from "../fixtures/Probe.ts"
import * as RawClient from "../fixtures/RawClient.ts"
import * as RawPeer from "../fixtures/RawPeer.ts"

type Client = Contract.Client<typeof Probe.methods>

interface Connected {
  readonly client: Client
  readonly link: Link
  /** Closes the client. */
  readonly close: Effect.Effect<void>
}

/** A client of one address. Its timers are counted: at the end of a test none may be left. */
const connect = (address: string, options?: ThriftClient.Options) =>
  Effect.gen(function* () {
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
    const connector = yield* Layer.buildWithScope(ThriftClient.layer(options), scope)
    const link = yield* Context.get(connector, Connector)
      .open(Instance.make(Instance.parseAddress(address)!))
      .pipe(Scope.provide(scope))
    const client = yield* Layer.buildWithScope(
      Layer.provide(Probe.client, Layer.succeed(Endpoint, link.endpoint)),
      scope
    )
    return { client: Context.get(client, Probe), link, close: Scope.close(scope, Exit.void) } satisfies Connected
  })

const ask = (client: Client, text: string) => client.ask({ text })

const fork = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.forkChild(Effect.exit(effect), { startImmediately: true })

const failure = (exit: Exit.Exit<unknown, unknown>): RpcError => {
  const reason = Exit.isFailure(exit) ? exit.cause.reasons[0] : undefined
  if (reason?._tag === "Fail" && isRpcError(reason.error)) return reason.error
  throw new Error(`expected an RpcError, got ${JSON.stringify(exit)}`)
}

const failureOf = (fiber: Fiber.Fiber<Exit.Exit<unknown, unknown>>) => Effect.map(Fiber.join(fiber), failure)

const success = (fiber: Fiber.Fiber<Exit.Exit<unknown, unknown>>) =>
  Effect.map(Fiber.join(fiber), (exit) => (Exit.isSuccess(exit) ? exit.value : failure(exit)))

const live = <A, E>(name: string, body: Effect.Effect<A, E, Scope.Scope>) => it.live(name, () => Effect.scoped(body))

const freePort = Effect.gen(function* () {
  const peer = yield* RawPeer.make()
  return peer.address
}).pipe(Effect.scoped)

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
      const bounded = yield* fork(ask(client, "a").pipe(CallOptions.withTimeout("20 millis")))
      const patient = yield* fork(ask(client, "b"))
      const connection = yield* peer.accept
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
        ["ProtocolError", "message type 1"],
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
