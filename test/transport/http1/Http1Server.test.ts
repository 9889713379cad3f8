import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Deadlines from "../../../src/transport/Deadlines.ts"
import * as Http2Error from "../../../src/transport/http2/Http2Error.ts"
import { type Heard, ok, post, settled, start, turns } from "./EchoServer.ts"

const test = (name: string, body: Effect.Effect<void, never, Deadlines.Deadlines | Scope.Scope>) =>
  it.effect(name, () => Effect.scoped(body).pipe(Effect.provide(Deadlines.layer)))

describe("exchanges", () => {
  test(
    "bodies with a length and in chunks, one behind the other on one connection",
    Effect.gen(function* () {
      const { client, connections, heard } = yield* start()
      const peer = client()
      peer.send(`${post(5)}hello`)
      yield* settled(() => peer.text.endsWith("\r\n5\r\nhello\r\n0\r\n\r\n"))
      peer.send("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
      yield* settled(() => peer.statuses.length === 2 && peer.text.endsWith("0\r\n\r\n"))
      assert.deepStrictEqual(
        heard.map(({ hasEnded, text }) => [text, hasEnded]),
        [
          ["hello", true],
          ["abcde", true]
        ]
      )
      assert.strictEqual(connections.size, 1)
    })
  )

  test(
    "the request's head has its fields in lower case and in order",
    Effect.gen(function* () {
      const { client, heard } = yield* start()
      const peer = client()
      peer.send("PUT /a?b HTTP/1.1\r\nHost: a.example\r\nX-Two: 1\r\nx-two: 2\r\nContent-Length: 0\r\n\r\n")
      yield* settled(() => peer.statuses.length === 1)
      const { headers } = heard[0]!.stream
      assert.deepStrictEqual(
        [headers.method, headers.path, headers.authority, headers.getAll("x-two")],
        ["PUT", "/a?b", "a.example", ["1", "2"]]
      )
    })
  )

  test(
    "what is written in one tick comes in one piece; what is encoded goes through the writer",
    Effect.gen(function* () {
      const { client, heard } = yield* start({ echoes: false })
      const peer = client()
      const pieces: Array<string> = []
      peer.socket.on("data", (chunk) => pieces.push(chunk.toString()))
      peer.send(post(0))
      yield* settled(() => heard[0]?.hasEnded === true)
      const { stream } = heard[0]!
      stream.respond(ok, ["x-a", "1", "x-a", "2"])
      const writer = stream.beginData()
      writer.reserve(2)
      writer.bytes[writer.position++] = 0x68
      writer.bytes[writer.position++] = 0x69
      stream.endData()
      stream.beginData().position = 5
      stream.cancelData()
      stream.write(Buffer.from("!"), true)
      yield* settled(() => peer.text.endsWith("0\r\n\r\n"))
      assert.strictEqual(pieces.length, 1)
      assert.match(peer.text, /x-a: 1\r\nx-a: 2\r\n/)
      assert.match(peer.text, /\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n$/)
    })
  )

  test(
    "headers leave before there is a body, trailers behind it",
    Effect.gen(function* () {
      const { client, heard } = yield* start({ echoes: false })
      const peer = client()
      peer.send(post(0))
      yield* settled(() => heard.length === 1)
      const { stream } = heard[0]!
      stream.respond(ok)
      yield* settled(() => peer.text.endsWith("\r\n\r\n"))
      stream.end(undefined, ["x-trailer", "1"])
      yield* settled(() => peer.text.endsWith("0\r\nx-trailer: 1\r\n\r\n"))
    })
  )

  test(
    "answers in the order of the requests, however they end",
    Effect.gen(function* () {
      const { client, heard } = yield* start({ echoes: false })
      const peer = client()
      peer.send(post(0, "/one") + post(0, "/two"))
      yield* settled(() => heard.length === 2)
      const [one, two] = heard
      two!.stream.respond(ok, ["x-which", "two"], true)
      one!.stream.respond(ok, ["x-which", "one"], true)
      yield* settled(() => peer.statuses.length === 2)
      assert.isBelow(peer.text.indexOf("x-which: one"), peer.text.indexOf("x-which: two"))
    })
  )

  test(
    "Expect: 100-continue",
    Effect.gen(function* () {
      const { client } = yield* start()
      const peer = client()
      peer.send("POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
      yield* settled(() => peer.statuses.includes(100))
      peer.send("hi")
      yield* settled(() => peer.text.endsWith("0\r\n\r\n"))
      assert.deepStrictEqual(peer.statuses, [100, 200])
    })
  )

  test(
    "a response before the end of the request: the rest is thrown away, and the connection goes on",
    Effect.gen(function* () {
      const { client, heard } = yield* start({ echoes: false, bodyWindow: 10 })
      const peer = client()
      peer.send(`${post(100_000)}${"x".repeat(50_000)}`)
      yield* settled(() => heard.length === 1 && heard[0]!.size > 0)
      heard[0]!.stream.respond(ok, undefined, true)
      const seen = heard[0]!.size
      yield* settled(() => peer.statuses.length === 1)
      peer.send("x".repeat(50_000) + post(0))
      yield* settled(() => heard.length === 2)
      heard[1]!.stream.respond(ok, undefined, true)
      yield* settled(() => peer.statuses.length === 2)
      assert.strictEqual(heard[0]!.size, seen)
      assert.deepStrictEqual(heard[0]!.faults, [])
    })
  )
})

describe("back-pressure", () => {
  test(
    "a body that nobody takes is not read beyond its window",
    Effect.gen(function* () {
      const { client, heard } = yield* start({ echoes: false, bodyWindow: 100_000 })
      const peer = client()
      const size = 10_000_000
      peer.send(post(size) + "x".repeat(size))
      yield* settled(() => (heard[0]?.size ?? 0) > 100_000)
      const { stream } = heard[0]!
      // Whatever was under way has come after so many turns.
      yield* settled(turns(200))
      const held = heard[0]!.size
      assert.isBelow(held, 1_000_000)
      stream.consume(held)
      yield* settled(() => heard[0]!.size > held)
      yield* settled(() => {
        stream.consume(size)
        return heard[0]!.hasEnded
      })
      assert.strictEqual(heard[0]!.size, size)
    })
  )

  test(
    "a reader that is slow stops the writer, and starts it again",
    Effect.gen(function* () {
      const { client, heard } = yield* start({ echoes: false })
      const peer = client()
      peer.send(post(0))
      yield* settled(() => heard.length === 1)
      peer.socket.pause()
      const { stream } = heard[0]!
      stream.respond(ok)
      const chunk = Buffer.alloc(65_536, "x")
      let sent = 0
      // The system's own buffers come first.
      while (stream.write(chunk) || (yield* hasDrained(heard[0]!))) sent++
      const { drains } = heard[0]!
      assert.isTrue(stream.isFull)
      peer.socket.resume()
      yield* settled(() => heard[0]!.drains > drains)
      assert.isFalse(stream.isFull)
      stream.end()
      yield* settled(() => peer.text.endsWith("0\r\n\r\n"))
      assert.isAbove(peer.text.length, sent * 65_536)
    })
  )
})

/** Whether what was written last found room in some turns. */
const hasDrained = (heard: Heard): Effect.Effect<boolean> => {
  const { drains } = heard
  let left = 20
  return Effect.map(
    settled(() => heard.drains > drains || left-- <= 0),
    () => heard.drains > drains
  )
}

describe("ends", () => {
  test(
    "a client that leaves while it is answered, and while it sends",
    Effect.gen(function* () {
      const { client, connections, heard } = yield* start({ echoes: false })
      const answered = client()
      answered.send(post(0))
      const sending = client()
      sending.send(`${post(10)}x`)
      yield* settled(() => heard.length === 2)
      answered.socket.destroy()
      sending.socket.destroy()
      yield* settled(() => connections.size === 0)
      for (const { faults, stream } of heard) {
        assert.deepStrictEqual(faults, [
          { code: 8, source: "connection", detail: "the client closed the connection", unprocessed: false }
        ])
        assert.strictEqual(stream.state, "closed")
        // All of it is for nothing, and does nothing.
        stream.respond(ok)
        stream.end()
        stream.reset(Http2Error.cancel)
      }
    })
  )

  test(
    "reset cuts the connection, and refuses what was not looked at with 503",
    Effect.gen(function* () {
      const { client, heard } = yield* start({ echoes: false })
      const refused = client()
      refused.send(post(0))
      yield* settled(() => heard.length === 1)
      heard[0]!.stream.reset(Http2Error.refusedStream)
      yield* settled(() => refused.statuses.length === 1)
      assert.deepStrictEqual(refused.statuses, [503])
      const reset = client()
      reset.send(post(0))
      yield* settled(() => heard.length === 2)
      heard[1]!.stream.respond(ok)
      heard[1]!.stream.reset(Http2Error.cancel)
      yield* settled(() => reset.isClosed)
      assert.deepStrictEqual([heard[0]!.faults, heard[1]!.faults], [[], []])
    })
  )

  test(
    "drain: idle connections close, running responses say that they are the last",
    Effect.gen(function* () {
      const { client, connections, heard } = yield* start({ echoes: false })
      const idle = client()
      idle.send(post(0))
      const begun = client()
      begun.send(post(0))
      const running = client()
      running.send(post(0))
      yield* settled(() => heard.length === 3)
      heard[0]!.stream.respond(ok, undefined, true)
      heard[1]!.stream.respond(ok)
      yield* settled(() => idle.statuses.length === 1 && begun.statuses.length === 1)
      for (const connection of Array.from(connections)) connection.drain()
      yield* settled(() => idle.isClosed)
      assert.deepStrictEqual([begun.isClosed, running.isClosed], [false, false])
      heard[1]!.stream.write(Buffer.from("x"), true)
      heard[2]!.stream.respond(ok, undefined, true)
      yield* settled(() => begun.isClosed && running.isClosed)
      assert.match(begun.text, /1\r\nx\r\n0\r\n\r\n$/)
      assert.match(running.text, /^connection: close\r$/m)
    })
  )

  test(
    "a handler that breaks takes its connection with it, and no other",
    Effect.gen(function* () {
      const { client, errors } = yield* start({
        onStream: ({ headers }) => {
          if (headers.path === "/break") throw new Error("broken")
          return { onData: () => {}, onEnd: () => {}, onReset: () => {}, onDrain: () => {} }
        }
      })
      const other = client()
      other.send(post(0))
      const breaking = client()
      breaking.send(post(0, "/break"))
      yield* settled(() => breaking.isClosed)
      assert.strictEqual(errors.length, 1)
      assert.isFalse(other.isClosed)
    })
  )
})
