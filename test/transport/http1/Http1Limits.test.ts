import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import * as Deadlines from "../../../src/transport/Deadlines.ts"
import { ok, post, settled, start, turns } from "./EchoServer.ts"

const test = (name: string, body: Effect.Effect<void, never, Deadlines.Deadlines | Scope.Scope>) =>
  it.effect(name, () => Effect.scoped(body).pipe(Effect.provide(Deadlines.layer)))

describe("what is no request", () => {
  const cases: ReadonlyArray<readonly [name: string, sent: string, status: number]> = [
    ["garbage", "\x16\x03\x01 what is this\r\n\r\n", 400],
    ["no host", "GET / HTTP/1.1\r\n\r\n", 400],
    ["two lengths", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", 400],
    [
      "a length beside chunks",
      "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
      400
    ],
    ["a large header", `GET / HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(20_000)}\r\n\r\n`, 431],
    ["chunks that are none", "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", 400],
    ["CONNECT", "CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n", 501],
    ["an expectation", "GET / HTTP/1.1\r\nhost: a\r\nexpect: miracles\r\n\r\n", 417]
  ]
  for (const [name, sent, status] of cases) {
    test(
      `${name}: ${status}`,
      Effect.gen(function* () {
        const { client } = yield* start({ echoes: false })
        const peer = client()
        peer.send(sent)
        yield* settled(() => peer.statuses.length === 1)
        assert.deepStrictEqual(peer.statuses, [status])
        if (status !== 417) yield* settled(() => peer.isClosed)
      })
    )
  }

  test(
    "garbage behind a request waits for its answer",
    Effect.gen(function* () {
      const { client, heard } = yield* start({ echoes: false })
      const peer = client()
      peer.send(`${post(0)}garbage\r\n\r\n`)
      yield* settled(() => heard[0]?.hasEnded === true)
      yield* settled(turns(10))
      assert.deepStrictEqual(peer.statuses, [])
      heard[0]!.stream.respond(ok, undefined, true)
      yield* settled(() => peer.isClosed)
      assert.deepStrictEqual(peer.statuses, [200, 400])
    })
  )

  test(
    "garbage within a body is told to its handler, and to the client where there is still a way",
    Effect.gen(function* () {
      const { client, heard } = yield* start({ echoes: false })
      const chunked = "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n"
      const early = client()
      early.send(chunked)
      yield* settled(() => heard[0]?.size === 1)
      early.send("what\r\n")
      yield* settled(() => early.isClosed)
      assert.deepStrictEqual(early.statuses, [400])
      const late = client()
      late.send(chunked)
      yield* settled(() => heard[1]?.size === 1)
      heard[1]!.stream.respond(ok)
      late.send("what\r\n")
      yield* settled(() => late.isClosed)
      assert.deepStrictEqual(
        heard.map(({ faults }) => faults.map(({ source }) => source)),
        [["local"], ["local"]]
      )
    })
  )

  test(
    "more requests at once than are taken: 503, and the end",
    Effect.gen(function* () {
      const { client, heard } = yield* start({ echoes: false, maxPipelined: 2 })
      const peer = client()
      peer.send(post(0).repeat(5))
      yield* settled(() => heard.length === 2)
      for (const { stream } of heard) stream.respond(ok, undefined, true)
      yield* settled(() => peer.isClosed)
      assert.deepStrictEqual(peer.statuses, [200, 200, 503])
      assert.strictEqual(heard.length, 2)
    })
  )
})

describe("times", () => {
  test(
    "a header that does not end: 408",
    Effect.gen(function* () {
      const { client, connections } = yield* start()
      const peer = client()
      peer.send("POST / HTTP/1.1\r\nhost:")
      yield* settled(() => [...connections].some(({ bytesRead }) => bytesRead > 0))
      yield* TestClock.adjust("9 seconds")
      yield* settled(turns(5))
      assert.isFalse(peer.isClosed)
      yield* TestClock.adjust("12 seconds")
      yield* settled(() => peer.isClosed)
      assert.deepStrictEqual(peer.statuses, [408])
    })
  )

  test(
    "the same behind another request",
    Effect.gen(function* () {
      const { client, connections } = yield* start()
      const peer = client()
      peer.send(`${post(0)}`)
      yield* settled(() => peer.text.endsWith("0\r\n\r\n"))
      const before = [...connections][0]!.bytesRead
      peer.send("POST")
      yield* settled(() => [...connections][0]!.bytesRead > before)
      yield* TestClock.adjust("21 seconds")
      yield* settled(() => peer.isClosed)
      assert.deepStrictEqual(peer.statuses, [200, 408])
    })
  )

  test(
    "an idle connection is closed, and not before its time",
    Effect.gen(function* () {
      const { client, connections } = yield* start()
      const fresh = client()
      const used = client()
      used.send(post(0))
      yield* settled(() => used.text.endsWith("0\r\n\r\n") && connections.size === 2)
      yield* TestClock.adjust("59 seconds")
      yield* settled(turns(5))
      assert.strictEqual(connections.size, 2)
      yield* TestClock.adjust("2 seconds")
      yield* settled(() => fresh.isClosed && used.isClosed)
      assert.deepStrictEqual(used.statuses, [200])
    })
  )

  test(
    "a body that stands still: 408; one that a slow handler does not take is not the client's fault",
    Effect.gen(function* () {
      const { client, heard } = yield* start({ echoes: false, bodyWindow: 10 })
      const slow = client()
      slow.send(`${post(100)}${"x".repeat(50)}`)
      yield* settled(() => heard[0]?.size === 50)
      const still = client()
      still.send(`${post(100)}x`)
      yield* settled(() => heard[1]?.size === 1)
      yield* TestClock.adjust("61 seconds")
      yield* settled(() => still.isClosed)
      assert.deepStrictEqual([still.statuses, slow.isClosed], [[408], false])
      assert.strictEqual(heard[1]!.faults.length, 1)
    })
  )

  test(
    "what is not read is waited for, and then cut off",
    Effect.gen(function* () {
      const { client, connections, heard } = yield* start({ echoes: false })
      const peer = client()
      peer.send(post(0))
      yield* settled(() => heard.length === 1)
      peer.socket.pause()
      const { stream } = heard[0]!
      stream.respond(ok)
      stream.write(Buffer.alloc(50_000_000))
      yield* settled(turns(20))
      yield* TestClock.adjust("31 seconds")
      yield* settled(() => connections.size === 0)
      assert.strictEqual(heard[0]!.faults.length, 1)
    })
  )

  test(
    "a client that does not close behind the last answer is cut off after a second",
    Effect.gen(function* () {
      const { client, connections } = yield* start()
      const peer = client()
      peer.socket.allowHalfOpen = true
      peer.send("garbage\r\n\r\n")
      yield* settled(() => peer.statuses.length === 1)
      yield* settled(turns(10))
      assert.strictEqual(connections.size, 1)
      yield* TestClock.adjust("1100 millis")
      yield* settled(() => connections.size === 0)
    })
  )
})
