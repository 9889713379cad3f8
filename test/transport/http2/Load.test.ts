/** Many streams, and a server that goes away among them. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { describe } from "vitest"
import * as Deadlines from "../../../src/transport/Deadlines.ts"
import * as HpackEncoder from "../../../src/transport/http2/HpackEncoder.ts"
import type { StreamHandler } from "../../../src/transport/http2/Http2Stream.ts"
import type { ServerStream } from "../../../src/transport/http2/ServerStream.ts"
import * as Client from "./Client.ts"
import * as EchoServer from "./EchoServer.ts"
import { environment } from "./Environment.ts"

const ok = HpackEncoder.prepare([":status", "200"])

const quiet: StreamHandler = { onData: () => {}, onEnd: () => {}, onReset: () => {}, onDrain: () => {} }

/** Runs with timers of its own, and asserts that none is left. */
const timed = (run: (deadlines: Deadlines.Deadlines["Service"]) => Promise<void>) =>
  Effect.gen(function* () {
    const deadlines = yield* Deadlines.Deadlines
    yield* Effect.promise(() => run(deadlines))
    assert.strictEqual(deadlines.pending(), 0)
  }).pipe(Effect.provide(Deadlines.layer))

describe("many streams", () => {
  it.effect("10,000 at once on one connection, each answered", () =>
    timed(async (deadlines) => {
      const shared = environment({ maxConcurrentStreams: 10_000 }, deadlines)
      const held: Array<ServerStream> = []
      const server = await EchoServer.listen({
        environment: shared,
        onStream: (stream) => {
          held.push(stream)
          if (held.length === 10_000) {
            // In another order than they came.
            for (const each of held.toReversed()) {
              each.respond(ok, ["x-path", each.headers.path!])
              each.end()
            }
          }
          return quiet
        }
      })
      const client = Client.connect(server.port, shared)
      await client.ready
      const exchanges = Array.from({ length: 10_000 }, (_, at) =>
        Client.begin(client.session, HpackEncoder.prepare([":method", "GET", ":scheme", "http", ":path", `/${at}`]))
      )
      assert.isTrue(client.session.isFull)
      const done = await Promise.all(exchanges.map(({ end }) => end))
      for (const [at, { headers }] of done.entries()) assert.strictEqual(headers?.get("x-path"), `/${at}`)
      assert.strictEqual(client.session.streamCount, 0)
      for (const session of server.sessions) assert.strictEqual(session.streamCount, 0)
      client.session.close()
      await client.closed
      await server.stop()
    })
  )

  it.effect("of a server that drains amid a thousand, those that it has not taken are made again: none is lost", () =>
    timed(async (deadlines) => {
      const shared = environment({}, deadlines)
      const first = await EchoServer.listen({ environment: shared })
      const second = await EchoServer.listen({ environment: shared })
      const clients = [Client.connect(first.port, shared), Client.connect(second.port, shared)] as const
      await Promise.all(clients.map(({ ready }) => ready))
      let again = 0
      const attempt = async (at: number): Promise<void> => {
        const body = Buffer.from(`call ${at}`)
        const { session } = clients[0]
        try {
          if (session.phase === "open") {
            const { body: answer } = await Client.call(session, body)
            return assert.strictEqual(answer.toString(), body.toString())
          }
        } catch (error) {
          assert.instanceOf(error, Client.Reset)
          assert.isTrue(error.fault.unprocessed, error.message)
        }
        again++
        const { body: answer } = await Client.call(clients[1].session, body)
        assert.strictEqual(answer.toString(), body.toString())
      }
      const calls: Array<Promise<void>> = []
      let stopped: Promise<void> | undefined
      for (let at = 0; at < 1000; at++) {
        calls.push(attempt(at))
        if (at % 10 === 9) await new Promise(setImmediate)
        if (at === 500) stopped = first.stop()
      }
      await Promise.all(calls)
      assert.isAbove(again, 0)
      assert.isBelow(again, 1000)
      await stopped
      await clients[0].closed
      assert.strictEqual(clients[0].session.streamCount, 0)
      clients[1].session.close()
      await clients[1].closed
      await second.stop()
    })
  )

  it.effect("a server that breaks amid a thousand: each call hears of it once", () =>
    timed(async (deadlines) => {
      const shared = environment({}, deadlines)
      const server = await EchoServer.listen({ environment: shared, onStream: () => quiet })
      const client = Client.connect(server.port, shared)
      await client.ready
      const exchanges = Array.from({ length: 1000 }, () => Client.begin(client.session))
      await new Promise<void>((resolve) => {
        client.session.ping(resolve)
      })
      for (const session of server.sessions) session.fail(2, "broken on purpose")
      const ended = await client.closed
      assert.include(ended.detail, "broken on purpose")
      for (const { fault, resets } of exchanges) {
        assert.strictEqual(resets, 1)
        assert.strictEqual(fault?.source, "connection")
        assert.isFalse(fault?.unprocessed)
      }
      await server.stop()
    })
  )
})

