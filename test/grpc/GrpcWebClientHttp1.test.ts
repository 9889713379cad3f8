/** gRPC-Web over HTTP/1.1: connections, their end in every state, back-pressure, and peers that keep to no rule. */
import { spawnSync } from "node:child_process"
import type { Socket } from "node:net"
import { Readable } from "node:stream"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as CallOptions from "../../src/CallOptions.ts"
import * as GrpcWebClient from "../../src/grpc/GrpcWebClient.ts"
import * as Certificate from "../fixtures/Certificate.ts"
import { failure, failureOf, fork, live, success } from "../fixtures/Connected.ts"
import { connectBy } from "../fixtures/GrpcConnected.ts"
import { message } from "../fixtures/GrpcPeer.ts"
import { settled, timed } from "../fixtures/ServedProbe.ts"
import * as WebPeer from "../fixtures/WebPeer.ts"

const client = (address: string, options?: GrpcWebClient.Options) =>
  connectBy(GrpcWebClient.layer({ http: "1.1", ...options }), address)

const fine = WebPeer.response(WebPeer.body("fine"))

/** A request is complete with its body, which is small and whole. */
const requests = (socket: Socket, answer: (head: string) => void): void => {
  let seen = Buffer.alloc(0)
  socket.on("data", (chunk) => {
    seen = Buffer.concat([seen, chunk])
    const end = seen.indexOf("\r\n\r\n")
    if (end === -1) return
    const head = seen.toString("latin1", 0, end)
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
    if (seen.length < end + 4 + length) return
    seen = seen.subarray(end + 4 + length)
    answer(head)
  })
}

/** A peer that answers each request by its number: over all connections, from 0 on. */
const peerOf = (answer: (socket: Socket, count: number) => void) =>
  Effect.gen(function* () {
    let count = 0
    const peer = yield* WebPeer.raw((socket) => requests(socket, () => answer(socket, count++)))
    return { ...peer, count: () => count }
  })

