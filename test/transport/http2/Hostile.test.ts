/** What peers have been seen to do to HTTP/2 engines, or may: each costs them more than us, and nobody else anything. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { describe } from "vitest"
import * as Frame from "../../../src/transport/http2/Frame.ts"
import * as HpackEncoder from "../../../src/transport/http2/HpackEncoder.ts"
import * as Http2Error from "../../../src/transport/http2/Http2Error.ts"
import * as Client from "./Client.ts"
import { environment } from "./Environment.ts"
import { block, frame, request, settings, uint32 } from "./RawPeer.ts"
import { withServer } from "./RawServer.ts"
import { bench, isRefused, repeat } from "./SilentServer.ts"

const ok = HpackEncoder.prepare([":status", "200"])
const ping = frame(Frame.ping, 0, 0, uint32(9, 9))
const cancel = uint32(Http2Error.cancel)
const acknowledged = frame(Frame.settings, Frame.ack, 0)
const data = (flags: number, id: number, size: number): Buffer => frame(Frame.data, flags, id, Buffer.alloc(size))

describe("windows", () => {
  it.effect("streams that wait for the connection's window and are reset are not kept", () =>
    bench({}, ({ handlers, peer, server }) =>
      Effect.promise(async () => {
        peer.send(repeat(101, (at) => request(2 * at + 1, true)))
        await peer.sync()
        // The first takes all of the connection's window.
        for (const { stream } of handlers) {
          stream.respond(ok)
          stream.write(Buffer.alloc(65_535))
        }
        const [session] = server.sessions
        assert.strictEqual(session!.sender.queued, 100)
        // From the middle, from the end, from the beginning.
        for (const at of [50, 51, 100, 1, 2]) peer.send(frame(Frame.rstStream, 0, 2 * at + 1, cancel))
        await peer.sync()
        assert.strictEqual(session!.sender.queued, 95)
        peer.send(frame(Frame.windowUpdate, 0, 0, uint32(65_535 * 95)))
        const sizes = new Map<number, number>()
        let complete = 0
        await peer.find(({ id, payload, type }) => {
          if (type !== Frame.data) return false
          const size = (sizes.get(id) ?? 0) + payload.length
          sizes.set(id, size)
          return size === 65_535 && ++complete === 96
        })
        assert.strictEqual(session!.sender.queued, 0)
        assert.strictEqual(session!.sender.waiting, 0)
        assert.strictEqual(sizes.size, 96)
      })
    )
  )

  it.effect("an end without octets needs no window", () =>
    bench({}, ({ handlers, peer }) =>
      Effect.promise(async () => {
        peer.send(request(1, true), request(3, true))
        await peer.sync()
        const [first, second] = handlers
        first!.stream.respond(ok)
        first!.stream.write(Buffer.alloc(65_535))
        second!.stream.respond(ok)
        // As much as the stream's window is, and then the end apart from it.
        assert.isFalse(second!.stream.write(Buffer.alloc(65_535)))
        assert.isFalse(second!.stream.write(Buffer.alloc(0)))
        assert.isFalse(second!.stream.write(Buffer.alloc(0), true))
        peer.send(frame(Frame.windowUpdate, 0, 0, uint32(65_535)))
        await peer.find(({ flags, id, type }) => type === Frame.data && id === 3 && flags === Frame.endStream)
        assert.strictEqual(second!.stream.state, "closed")
        second!.isAnswered = true
      })
    )
  )

  it.effect("a client that opens no window and asks on is refused further streams", () =>
    bench({ maxWaiting: 1_000_000 }, ({ handlers, peer, server }) =>
      Effect.promise(async () => {
        peer.send(frame(Frame.settings, 0, 0, "0004 00000000"), request(1, true))
        await peer.sync()
        const { stream } = handlers[0]!
        stream.respond(ok)
        stream.write(Buffer.alloc(1_000_001))
        peer.send(request(3, true))
        assert.strictEqual(await peer.reset(3), Http2Error.refusedStream)
        assert.strictEqual(handlers.length, 1)
        // Until it takes what it has asked for.
        peer.send(frame(Frame.windowUpdate, 0, 1, uint32(1000)), request(5, true))
        await peer.sync()
        assert.strictEqual(handlers.length, 2)
        const [session] = server.sessions
        assert.strictEqual(session!.sender.waiting, 999_001)
        peer.send(frame(Frame.rstStream, 0, 1, cancel))
        await peer.sync()
        assert.strictEqual(session!.sender.waiting, 0)
      })
    )
  )

  it.effect("windows that SETTINGS make negative hold, and open again", () =>
    bench({}, ({ handlers, peer }) =>
      Effect.promise(async () => {
        peer.send(request(1, true))
        await peer.sync()
        const { stream } = handlers[0]!
        stream.respond(ok)
        stream.write(Buffer.alloc(60_000))
        peer.send(frame(Frame.settings, 0, 0, "0004 00000000"))
        await peer.sync()
        assert.strictEqual(stream.sendable, -60_000)
        stream.write(Buffer.alloc(10), true)
        peer.send(frame(Frame.windowUpdate, 0, 1, uint32(60_000)))
        await peer.sync()
        assert.strictEqual(stream.sendable, 0)
        assert.strictEqual(stream.state, "halfClosedRemote")
        peer.send(frame(Frame.settings, 0, 0, "0004 00000004"))
        await peer.sync()
        peer.send(frame(Frame.windowUpdate, 0, 1, uint32(6)))
        await peer.sync()
        assert.strictEqual(stream.state, "closed")
        const sizes = peer.received.filter(({ type }) => type === Frame.data).map(({ payload }) => payload.length)
        assert.deepStrictEqual(sizes.slice(-2), [4, 6])
        handlers[0]!.isAnswered = true
      })
    )
  )
})

describe("slow senders", () => {
  it.effect("a body that comes octet by octet holds nobody up, and the windows open in large steps", () =>
    bench({ streamWindow: 65_535, connectionWindow: 65_535 }, ({ handlers, peer, server }) =>
      Effect.promise(async () => {
        const half = Math.ceil(65_535 / 2)
        peer.send(
          request(1),
          repeat(half, () => data(0, 1, 1))
        )
        await peer.sync()
        const [slow] = handlers
        assert.strictEqual(slow!.received, half)
        assert.strictEqual(peer.count(Frame.windowUpdate), 0)
        for (let at = 0; at < half; at++) slow!.stream.consume(1)
        // Others come in between.
        peer.send(request(3), data(Frame.endStream, 3, 1000))
        await peer.sync()
        assert.strictEqual(handlers[1]!.received, 1000)
        assert.strictEqual(handlers[1]!.ends, 1)
        const updates = peer.received.filter(({ type }) => type === Frame.windowUpdate)
        assert.deepStrictEqual(
          updates.map(({ id, payload }) => [id, payload.readUInt32BE(0)]),
          [
            [1, half],
            [0, half]
          ]
        )
        const [session] = server.sessions
        assert.strictEqual(session!.receiver.receivable, 65_535 - 1000)
      })
    )
  )

  it.effect("a header block that comes octet by octet, and a frame's head", () =>
    bench({}, ({ handlers, peer, server }) =>
      Effect.promise(async () => {
        await peer.sync()
        const [session] = server.sessions
        const bytes = Buffer.concat([request(1), data(0, 1, 3), data(Frame.endStream, 1, 0)])
        for (let at = 0; at < bytes.length; at++) session!["onChunk"](bytes.subarray(at, at + 1))
        assert.strictEqual(handlers.length, 1)
        assert.strictEqual(handlers[0]!.received, 3)
        assert.strictEqual(handlers[0]!.ends, 1)
        await peer.sync()
      })
    )
  )
})

describe("floods", () => {
  it.effect("GOAWAY without end", () =>
    bench({ emptyFrames: { burst: 50, perSecond: 1 } }, ({ peer }) => {
      peer.send(
        request(1),
        repeat(60, () => frame(Frame.goAway, 0, 0, uint32(0, 0)))
      )
      return isRefused(peer, Http2Error.enhanceYourCalm)
    })
  )

  it.effect("informational responses without end", () =>
    Effect.promise(() =>
      withServer(
        async (client, exchange, peer) => {
          peer.send(repeat(60, () => frame(Frame.headers, Frame.endHeaders, 1, block([":status", "103"]))))
          assert.strictEqual(await peer.goAway(), Http2Error.enhanceYourCalm)
          const { detail } = await client.closed
          assert.include(detail, "limit emptyFrames")
          assert.strictEqual(exchange.resets, 1)
        },
        [settings],
        environment({ emptyFrames: { burst: 50, perSecond: 1 } })
      )
    )
  )

  it.effect("PING and SETTINGS of a server", () =>
    Effect.promise(async () => {
      const nothings = [
        ["pings", ping, "too_many_pings"],
        ["settings", frame(Frame.settings, 0, 0), "limit settings"]
      ] as const
      for (const [limit, bytes, told] of nothings) {
        await withServer(
          async (client, _exchange, peer) => {
            peer.send(repeat(60, () => bytes))
            assert.strictEqual(await peer.goAway(), Http2Error.enhanceYourCalm)
            const { detail } = await client.closed
            assert.include(detail, told)
          },
          [settings],
          environment({ [limit]: { burst: 50, perSecond: 1 } })
        )
      }
    })
  )

  it.effect("padding alone counts as a frame that does nothing, in pieces too", () =>
    bench({ emptyFrames: { burst: 50, perSecond: 1 } }, ({ peer, server }) =>
      Effect.gen(function* () {
        const padding = frame(Frame.data, Frame.padded, 1, Buffer.concat([Buffer.from([200]), Buffer.alloc(200)]))
        peer.send(request(1))
        yield* Effect.promise(() => peer.sync())
        const [session] = server.sessions
        // As two reads, whatever the system makes of two writes.
        for (let times = 0; times < 60; times++) {
          session!["onChunk"](padding.subarray(0, 100))
          session!["onChunk"](padding.subarray(100))
        }
        yield* isRefused(peer, Http2Error.enhanceYourCalm)
      })
    )
  )

  it.effect("PING of a peer that measures what it is sent is no flood", () =>
    bench({ pings: { burst: 50, perSecond: 1 } }, ({ handlers, peer }) =>
      Effect.gen(function* () {
        peer.send(request(1, true))
        yield* Effect.promise(() => peer.sync())
        const { stream } = handlers[0]!
        stream.respond(ok)
        for (let times = 0; times < 200; times++) {
          stream.write(Buffer.from([1]))
          yield* Effect.promise(() => peer.sync())
        }
        assert.strictEqual(peer.count(Frame.goAway), 0)
        peer.send(repeat(60, () => ping))
        yield* isRefused(peer, Http2Error.enhanceYourCalm)
      })
    )
  )

  it.effect("a header block of many frames has its time as a whole", () =>
    bench({ frameTimeout: 1000, maxContinuations: 100 }, ({ peer }) =>
      Effect.gen(function* () {
        peer.send(acknowledged)
        yield* Effect.promise(() => peer.sync())
        peer.send(frame(Frame.headers, 0, 1))
        for (let times = 0; times < 4; times++) {
          yield* Effect.promise(() => new Promise((resolve) => setImmediate(() => setImmediate(resolve))))
          yield* TestClock.adjust("300 millis")
          peer.send(frame(Frame.continuation, 0, 1))
        }
        yield* isRefused(peer, Http2Error.enhanceYourCalm)
      })
    )
  )

  it.effect("frames that come one after the other have each its own time, wherever the reads end", () =>
    bench({ frameTimeout: 1000 }, ({ peer, server }) =>
      Effect.gen(function* () {
        peer.send(acknowledged)
        yield* Effect.promise(() => peer.sync())
        const [session] = server.sessions
        const frames = repeat(11, () => ping)
        let at = 0
        for (let times = 0; times < 10; times++) {
          session!["onChunk"](frames.subarray(at, at + 18))
          at += 18
          yield* TestClock.adjust("400 millis")
        }
        session!["onChunk"](frames.subarray(at))
        yield* Effect.promise(() => peer.sync())
        assert.strictEqual(peer.count(Frame.goAway), 0)
      })
    )
  )
})

describe("streams that are gone", () => {
  it.effect("a thousand cancelled calls and more: answers under way to them break nothing", () =>
    Effect.promise(() =>
      withServer(
        async ({ session }, _first, peer) => {
          await peer.sync()
          const many = Array.from({ length: 1500 }, () => Client.begin(session))
          for (const { stream } of many) stream!.reset(Http2Error.cancel)
          peer.send(
            repeat(1500, (at) =>
              Buffer.concat([
                frame(Frame.headers, Frame.endHeaders, 2 * at + 3, block([":status", "200"])),
                data(0, 2 * at + 3, 1),
                frame(Frame.headers, Frame.endHeaders | Frame.endStream, 2 * at + 3, block(["a", "b"]))
              ])
            )
          )
          await peer.sync()
          assert.strictEqual(session.phase, "open")
          assert.strictEqual(peer.count(Frame.rstStream), 1500)
        },
        [settings],
        environment({ resets: { burst: 10, perSecond: 1 } })
      )
    )
  )

  it.effect("streams that come behind the last GOAWAY are not looked at, whatever they are made of", () =>
    bench({ resets: { burst: 10, perSecond: 1 } }, ({ handlers, peer, server }) =>
      Effect.promise(async () => {
        peer.send(request(1))
        await peer.sync()
        const [session] = server.sessions
        session!.drain()
        const { payload } = await peer.find(({ flags, type }) => type === Frame.ping && flags === 0)
        peer.send(frame(Frame.ping, Frame.ack, 0, payload))
        await peer.sync()
        peer.send(
          repeat(20, (at) =>
            Buffer.concat([
              request(2 * at + 3),
              data(0, 2 * at + 3, 100),
              frame(Frame.headers, Frame.endHeaders | Frame.endStream, 2 * at + 3, block(["a", "b"]))
            ])
          )
        )
        await peer.sync()
        assert.strictEqual(handlers.length, 1)
        assert.strictEqual(peer.count(Frame.rstStream), 0)
        assert.strictEqual(session!.phase, "draining")
        // What was under way goes on.
        peer.send(data(Frame.endStream, 1, 5))
        await peer.sync()
        assert.strictEqual(handlers[0]!.ends, 1)
      })
    )
  )
})

describe("header compression", () => {
  it.effect("a peer that goes on with a larger table than it has agreed to", () =>
    bench({ headerTableSize: 100 }, ({ peer }) =>
      Effect.gen(function* () {
        // Until it has acknowledged the setting, it does not know.
        peer.send(request(1, true), acknowledged)
        yield* Effect.promise(() => peer.sync())
        assert.strictEqual(peer.count(Frame.goAway), 0)
        peer.send(request(3, true))
        yield* isRefused(peer, Http2Error.compressionError)
      })
    )
  )

  it.effect("and one that makes it smaller first", () =>
    bench({ headerTableSize: 100 }, ({ handlers, peer }) =>
      Effect.promise(async () => {
        const resized = Buffer.concat([
          Buffer.from("3f45", "hex"),
          block([":method", "GET", ":scheme", "http", ":path", "/"])
        ])
        peer.send(acknowledged, request(1, true, resized), request(3, true))
        await peer.sync()
        assert.strictEqual(handlers.length, 2)
      })
    )
  )

  it.effect("a table that is emptied and filled again within one SETTINGS is started over", () =>
    bench({}, ({ handlers, peer }) =>
      Effect.promise(async () => {
        const named = HpackEncoder.prepare([":status", "200", "x-name", "value"])
        peer.send(request(1, true), request(3, true))
        await peer.sync()
        handlers[0]!.stream.respond(named)
        await peer.find(({ id, type }) => type === Frame.headers && id === 1)
        peer.send(frame(Frame.settings, 0, 0, "0001 00000000 0001 00001000"))
        await peer.sync()
        handlers[1]!.stream.respond(named)
        const { payload } = await peer.find(({ id, type }) => type === Frame.headers && id === 3)
        assert.strictEqual(payload[0], 0x20)
        assert.include(payload.toString("latin1"), "\u003f\u00e1\u001f")
      })
    )
  )
})
