import { mkdtempSync, rmSync } from "node:fs"
import * as Http2 from "node:http2"
import * as Net from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as CallOptions from "../../src/CallOptions.ts"
import * as GrpcClient from "../../src/grpc/GrpcClient.ts"
import { failure, failureOf, fork, live, success } from "../fixtures/Connected.ts"
import { connect } from "../fixtures/GrpcConnected.ts"
import * as GrpcPeer from "../fixtures/GrpcPeer.ts"
import { settled, ticking, timed, turn } from "../fixtures/ServedProbe.ts"

const reasonOf = (exit: Parameters<typeof failure>[0]) => failure(exit).reason

const echo = (asked: GrpcPeer.Asked): void => {
  asked.stream.on("end", () => asked.reply(asked.texts[0] ?? ""))
}

/** A port on which nobody listens. */
const freePort = Effect.callback<number>((resume) => {
  const server = Net.createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address() as Net.AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})

describe("GrpcClient: connections", () => {
  live(
    "connects with the first call, and one connection carries 10,000 calls at a time",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make({ settings: { maxConcurrentStreams: 20_000 }, maxSessionMemory: 1000 })
      const { client, link } = yield* connect(peer.address)
      assert.strictEqual(peer.sockets.length, 0)
      const count = 10_000
      const running = yield* fork(
        Effect.forEach(
          Array.from({ length: count }, (_, i) => `${i}`),
          (text) => client.ask({ text }),
          { concurrency: "unbounded" }
        )
      )
      const asked = yield* peer.takeAll(count)
      assert.strictEqual(link.inFlight(), count)
      for (const each of asked) {
        yield* each.ended
        each.reply(each.texts[0]!)
      }
      const replies = (yield* success(running)) as ReadonlyArray<string>
      assert.strictEqual(replies.length, count)
      replies.forEach((reply, i) => assert.strictEqual(reply, `${i}`))
      assert.strictEqual(peer.sockets.length, 1)
      assert.strictEqual(link.inFlight(), 0)
    })
  )

  live(
    "opens a further connection when the peer takes no more streams, and queues beyond the maximum",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make({ settings: { maxConcurrentStreams: 100 } })
      const { client } = yield* connect(peer.address, { pool: { maxConnections: 2 } })
      const running = yield* fork(
        Effect.forEach(
          Array.from({ length: 250 }, (_, i) => `${i}`),
          (text) => client.ask({ text }),
          { concurrency: "unbounded" }
        )
      )
      const first = yield* peer.takeAll(200)
      for (let i = 0; i < 20; i++) yield* turn
      assert.strictEqual(peer.sockets.length, 2)
      for (const each of first) each.reply("x")
      for (const each of yield* peer.takeAll(50)) each.reply("x")
      assert.strictEqual(((yield* success(running)) as ReadonlyArray<string>).length, 250)
      assert.strictEqual(peer.sockets.length, 2)
    })
  )

  timed(
    "a peer that nobody is: Unavailable and unsent; and it is found again later",
    Effect.gen(function* () {
      const port = yield* freePort
      const { client, link } = yield* connect(`127.0.0.1:${port}`, { reconnect: { initial: "1 second", jitter: 0 } })
      const first = reasonOf(yield* Effect.exit(client.ask({ text: "x" })))
      assert.isTrue(first._tag === "Unavailable" && first.unsent)
      assert.include(first.message, "ECONNREFUSED")
      assert.isFalse(link.isReachable?.())
      const peer = yield* GrpcPeer.make({ port, answer: echo })
      yield* TestClock.adjust("1010 millis")
      yield* settled(() => link.isReachable?.() === true)
      assert.strictEqual(yield* client.ask({ text: "y" }), "y")
      assert.strictEqual(peer.sockets.length, 1)
    })
  )

  live(
    "wait-for-ready: calls wait for a peer, as long as their deadline allows",
    Effect.gen(function* () {
      const port = yield* freePort
      const { client, link } = yield* connect(`127.0.0.1:${port}`, {
        waitForReady: true,
        reconnect: { initial: "10 millis", max: "20 millis" }
      })
      const late = yield* Effect.exit(client.ask({ text: "late" }).pipe(CallOptions.withTimeout("60 millis")))
      assert.strictEqual(reasonOf(late)._tag, "DeadlineExceeded")
      const impatient = yield* Effect.exit(client.ask({ text: "x" }).pipe(GrpcClient.withWaitForReady(false)))
      assert.strictEqual(reasonOf(impatient)._tag, "Unavailable")
      const gone = yield* Effect.forkChild(client.ask({ text: "gone" }), { startImmediately: true })
      const waiting = yield* fork(client.ask({ text: "patient" }))
      const streaming = yield* fork(Stream.runCollect(client.chat(Stream.make({ text: "a" }))))
      yield* Fiber.interrupt(gone)
      assert.strictEqual(link.inFlight(), 2)
      yield* GrpcPeer.make({ port, answer: echo })
      assert.strictEqual(yield* success(waiting), "patient")
      assert.deepStrictEqual(yield* success(streaming), ["a"])
    })
  )

  live(
    "a client that closes fails what waits and what runs",
    Effect.gen(function* () {
      const port = yield* freePort
      const waiting = yield* connect(`127.0.0.1:${port}`, { waitForReady: true })
      const first = yield* fork(waiting.client.ask({ text: "x" }))
      yield* settled(() => waiting.link.isReachable?.() === false)
      yield* waiting.close
      assert.strictEqual((yield* failureOf(first)).reason._tag, "Unavailable")
      const peer = yield* GrpcPeer.make()
      const running = yield* connect(peer.address)
      const second = yield* fork(running.client.ask({ text: "x" }))
      yield* peer.next
      yield* running.close
      const { reason } = yield* failureOf(second)
      assert.isTrue(reason._tag === "Unavailable" && !reason.unsent)
      const third = reasonOf(yield* Effect.exit(running.client.ask({ text: "x" })))
      assert.isTrue(third._tag === "Unavailable" && third.unsent)
    })
  )

  live(
    "idle connections are closed, and opened again",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make({ answer: echo })
      const { client } = yield* connect(peer.address, { pool: { idleTimeout: "40 millis" } })
      assert.strictEqual(yield* client.ask({ text: "a" }), "a")
      yield* settled(() => peer.sessions[0]!.closed)
      assert.strictEqual(yield* client.ask({ text: "b" }), "b")
      assert.strictEqual(peer.sockets.length, 2)
    })
  )

  timed(
    "a peer that falls silent is found out by keepalive",
    Effect.gen(function* () {
      const sockets: Array<Net.Socket> = []
      // Passes bytes on until it is told to swallow them.
      const peer = yield* GrpcPeer.make()
      let isSilent = false
      const proxy = Net.createServer((socket) => {
        const upstream = Net.connect({ host: "127.0.0.1", port: Number(peer.address.split(":")[1]) })
        sockets.push(socket, upstream)
        socket.on("data", (chunk) => isSilent || upstream.write(chunk)).on("error", () => {})
        upstream.on("data", (chunk) => isSilent || socket.write(chunk)).on("error", () => {})
      })
      yield* Effect.callback<void>((resume) => void proxy.listen(0, "127.0.0.1", () => resume(Effect.void)))
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          proxy.close()
          for (const socket of sockets) socket.destroy()
        })
      )
      const { client } = yield* connect(`127.0.0.1:${(proxy.address() as Net.AddressInfo).port}`, {
        keepAlive: { interval: "1 second", timeout: "1 second" }
      })
      const fiber = yield* fork(client.ask({ text: "x" }))
      yield* peer.next
      isSilent = true
      yield* TestClock.adjust("1010 millis")
      yield* TestClock.adjust("1010 millis")
      const { reason } = yield* failureOf(fiber)
      assert.isTrue(reason._tag === "Unavailable" && !reason.unsent)
      assert.include(reason.message, "PING")
    })
  )

  timed(
    "keepalive without calls is an option",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make({ answer: echo })
      const { client } = yield* connect(peer.address, {
        keepAlive: { interval: "20 millis", timeout: "1 hour", withoutCalls: true }
      })
      assert.strictEqual(yield* client.ask({ text: "a" }), "a")
      let pings = 0
      peer.sessions[0]!.on("ping", () => pings++)
      yield* ticking(() => pings >= 3)
      assert.strictEqual(yield* client.ask({ text: "b" }), "b")
      assert.strictEqual(peer.sockets.length, 1)
    })
  )

  timed(
    "a server that says too_many_pings is looked after half as often from then on, and the calls say why they failed",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const logged: Array<unknown> = []
      const logger = Logger.layer([Logger.make(({ message }) => void logged.push(message))])
      const { client } = yield* connect(peer.address, {
        keepAlive: { interval: "1 second", timeout: "1 hour", withoutCalls: true }
      }).pipe(Effect.provide(logger))
      const silences = [1000, 2000, 4000, 4000]
      for (const [index, detail] of ["too_many_pings", "too_many_pings", "something else", ""].entries()) {
        const fiber = yield* fork(client.ask({ text: "x" }))
        const asked = yield* peer.next
        asked.head()
        const session = asked.stream.session!
        // The client has seen all that was sent before.
        yield* Effect.callback<void>((resume) => void session.ping(() => resume(Effect.void)))
        let isPinged = false
        session.once("ping", () => (isPinged = true))
        yield* TestClock.adjust(silences[index]! - 10)
        for (let i = 0; i < 20; i++) yield* turn
        assert.isFalse(isPinged, `${silences[index]}`)
        yield* TestClock.adjust(20)
        yield* settled(() => isPinged)
        session.goaway(11, asked.stream.id, Buffer.from(detail))
        session.destroy()
        const { reason } = yield* failureOf(fiber)
        assert.isTrue(reason._tag === "Unavailable" && !reason.unsent)
        assert.include(reason.message, detail === "" ? "ENHANCE_YOUR_CALM" : `ENHANCE_YOUR_CALM (${detail})`)
      }
      assert.strictEqual(logged.length, 2)
      assert.include(String(logged[0]), "keepalive now waits 2000 ms")
      assert.include(String(logged[1]), "keepalive now waits 4000 ms")
    })
  )

  live(
    "a Unix socket",
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "volant-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      const path = join(folder, "socket")
      let authority: string | undefined
      const server = Http2.createServer().on("stream", (stream, headers) => {
        authority = headers[":authority"]
        echo(new GrpcPeer.Asked(stream, headers, true))
      })
      yield* Effect.callback<void>((resume) => void server.listen(path, () => resume(Effect.void)))
      yield* Effect.addFinalizer(() => Effect.sync(() => server.close()))
      const { client } = yield* connect(`unix:${path}`)
      assert.strictEqual(yield* client.ask({ text: "a" }), "a")
      assert.strictEqual(authority, "localhost")
    })
  )

  live(
    "a peer that does not speak HTTP/2, and one that says nothing, are no connections",
    Effect.gen(function* () {
      const sockets: Array<Net.Socket> = []
      let isSilent = false
      const server = Net.createServer((socket) => {
        sockets.push(socket)
        socket.on("error", () => {})
        if (!isSilent) socket.end("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
      })
      yield* Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void)))
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          server.close()
          for (const socket of sockets) socket.destroy()
        })
      )
      const address = `127.0.0.1:${(server.address() as Net.AddressInfo).port}`
      const one = yield* connect(address)
      const first = reasonOf(yield* Effect.exit(one.client.ask({ text: "x" })))
      assert.isTrue(first._tag === "Unavailable" && first.unsent, first.message)
      assert.include(first.message, "HTTP/2")
      isSilent = true
      const two = yield* connect(address, { connectTimeout: "50 millis" })
      const second = reasonOf(yield* Effect.exit(two.client.ask({ text: "x" })))
      assert.isTrue(second._tag === "Unavailable" && second.unsent, second.message)
    })
  )
})

describe("GrpcClient: options", () => {
  live(
    "a user agent and an authority of one's own; what no header may hold is a defect of the layer",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address, { userAgent: "shop/1.2", authority: "shop.example" })
      const fiber = yield* fork(client.ask({ text: "x" }))
      const asked = yield* peer.next
      assert.match(String(asked.headers["user-agent"]), /^shop\/1\.2 grpc-node-volant\//)
      assert.strictEqual(asked.headers[":authority"], "shop.example")
      asked.reply("y")
      assert.strictEqual(yield* success(fiber), "y")
      const exit = yield* Effect.exit(connect(peer.address, { userAgent: "a\nb" }))
      assert.isTrue(exit._tag === "Failure" && exit.cause.reasons[0]?._tag === "Die")
    })
  )
})
