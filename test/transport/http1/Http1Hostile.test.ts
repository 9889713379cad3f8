import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import * as Deadlines from "../../../src/transport/Deadlines.ts"
import * as HpackEncoder from "../../../src/transport/http2/HpackEncoder.ts"
import { ok, post, settled, start, turns } from "./EchoServer.ts"

const test = (name: string, body: Effect.Effect<void, never, Deadlines.Deadlines | Scope.Scope>) =>
  it.effect(name, () => Effect.scoped(body).pipe(Effect.provide(Deadlines.layer)))

const connect = "CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n"

describe("CONNECT", () => {
  test(
    "and a reset: nothing is left, and the process lives",
    Effect.gen(function* () {
      const { client, connections } = yield* start({ echoes: false })
      const peer = client()
      peer.send(`${connect}and more`)
      yield* settled(() => peer.statuses.length === 1)
      peer.socket.resetAndDestroy()
      yield* settled(() => connections.size === 0)
    })
  )

  test(
    "behind a request waits for its answer",
    Effect.gen(function* () {
      const { client, heard } = yield* start({ echoes: false })
      const peer = client()
      peer.send(`${post(0)}${connect}`)
      yield* settled(() => heard[0]?.hasEnded === true)
      yield* settled(turns(10))
      assert.deepStrictEqual(peer.statuses, [])
      heard[0]!.stream.respond(ok, undefined, true)
      yield* settled(() => peer.isClosed)
      assert.deepStrictEqual(peer.statuses, [200, 501])
    })
  )
})

describe("requests within requests", () => {
  const inner = "GET /inner HTTP/1.1\r\nhost: a\r\n\r\n"
  const coded = (coding: string) =>
    `POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${inner.length}\r\ntransfer-encoding: ${coding}\r\n\r\n0\r\n\r\n${inner}`
  const cases: ReadonlyArray<readonly [name: string, sent: string]> = [
    ["a coding that is none, beside a length", coded("xchunked")],
    ["chunks, and another coding behind them", coded("chunked, identity")],
    ["two codings in two fields", coded("chunked\r\ntransfer-encoding: identity")],
    ["a blank before the colon", `POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding : chunked\r\n\r\n0\r\n\r\n${inner}`],
    ["a folded line", `POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n${inner}`],
    ["a length with a sign", `POST / HTTP/1.1\r\nhost: a\r\ncontent-length: +0\r\n\r\n${inner}`],
    ["lines ended by LF alone", `POST / HTTP/1.1\nhost: a\ncontent-length: 0\n\n${inner}`],
    ["a CR alone within a value", `POST / HTTP/1.1\r\nhost: a\r\nx: y\rtransfer-encoding: chunked\r\n\r\n${inner}`],
    [
      "a chunk's size that overflows",
      `POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n10000000000000000\r\n${inner}`
    ],
    [
      "a chunk's extension without an end",
      `POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1;${"x".repeat(20_000)}\r\na\r\n0\r\n\r\n${inner}`
    ]
  ]
  for (const [name, sent] of cases) {
    test(
      `are none: ${name}`,
      Effect.gen(function* () {
        const { client, heard } = yield* start({ echoes: false })
        const peer = client()
        peer.send(sent)
        yield* settled(() => peer.isClosed)
        assert.isFalse(heard.some(({ stream }) => stream.headers.path === "/inner"))
        assert.isFalse(heard.some(({ hasEnded }) => hasEnded))
        assert.isTrue(peer.statuses.every((status) => status === 400 || status === 413))
      })
    )
  }
})

describe("what is not read", () => {
  test(
    "is no reason to end a connection on which all of it has been read",
    Effect.gen(function* () {
      const { client, heard } = yield* start({ echoes: false })
      const peer = client()
      peer.send(post(0))
      yield* settled(() => heard[0]?.hasEnded === true)
      heard[0]!.stream.respond(ok)
      heard[0]!.stream.write(Buffer.from("body"), true)
      yield* settled(() => peer.text.endsWith("0\r\n\r\n"))
      peer.send(post(0))
      yield* settled(() => heard[1]?.hasEnded === true)
      yield* TestClock.adjust("40 seconds")
      yield* settled(turns(10))
      assert.isFalse(peer.isClosed)
      heard[1]!.stream.respond(ok, undefined, true)
      yield* settled(() => peer.statuses.length === 2)
    })
  )

  test(
    "may be an answer without a body, too",
    Effect.gen(function* () {
      const large = HpackEncoder.prepare([":status", "204", "x-large", "y".repeat(12_000)])
      let answers = 0
      const { client, connections } = yield* start({
        onStream: (stream) => {
          answers++
          stream.respond(large, undefined, true)
          return stream.handler
        }
      })
      const peer = client()
      peer.socket.pause()
      // Until what the system holds for a peer that does not read is full.
      for (let before = -1; answers > before;) {
        before = answers
        peer.send(post(0).repeat(4))
        yield* settled(turns(10))
      }
      assert.strictEqual(connections.size, 1)
      yield* TestClock.adjust("31 seconds")
      yield* settled(() => connections.size === 0)
    })
  )

  test(
    "is not what waits for the answer before it",
    Effect.gen(function* () {
      const { client, heard } = yield* start({ echoes: false })
      const peer = client()
      peer.send(post(0).repeat(2))
      yield* settled(() => heard[1]?.hasEnded === true)
      heard[1]!.stream.respond(ok)
      heard[1]!.stream.write(Buffer.from("second"), true)
      yield* TestClock.adjust("40 seconds")
      yield* settled(turns(10))
      assert.isFalse(peer.isClosed)
      heard[0]!.stream.respond(ok)
      heard[0]!.stream.write(Buffer.from("first"), true)
      yield* settled(() => peer.text.includes("second"))
      assert.deepStrictEqual(peer.statuses, [200, 200])
    })
  )
})