describe("flow control", () => {
  it.effect("a slow reader gets what was sent before a graceful end, however long it takes", () =>
    Effect.gen(function* () {
      const deadlines = yield* Deadlines.Deadlines
      const wide = environment({ streamWindow: 10_000_000, connectionWindow: 10_000_000 }, deadlines)
      const body = Buffer.alloc(8_000_000, "slow")
      const server = yield* Effect.promise(() =>
        EchoServer.listen({
          environment: wide,
          onStream: (stream) => {
            stream.respond(ok)
            stream.write(body, true)
            return quiet
          }
        })
      )
      const client = Client.connect(server.port, wide)
      yield* Effect.promise(() => client.ready)
      const exchange = Client.begin(client.session)
      yield* Effect.promise(() => exchange.has(1))
      client.socket.pause()
      const stopped = server.stop()
      yield* TestClock.adjust("20 seconds")
      client.socket.resume()
      yield* Effect.promise(() => exchange.end)
      assert.isTrue(exchange.body.equals(body))
      yield* Effect.promise(() => stopped)
      yield* Effect.promise(() => client.closed)
      assert.strictEqual(deadlines.pending(), 0)
    }).pipe(Effect.provide(Deadlines.layer))
  )

  it.effect("a session that is paused hands nothing on", () =>
    timed(async (deadlines) => {
      const shared = environment({}, deadlines)
      const server = await EchoServer.listen({ environment: shared })
      const client = Client.connect(server.port, shared)
      await client.ready
      const first = Client.begin(client.session)
      client.session.pause()
      for (let times = 0; times < 20; times++) await new Promise(setImmediate)
      assert.strictEqual(first.headers, undefined)
      client.session.resume()
      await first.end
      client.session.close()
      await client.closed
      await server.stop()
    })
  )

  it.effect("a writer that goes on hears of every drain, and the peer's windows hold", () =>
    timed(async (deadlines) => {
      const narrow = environment({ streamWindow: 5000, connectionWindow: 70_000 }, deadlines)
      const server = await EchoServer.listen({ environment: narrow })
      const client = Client.connect(server.port, narrow)
      await client.ready
      const exchanges = Array.from({ length: 20 }, () => Client.begin(client.session, Client.post))
      const body = Buffer.alloc(50_000, "abc")
      await Promise.all(
        exchanges.map(async (exchange) => {
          for (let at = 0; at < 5; at++) {
            const isLast = at === 4
            const drained = exchange.drained
            if (!exchange.stream!.write(body, isLast) && !isLast) await drained
          }
          await exchange.end
          assert.strictEqual(exchange.received, 250_000)
          assert.isTrue(exchange.body.subarray(0, 50_000).equals(body))
        })
      )
      assert.strictEqual(client.session.sender.waiting, 0)
      client.session.close()
      await client.closed
      await server.stop()
    })
  )

  it.effect("windows grow to what the path carries, when they may", () =>
    timed(async (deadlines) => {
      const tuned = environment({ maxTunedWindow: 8_000_000 }, deadlines)
      const server = await EchoServer.listen({ environment: tuned })
      const client = Client.connect(server.port, tuned)
      await client.ready
      const before = client.session.receiver.streamWindow
      for (let times = 0; times < 5; times++) {
        const { received } = await Client.call(client.session, Buffer.alloc(4_000_000))
        assert.strictEqual(received, 4_000_000)
      }
      const after = client.session.receiver.streamWindow
      assert.isAbove(after, before)
      assert.isAtMost(after, 8_000_000)
      client.session.close()
      await client.closed
      await server.stop()
    })
  )

  it.effect("large parts are handed to the socket as they are, small ones in one write with their frames", () =>
    timed(async (deadlines) => {
      const shared = environment({ streamWindow: 1_000_000 }, deadlines)
      const server = await EchoServer.listen({ environment: shared })
      const client = Client.connect(server.port, shared)
      await client.ready
      // Until the server's windows are known to be in force.
      await Client.call(client.session)
      const writes: Array<Buffer> = []
      const { write } = client.socket
      client.socket.write = (...args: Array<any>) => {
        writes.push(args[0])
        return Reflect.apply(write, client.socket, args)
      }
      const large = Buffer.alloc(50_000, "x")
      const exchange = Client.begin(client.session, Client.post)
      exchange.stream!.write(large, true)
      await exchange.end
      const referenced = writes.filter(({ buffer }) => buffer === large.buffer)
      assert.strictEqual(
        referenced.reduce((size, { length }) => size + length, 0),
        // Frames of 16 KiB; the rest is no large part.
        3 * 16_384
      )
      writes.length = 0
      const small = Array.from({ length: 20 }, () => Client.call(client.session, Buffer.alloc(100)))
      await new Promise(setImmediate)
      assert.strictEqual(writes.length, 1)
      await Promise.all(small)
      client.session.close()
      await client.closed
      await server.stop()
    })
  )

  it.effect("parts that are encoded in place arrive like others", () =>
    timed(async (deadlines) => {
      const shared = environment({}, deadlines)
      const server = await EchoServer.listen({ environment: shared })
      const client = Client.connect(server.port, shared)
      const exchange = Client.begin(client.session, Client.post)
      const stream = exchange.stream!
      const texts = ["a", "", "b".repeat(1000), "c".repeat(20_000), "d".repeat(300_000), "e"]
      for (const [at, text] of texts.entries()) {
        const writer = stream.beginData()
        writer.reserve(text.length)
        writer.bytes.write(text, writer.position)
        writer.position += text.length
        stream.endData(at === texts.length - 1)
      }
      await exchange.end
      assert.strictEqual(exchange.body.toString(), texts.join(""))
      const other = Client.begin(client.session, Client.post)
      const writer = other.stream!.beginData()
      writer.reserve(100)
      writer.position += 100
      other.stream!.cancelData()
      other.stream!.write(Buffer.from("kept"), true)
      assert.strictEqual((await other.end).body.toString(), "kept")
      client.session.close()
      await client.closed
      await server.stop()
    })
  )
})
