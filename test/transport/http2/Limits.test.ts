/** Every limit of a connection: what a peer beyond it gets, and that nothing is left behind. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { describe } from "vitest"
import * as Deadlines from "../../../src/transport/Deadlines.ts"
import * as Frame from "../../../src/transport/http2/Frame.ts"
import * as HpackEncoder from "../../../src/transport/http2/HpackEncoder.ts"
import * as Http2Error from "../../../src/transport/http2/Http2Error.ts"
import type * as Limits from "../../../src/transport/http2/Limits.ts"
import { Writer } from "../../../src/wire/Writer.ts"
import * as EchoServer from "./EchoServer.ts"
import { environment } from "./Environment.ts"
import { block, frame, RawPeer, request, uint32 } from "./RawPeer.ts"
import { bench, isRefused, repeat } from "./SilentServer.ts"

const ping = frame(Frame.ping, 0, 0, uint32(9, 9))
const cancel = uint32(Http2Error.cancel)

describe("floods", () => {
  it.effect("rapid reset", () =>
    bench({ resets: { burst: 100, perSecond: 10 } }, ({ handlers, peer }) =>
      Effect.gen(function* () {
        const openAndReset = (at: number) =>
          Buffer.concat([request(2 * at + 1, true), frame(Frame.rstStream, 0, 2 * at + 1, cancel)])
        peer.send(repeat(100, openAndReset))
        yield* Effect.promise(() => peer.sync())
        assert.strictEqual(peer.count(Frame.goAway), 0)
        // As many again as a second allows.
        yield* TestClock.adjust("1 second")
        peer.send(repeat(10, (at) => openAndReset(100 + at)))
        yield* Effect.promise(() => peer.sync())
        assert.strictEqual(peer.count(Frame.goAway), 0)
        peer.send(repeat(100, (at) => openAndReset(110 + at)))
        yield* isRefused(peer, Http2Error.enhanceYourCalm)
        assert.isAtMost(handlers.length, 111)
      })
    )
  )

  it.effect("resets that the peer makes this side send count too", () =>
    bench({ resets: { burst: 100, perSecond: 10 } }, ({ peer }) => {
      const malformed = block([":method", "GET", ":scheme", "http", ":path", "/", "Capital", ""])
      peer.send(
        repeat(60, (at) => request(2 * at + 1, true, malformed)),
        repeat(60, (at) =>
          Buffer.concat([request(2 * at + 201), frame(Frame.windowUpdate, 0, 2 * at + 201, uint32(0))])
        )
      )
      return isRefused(peer, Http2Error.enhanceYourCalm)
    })
  )

  it.effect("PING, which is free with DATA", () =>
    bench({ pings: { burst: 50, perSecond: 1 } }, ({ peer }) =>
      Effect.gen(function* () {
        peer.send(
          request(1),
          repeat(500, () => Buffer.concat([frame(Frame.data, 0, 1, "00"), ping]))
        )
        yield* Effect.promise(() => peer.sync())
        assert.strictEqual(peer.count(Frame.goAway), 0)
        peer.send(repeat(60, () => ping))
        yield* isRefused(peer, Http2Error.enhanceYourCalm)
      })
    )
  )

  it.effect("SETTINGS", () =>
    bench({ settings: { burst: 50, perSecond: 1 } }, ({ peer }) => {
      peer.send(repeat(60, () => frame(Frame.settings, 0, 0, "0004 0000ffff")))
      return isRefused(peer, Http2Error.enhanceYourCalm)
    })
  )

  const nothings: Record<string, Buffer> = {
    "empty DATA": frame(Frame.data, 0, 1),
    PRIORITY: frame(Frame.priority, 0, 5, "00000000 00"),
    "unknown frames": frame(0x77, 0, 0, "00"),
    "SETTINGS that acknowledge nothing": frame(Frame.settings, Frame.ack, 0)
  }
  for (const [name, bytes] of Object.entries(nothings)) {
    it.effect(name, () =>
      bench({ emptyFrames: { burst: 50, perSecond: 1 } }, ({ peer }) => {
        peer.send(
          request(1),
          repeat(60, () => bytes)
        )
        return isRefused(peer, Http2Error.enhanceYourCalm)
      })
    )
  }

  it.effect("CONTINUATION: too many, and too much", () =>
    Effect.all([
      bench({ maxContinuations: 10 }, ({ peer }) => {
        peer.send(
          frame(Frame.headers, 0, 1),
          repeat(11, () => frame(Frame.continuation, 0, 1))
        )
        return isRefused(peer, Http2Error.enhanceYourCalm)
      }),
      bench({ maxHeaderListSize: 10_000 }, ({ peer }) => {
        peer.send(
          frame(Frame.headers, 0, 1),
          repeat(3, () => frame(Frame.continuation, 0, 1, Buffer.alloc(9000)))
        )
        return isRefused(peer, Http2Error.enhanceYourCalm)
      })
    ])
  )

  it.effect("answers that nobody reads stop the reading, until they are read", () =>
    bench({ maxUnsent: 300_000, pings: { burst: 1e9, perSecond: 1 } }, ({ peer, server }) =>
      Effect.promise(async () => {
        await peer.sync()
        peer.socket.pause()
        const [session] = server.sessions
        while (!session!.isPaused) {
          peer.send(repeat(1000, () => ping))
          await new Promise(setImmediate)
        }
        assert.isBelow(session!.outbox.size, 600_000)
        peer.socket.resume()
        await peer.sync()
        assert.isFalse(session!.isPaused)
      })
    )
  )
})

describe("sizes", () => {
  it.effect("a header list beyond the limit is answered with 431, and others go on", () =>
    bench({ maxHeaderListSize: 1000 }, ({ handlers, peer }) =>
      Effect.promise(async () => {
        const huge = block([":method", "GET", ":scheme", "http", ":path", "/", "x", "y".repeat(1000)])
        peer.send(request(1, true, huge), request(3))
        const response = await peer.find(({ id, type }) => type === Frame.headers && id === 1)
        assert.strictEqual(response.flags, Frame.endHeaders | Frame.endStream)
        assert.strictEqual(response.payload.toString("latin1", response.payload.length - 3), "431")
        await peer.sync()
        assert.strictEqual(handlers.length, 1)
      })
    )
  )

  it.effect("an HPACK bomb costs what it is long", () =>
    bench({}, ({ handlers, peer }) =>
      Effect.promise(async () => {
        const writer = new Writer()
        new HpackEncoder.HpackEncoder().encode(writer, HpackEncoder.prepare(["bomb", "x".repeat(4000)]), undefined)
        const bomb = Buffer.concat([writer.toBytes(), Buffer.alloc(10_000, 0xbe)])
        peer.send(request(1, true, bomb))
        await peer.find(({ id, type }) => type === Frame.headers && id === 1)
        assert.strictEqual(handlers.length, 0)
      })
    )
  )

  it.effect("a frame beyond the limit", () =>
    bench({}, ({ peer }) => {
      peer.send(request(1), frame(Frame.data, 0, 1, Buffer.alloc(16_385)))
      return isRefused(peer, Http2Error.frameSizeError)
    })
  )

  it.effect("a larger frame, where it is allowed", () =>
    bench({ maxFrameSize: 100_000 }, ({ handlers, peer }) =>
      Effect.promise(async () => {
        peer.send(request(1), frame(Frame.data, 0, 1, Buffer.alloc(65_000)))
        await peer.sync()
        assert.strictEqual(handlers[0]!.received, 65_000)
      })
    )
  )

  it.effect("a table larger than was allowed", () =>
    bench({ headerTableSize: 1000 }, ({ peer }) => {
      peer.send(request(1, true, Buffer.concat([Buffer.from("3fca07", "hex"), block([":method", "GET"])])))
      return isRefused(peer, Http2Error.compressionError)
    })
  )

  it.effect("streams beyond the limit are refused, and make room when they end", () =>
    bench({ maxConcurrentStreams: 2 }, ({ handlers, peer }) =>
      Effect.promise(async () => {
        peer.send(request(1), request(3), request(5))
        assert.strictEqual(await peer.reset(5), Http2Error.refusedStream)
        // What is sent to a refused stream is ignored.
        peer.send(frame(Frame.data, Frame.endStream, 5, "00"), frame(Frame.rstStream, 0, 1, cancel), request(7))
        await peer.sync()
        assert.strictEqual(peer.count(Frame.rstStream), 1)
        assert.strictEqual(handlers.length, 3)
      })
    )
  )

  it.effect("more DATA than a stream's window allows, while other streams go on", () =>
    bench({ streamWindow: 65_535, connectionWindow: 1_000_000 }, ({ handlers, peer }) =>
      Effect.promise(async () => {
        const data = (id: number): Buffer => frame(Frame.data, 0, id, Buffer.alloc(16_000))
        peer.send(request(1), request(3), data(1), data(1), data(1), data(1), data(1), data(3))
        assert.strictEqual(await peer.reset(1), Http2Error.flowControlError)
        await peer.sync()
        assert.strictEqual(handlers[0]!.received, 64_000)
        assert.strictEqual(handlers[1]!.received, 16_000)
      })
    )
  )

  it.effect("more DATA than the connection's window allows", () =>
    bench({ connectionWindow: 65_535 }, ({ peer }) => {
      const data = (id: number): Buffer => frame(Frame.data, 0, id, Buffer.alloc(16_000))
      peer.send(request(1), request(3), data(1), data(3), data(1), data(3), data(1))
      return isRefused(peer, Http2Error.flowControlError)
    })
  )

  it.effect("a window smaller than the usual holds once it is acknowledged", () =>
    bench({ streamWindow: 100 }, ({ handlers, peer }) =>
      Effect.promise(async () => {
        peer.send(request(1), frame(Frame.data, 0, 1, Buffer.alloc(200)))
        await peer.sync()
        assert.strictEqual(handlers[0]!.received, 200)
        peer.send(frame(Frame.settings, Frame.ack, 0), request(3), frame(Frame.data, 0, 3, Buffer.alloc(101)))
        assert.strictEqual(await peer.reset(3), Http2Error.flowControlError)
      })
    )
  )
})

describe("times", () => {
  /** Waits for the connection, adjusts the clock, and sees how the server ends it. */
  const expires = (limits: Limits.Options, send: (peer: RawPeer) => void, code: number) =>
    bench(limits, ({ peer }) =>
      Effect.gen(function* () {
        send(peer)
        yield* Effect.promise(() => peer.sync())
        yield* TestClock.adjust("999 millis")
        assert.strictEqual(peer.count(Frame.goAway), 0)
        yield* TestClock.adjust("10 millis")
        yield* isRefused(peer, code)
      })
    )

  it.effect("SETTINGS that are not acknowledged", () =>
    expires({ settingsTimeout: 1000 }, () => {}, Http2Error.settingsTimeout)
  )

  it.effect("a connection without a stream", () =>
    expires({ idleTimeout: 1000 }, (peer) => peer.send(frame(Frame.settings, Frame.ack, 0)), Http2Error.noError)
  )

  const silence = (name: string, start: Buffer, limits: Limits.Options, code: number) =>
    it.effect(name, () =>
      bench(
        limits,
        ({ peer }) =>
          Effect.gen(function* () {
            // The server's own settings have come, so that it has been listening before what follows.
            yield* Effect.promise(() => peer.find(({ type }) => type === Frame.settings))
            peer.send(start)
            yield* Effect.promise(() => new Promise((resolve) => setImmediate(() => setImmediate(resolve))))
            yield* TestClock.adjust("999 millis")
            assert.strictEqual(peer.count(Frame.goAway), 0)
            yield* TestClock.adjust("2 seconds")
            yield* isRefused(peer, code)
          }),
        RawPeer.connect
      )
    )

  silence("nothing", Buffer.alloc(0), { handshakeTimeout: 1000 }, Http2Error.protocolError)
  silence("half a preface", Frame.preface.subarray(0, 10), { handshakeTimeout: 1000 }, Http2Error.protocolError)
  silence("a preface without SETTINGS", Frame.preface, { handshakeTimeout: 1000 }, Http2Error.protocolError)
  const hello = Buffer.concat([Frame.preface, frame(Frame.settings, 0, 0)])
  silence(
    "half a frame",
    Buffer.concat([hello, request(1).subarray(0, 12)]),
    { frameTimeout: 1000 },
    Http2Error.enhanceYourCalm
  )
  silence(
    "half a header block",
    Buffer.concat([hello, frame(Frame.headers, 0, 1)]),
    { frameTimeout: 1000 },
    Http2Error.enhanceYourCalm
  )

  it.effect("a stream keeps the connection from being idle", () =>
    bench({ idleTimeout: 1000 }, ({ peer }) =>
      Effect.gen(function* () {
        peer.send(request(1), frame(Frame.settings, Frame.ack, 0))
        yield* Effect.promise(() => peer.sync())
        yield* TestClock.adjust("10 seconds")
        yield* Effect.promise(() => peer.sync())
        assert.strictEqual(peer.count(Frame.goAway), 0)
        peer.send(frame(Frame.rstStream, 0, 1, cancel))
        yield* Effect.promise(() => peer.sync())
        yield* TestClock.adjust("999 millis")
        assert.strictEqual(peer.count(Frame.goAway), 0)
        yield* TestClock.adjust("2 seconds")
        yield* isRefused(peer, Http2Error.noError)
      })
    )
  )

  it.effect("PINGs do not keep a connection from being idle", () =>
    bench({ idleTimeout: 1000 }, ({ peer }) =>
      Effect.gen(function* () {
        peer.send(frame(Frame.settings, Frame.ack, 0), request(1), frame(Frame.rstStream, 0, 1, cancel))
        for (let times = 0; times < 4; times++) {
          yield* Effect.promise(() => peer.sync())
          assert.strictEqual(peer.count(Frame.goAway), 0)
          yield* TestClock.adjust("600 millis")
        }
        yield* isRefused(peer, Http2Error.noError)
      })
    )
  )

  it.effect("keep-alive: a PING after silence, and the end when it is not answered", () =>
    bench({ keepAliveInterval: 1000, keepAliveTimeout: 500, keepAliveIdle: true }, ({ peer }) =>
      Effect.gen(function* () {
        peer.send(frame(Frame.settings, Frame.ack, 0))
        yield* Effect.promise(() => peer.sync())
        yield* TestClock.adjust("1010 millis")
        const { payload } = yield* Effect.promise(() =>
          peer.find(({ flags, type }) => type === Frame.ping && flags === 0)
        )
        peer.send(frame(Frame.ping, Frame.ack, 0, payload))
        yield* Effect.promise(() => peer.sync())
        yield* TestClock.adjust("1010 millis")
        yield* Effect.promise(() => peer.find((frame) => frame.type === Frame.ping && !frame.payload.equals(payload)))
        yield* TestClock.adjust("510 millis")
        yield* Effect.promise(() => peer.closed)
      })
    )
  )

  it.effect("keep-alive: without a stream only when it is asked for", () =>
    bench({ keepAliveInterval: 1000, keepAliveTimeout: 500 }, ({ peer }) =>
      Effect.gen(function* () {
        const isPing = ({ flags, type }: RawPeer["received"][number]): boolean => type === Frame.ping && flags === 0
        peer.send(frame(Frame.settings, Frame.ack, 0))
        yield* Effect.promise(() => peer.sync())
        yield* TestClock.adjust("10 seconds")
        yield* Effect.promise(() => peer.sync())
        assert.strictEqual(peer.received.filter(isPing).length, 0)
        peer.send(request(1))
        yield* Effect.promise(() => peer.sync())
        yield* TestClock.adjust("2 seconds")
        yield* Effect.promise(() => peer.find(isPing))
      })
    )
  )

  it.effect("a peer that reads nothing", () =>
    Effect.gen(function* () {
      const deadlines = yield* Deadlines.Deadlines
      const server = yield* Effect.promise(() =>
        EchoServer.listen({
          environment: environment({ stallTimeout: 1000, streamWindow: 1e8, connectionWindow: 1e8 }, deadlines)
        })
      )
      const peer = RawPeer.client(server.port)
      yield* Effect.promise(() => peer.sync())
      peer.socket.pause()
      peer.send(frame(Frame.settings, 0, 0, "0004 7fffffff"), frame(Frame.windowUpdate, 0, 0, uint32(1e9)), request(1))
      const [session] = server.sessions
      yield* Effect.promise(async () => {
        while (!session!.outbox.blocked) {
          peer.send(repeat(64, () => frame(Frame.data, 0, 1, Buffer.alloc(16_000))))
          await new Promise(setImmediate)
        }
      })
      yield* TestClock.adjust("999 millis")
      assert.strictEqual(server.sessions.size, 1)
      yield* TestClock.adjust("2 seconds")
      yield* Effect.promise(() => server.empty())
      assert.strictEqual(deadlines.pending(), 0)
      peer.socket.destroy()
      yield* Effect.promise(() => server.stop())
    }).pipe(Effect.provide(Deadlines.layer))
  )
})