test(
  "a body behind an answer that waits to be read is thrown away, and the connection is free again",
  Effect.gen(function* () {
    const { client, deadlines, heard } = yield* start({ echoes: false, bodyWindow: 10 })
    const peer = client()
    peer.send(post(300_000))
    yield* settled(() => heard.length === 1)
    peer.socket.pause()
    const { stream } = heard[0]!
    stream.respond(ok)
    stream.write(Buffer.alloc(20_000_000), true)
    peer.send("x".repeat(150_000))
    yield* settled(turns(50))
    peer.socket.resume()
    yield* settled(() => peer.text.length > 20_000_000)
    peer.send(`${"x".repeat(150_000)}${post(0, "/next")}`)
    yield* settled(() => heard.length === 2)
    assert.strictEqual(heard[1]!.stream.headers.path, "/next")
    heard[1]!.stream.respond(ok, undefined, true)
    yield* settled(() => deadlines.pending() === 1)
  })
)

test(
  "a body in another coding below its chunks is not taken for what it is not: 501",
  Effect.gen(function* () {
    const { client, heard } = yield* start()
    const coded = client()
    coded.send("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n1\r\na\r\n0\r\n\r\n")
    yield* settled(() => coded.isClosed)
    assert.deepStrictEqual([coded.statuses, heard.length], [[501], 0])
    const plain = client()
    plain.send("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: Chunked\r\n\r\n1\r\na\r\n0\r\n\r\n")
    yield* settled(() => plain.text.endsWith("a\r\n0\r\n\r\n"))
    assert.strictEqual(heard[0]!.text, "a")
  })
)

test(
  "a target in absolute form has a path, and a host of its own",
  Effect.gen(function* () {
    const { client, heard } = yield* start({ echoes: false })
    const peer = client()
    peer.send("GET http://b:81/x/y?z HTTP/1.1\r\nhost: a\r\n\r\nGET HTTPS://c HTTP/1.1\r\nhost: a\r\n\r\n")
    yield* settled(() => heard.length === 2)
    assert.deepStrictEqual(
      heard.map(({ stream: { headers } }) => [headers.authority, headers.path]),
      [
        ["b:81", "/x/y?z"],
        ["c", "/"]
      ]
    )
  })
)

describe("other protocols", () => {
  for (const [name, fields] of [
    ["h2c", "connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk"],
    ["websocket", "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: AAMAAABk"]
  ] as const) {
    test(
      `are not changed to, and nothing is read behind such a wish: ${name}`,
      Effect.gen(function* () {
        const { client, heard } = yield* start()
        const inner = "GET /inner HTTP/1.1\r\nhost: a\r\n\r\n"
        const peer = client()
        peer.send(
          `POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n${fields}\r\n\r\nbody${post(inner.length, "/next")}`
        )
        yield* settled(() => peer.statuses.length > 0)
        peer.send(inner)
        yield* settled(() => peer.isClosed)
        assert.deepStrictEqual(
          heard.map(({ stream, text }) => [stream.headers.path, text]),
          [["/", "body"]]
        )
        assert.strictEqual(peer.statuses[0], 200)
        assert.match(peer.text, /^connection: close\r$/m)
      })
    )
  }

  test(
    "may be HTTP/1.0, whose clients get no chunks, and the end",
    Effect.gen(function* () {
      const { client } = yield* start()
      const peer = client()
      peer.send("POST / HTTP/1.0\r\ncontent-length: 4\r\n\r\nbody")
      yield* settled(() => peer.isClosed)
      assert.isTrue(peer.text.endsWith("\r\n\r\nbody"))
      assert.notInclude(peer.text, "chunked")
    })
  )
})

test(
  "whoever waits for a 100 gets it, and an early answer does not leave the body to the next request",
  Effect.gen(function* () {
    const { client, heard } = yield* start({ echoes: false })
    const peer = client()
    peer.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 40\r\nexpect: 100-continue\r\n\r\n")
    yield* settled(() => heard.length === 1 && peer.statuses.length === 1)
    heard[0]!.stream.respond(ok, undefined, true)
    yield* settled(() => peer.statuses.length === 2)
    peer.send(`${"GET /inner HTTP/1.1\r\nhost: a\r\n\r\n".padEnd(40)}${post(0, "/next")}`)
    yield* settled(() => heard.length === 2)
    assert.deepStrictEqual([...peer.statuses, heard[1]!.stream.headers.path, heard[0]!.size], [100, 200, "/next", 0])
  })
)

test(
  "an early answer that is the last of its connection is not lost in a reset: the body is read before the end",
  Effect.gen(function* () {
    const { client, connections, heard } = yield* start({ echoes: false })
    const peer = client()
    peer.send(`POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 2000000\r\n\r\n`)
    yield* settled(() => heard.length === 1)
    const [connection] = connections
    const { bytesRead } = connection!
    heard[0]!.stream.respond(ok, undefined, true)
    yield* settled(() => peer.statuses.length === 1)
    for (let at = 0; at < 20; at++) {
      peer.send("x".repeat(100_000))
      yield* settled(turns(5))
    }
    yield* settled(() => peer.isClosed)
    assert.strictEqual(connection!.bytesRead, bytesRead + 2_000_000)
  })
)