describe("GrpcWebClient over HTTP/1.1", () => {
  it("node:http is loaded for it alone", () => {
    const probe = (options: string) => `
      const Effect = await import("effect/Effect")
      const Layer = await import("effect/Layer")
      const { GrpcWebClient } = await import("volant/grpc")
      await Effect.runPromise(Effect.scoped(Layer.build(GrpcWebClient.layer(${options}))))
      console.log(process.moduleLoadList.includes("NativeModule _http_client"))`
    const run = (options: string) =>
      spawnSync(
        process.execPath,
        ["--conditions=volant-source", "--input-type=module-typescript", "--eval", probe(options)],
        { cwd: fileURLToPath(new URL("../..", import.meta.url)), encoding: "utf8" }
      ).stdout.trim()
    assert.deepStrictEqual([run(""), run('{ http: "1.1" }')], ["false", "true"])
  })

  live(
    "nobody listens: nothing was sent",
    Effect.gen(function* () {
      const peer = yield* peerOf(() => {})
      peer.stop()
      const { client: probe } = yield* client(peer.address)
      const { reason } = failure(yield* Effect.exit(probe.ask({ text: "x" })))
      assert.isTrue(reason._tag === "Unavailable" && reason.unsent, reason.message)
    })
  )

  live(
    "a connection that ends before the answer, or within it, has perhaps carried the call, which is not sent again",
    Effect.gen(function* () {
      for (const part of [
        "",
        "HTTP/1.1 200 OK\r\ncontent-type: application/grpc-web+proto\r\n",
        fine.subarray(0, -3)
      ]) {
        const peer = yield* peerOf((socket, count) => {
          if (count !== 1) return void socket.write(fine)
          socket.end(part)
        })
        const { client: probe } = yield* client(peer.address)
        assert.strictEqual(yield* probe.ask({ text: "x" }), "fine")
        const { reason } = failure(yield* Effect.exit(probe.ask({ text: "x" })))
        assert.isTrue(reason._tag === "Unavailable" && !reason.unsent, reason.message)
        assert.strictEqual(peer.count(), 2)
        assert.strictEqual(yield* probe.ask({ text: "x" }), "fine")
        assert.strictEqual(peer.sockets.length, 2)
      }
    })
  )

  live(
    "a connection that the peer has closed meanwhile, or says it will close, is not used again",
    Effect.gen(function* () {
      const closing = WebPeer.response(
        WebPeer.body("fine"),
        "content-type: application/grpc-web+proto\r\nconnection: close\r\n"
      )
      const peer = yield* peerOf((socket, count) => void (count === 0 ? socket.end(fine) : socket.write(closing)))
      const { client: probe } = yield* client(peer.address)
      for (let count = 1; count <= 4; count++) {
        assert.strictEqual(yield* probe.ask({ text: "x" }), "fine")
        yield* settled(() => peer.sockets.every((socket) => socket.readableEnded || socket.destroyed))
        assert.strictEqual(peer.sockets.length, count)
      }
    })
  )

  live(
    "what comes unasked is no answer to the next call",
    Effect.gen(function* () {
      const other = WebPeer.response(WebPeer.body("somebody else's"))
      const peer = yield* peerOf(
        (socket, count) => void socket.write(count === 0 ? Buffer.concat([fine, other]) : fine)
      )
      const { client: probe } = yield* client(peer.address)
      for (let i = 0; i < 3; i++) assert.strictEqual(yield* probe.ask({ text: "x" }), "fine")
      // Also later, while nothing runs.
      const last = peer.sockets.at(-1)!
      last.write(other)
      yield* settled(() => last.destroyed)
      assert.strictEqual(yield* probe.ask({ text: "x" }), "fine")
    })
  )

  live(
    "a peer that speaks first is not asked anything",
    Effect.gen(function* () {
      const peer = yield* WebPeer.raw((socket) => void socket.resume().write("SSH-2.0-OpenSSH\r\n"))
      const { client: probe } = yield* client(peer.address)
      const first = yield* fork(probe.ask({ text: "x" }))
      const { reason } = yield* failureOf(first)
      // The banner comes before the request, or is taken for the answer to it.
      if (reason._tag === "Unavailable") assert.match(reason.message, /not asked for/)
      else assert.strictEqual(reason._tag, "ProtocolError")
      yield* settled(() => peer.sockets.every((socket) => socket.destroyed))
    })
  )

  live(
    "what is no HTTP/1.1, or too much of it, is the peer's fault",
    Effect.gen(function* () {
      for (const garbage of [
        "SSH-2.0-OpenSSH\r\n",
        "\0\0\0\0\0\0\0\0\0",
        "HTTP/1.1 2000 OK\r\n\r\n",
        `HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(10_000)}\r\n`,
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-type: application/grpc-web\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n"
      ]) {
        const peer = yield* peerOf((socket, count) => void socket.write(count === 0 ? garbage : fine))
        const { client: probe } = yield* client(peer.address)
        const { reason } = failure(yield* Effect.exit(probe.ask({ text: "x" })))
        assert.strictEqual(reason._tag, "ProtocolError", garbage.slice(0, 40))
        assert.match(reason.message, /HTTP\/1\.1/)
      }
    })
  )

  live(
    "informational responses are passed over, an upgrade is refused",
    Effect.gen(function* () {
      const early = Buffer.from("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
      const upgrade = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"
      const peer = yield* peerOf(
        (socket, count) => void socket.write(count === 0 ? Buffer.concat([early, fine]) : upgrade)
      )
      const { client: probe } = yield* client(peer.address)
      assert.strictEqual(yield* probe.ask({ text: "x" }), "fine")
      const { reason } = failure(yield* Effect.exit(probe.ask({ text: "x" })))
      assert.isTrue(reason._tag === "Unavailable" && !reason.unsent, reason.message)
    })
  )

  live(
    "as many calls at a time as connections, and others wait; a canceled call closes its connection",
    Effect.gen(function* () {
      const held: Array<Socket> = []
      const peer = yield* peerOf((socket) => void held.push(socket))
      const { client: probe, link } = yield* client(peer.address, { pool: { maxConnections: 2, maxQueued: 1 } })
      const first = yield* fork(probe.ask({ text: "1" }))
      yield* settled(() => held.length === 1)
      const second = yield* fork(probe.ask({ text: "2" }))
      yield* settled(() => held.length === 2)
      const third = yield* fork(probe.ask({ text: "3" }))
      const over = failure(yield* Effect.exit(probe.ask({ text: "4" })))
      assert.strictEqual(over.reason._tag, "Overloaded")
      assert.strictEqual(link.inFlight(), 3)
      yield* Fiber.interrupt(first)
      yield* settled(() => held.length === 3)
      assert.isTrue(held[0]!.readableEnded || held[0]!.destroyed || held[0]!.readableAborted)
      held[1]!.write(fine)
      held[2]!.write(fine)
      assert.deepStrictEqual([yield* success(second), yield* success(third)], ["fine", "fine"])
      const last = yield* fork(probe.ask({ text: "5" }))
      yield* settled(() => held.length === 4)
      assert.strictEqual(peer.sockets.length, 3)
      held[3]!.write(fine)
      assert.strictEqual(yield* success(last), "fine")
    })
  )

  live(
    "an answer before the end of the requests ends them, and their connection",
    Effect.gen(function* () {
      const status = WebPeer.response(
        Buffer.alloc(0),
        "content-type: application/grpc-web+proto\r\ngrpc-status: 8\r\ngrpc-message: enough\r\n"
      )
      const peer = yield* WebPeer.raw((socket) => void socket.once("data", () => socket.write(status)))
      const { client: probe } = yield* client(peer.address)
      let isEnded = false
      const endless = Stream.concat(Stream.make({ text: "x" }), Stream.never).pipe(
        Stream.ensuring(Effect.sync(() => (isEnded = true)))
      )
      for (const call of [probe.join(endless), Stream.runDrain(probe.chat(endless))]) {
        isEnded = false
        const { reason } = failure(yield* Effect.exit(call as Effect.Effect<unknown, unknown>))
        assert.match(reason.message, /enough/)
        assert.isTrue(isEnded)
        yield* settled(() => peer.sockets.at(-1)!.destroyed)
      }
    })
  )

  live(
    "a slow reader stops the peer, a slow peer the stream of requests",
    Effect.gen(function* () {
      let written = 0
      function* body() {
        for (; written < 3000; written++) yield message("y".repeat(10_000))
        yield WebPeer.trailers("grpc-status:0\r\n")
      }
      let reading: (() => void) | undefined
      const peer = yield* WebPeer.scripted({ http: "1.1" }, (request, response) => {
        response.writeHead(200, { "content-type": "application/grpc-web+proto" })
        if (request.url!.endsWith("list")) {
          request.resume()
          return void Readable.from(body()).pipe(response)
        }
        reading = () => void request.resume().on("end", () => response.end(WebPeer.body("read")))
      })
      const { client: probe } = yield* client(peer.address, { http2: { streamWindow: 64 * 1024 } })
      const gate = yield* Deferred.make<void>()
      let read = 0
      const reader = yield* fork(
        Stream.runForEachArray(probe.list({ text: "" }), (array) => {
          read += array.length
          return Deferred.await(gate)
        })
      )
      yield* settled(() => read > 0)
      yield* still(() => written)
      assert.isBelow(written, 1500, "most of it is still with the peer")
      yield* Deferred.succeed(gate, undefined)
      yield* success(reader)
      assert.strictEqual(read, 3000)
      let produced = 0
      const stream = Stream.map(
        Stream.rechunk(Stream.range(1, 2000), 1),
        () => (produced++, { text: "y".repeat(10_000) })
      )
      const sending = yield* fork(probe.join(stream))
      yield* settled(() => reading !== undefined)
      yield* still(() => produced)
      assert.isBelow(produced, 1000, "what sockets hold")
      reading!()
      assert.strictEqual(yield* success(sending), "read")
      assert.strictEqual(produced, 2000)
    })
  )

  timed(
    "a deadline holds within the body, too",
    Effect.gen(function* () {
      const peer = yield* WebPeer.scripted({ http: "1.1" }, (request, response) => {
        request.resume()
        response.writeHead(200, { "content-type": "application/grpc-web+proto" }).write(message("first"))
      })
      const { client: probe } = yield* client(peer.address)
      const seen: Array<string> = []
      const reading = Stream.runForEach(probe.list({ text: "" }), (text) => Effect.sync(() => void seen.push(text)))
      const fiber = yield* fork(reading.pipe(CallOptions.withTimeout("50 millis")))
      yield* settled(() => seen.length === 1)
      yield* TestClock.adjust("60 millis")
      const { reason } = yield* failureOf(fiber)
      assert.strictEqual(reason._tag, "DeadlineExceeded")
      assert.deepStrictEqual(seen, ["first"])
      yield* settled(() => peer.sockets[0]!.destroyed)
    })
  )

  live(
    "closing the client closes idle connections, and fails what runs",
    Effect.gen(function* () {
      const peer = yield* peerOf((socket, count) => void (count === 0 && socket.write(fine)))
      const { client: probe, close } = yield* client(peer.address)
      assert.strictEqual(yield* probe.ask({ text: "x" }), "fine")
      const running = yield* fork(probe.ask({ text: "y" }))
      yield* settled(() => peer.count() === 2)
      yield* close
      assert.strictEqual((yield* failureOf(running)).reason._tag, "Unavailable")
      yield* settled(() => peer.sockets.every((socket) => socket.destroyed))
      const other = yield* client((yield* peerOf((socket) => void socket.write(fine))).address)
      assert.strictEqual(yield* other.client.ask({ text: "x" }), "fine")
      yield* other.close
    })
  )

  live(
    "over TLS, a server without ALPN will do",
    Effect.gen(function* () {
      const authority = Certificate.make("authority")
      const tls = Certificate.make("server", authority)
      const peer = yield* WebPeer.scripted({ http: "1.1", tls }, (request, response) => {
        request.resume()
        response.writeHead(200, { "content-type": "application/grpc-web+proto" }).end(WebPeer.body("fine"))
      })
      const trusting = yield* client(peer.address, { tls: { ca: authority.cert } })
      assert.strictEqual(yield* trusting.client.ask({ text: "x" }), "fine")
      const strict = yield* client(peer.address, { tls: {} })
      const { reason } = failure(yield* Effect.exit(strict.client.ask({ text: "x" })))
      assert.isTrue(reason._tag === "Unavailable" && reason.unsent, reason.message)
    })
  )

  live(
    "over TLS too, a call that may have left is not sent again",
    Effect.gen(function* () {
      const authority = Certificate.make("authority")
      const tls = Certificate.make("server", authority)
      let seen = 0
      const peer = yield* WebPeer.scripted({ http: "1.1", tls }, (request, response) => {
        request.resume()
        if (seen++ > 0) request.socket.destroy()
        else response.writeHead(200, { "content-type": "application/grpc-web+proto" }).end(WebPeer.body("fine"))
      })
      const { client: probe } = yield* client(peer.address, { tls: { ca: authority.cert } })
      assert.strictEqual(yield* probe.ask({ text: "x" }), "fine")
      for (const call of [probe.ask({ text: "x" }), probe.join(Stream.make({ text: "x" }))]) {
        const { reason } = failure(yield* Effect.exit(call))
        assert.isTrue(reason._tag === "Unavailable" && !reason.unsent, reason.message)
      }
      assert.strictEqual(seen, 3)
    })
  )

  live(
    "options that no header may hold are a defect of the layer",
    Effect.gen(function* () {
      for (const options of [{ userAgent: "a\u0001" }, { authority: "b\u007f" }, { userAgent: "c\r\n" }]) {
        const exit = yield* Effect.exit(Layer.build(GrpcWebClient.layer({ http: "1.1", ...options })))
        assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
      }
    })
  )
})

/** Until something does not change any more. */
const still = (value: () => number): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (let last = -1; last !== value();) {
      last = value()
      for (let i = 0; i < 30; i++) yield* Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))
    }
  })
