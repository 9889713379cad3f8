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
const acknowledged = frame(Frame.settings, Frame.ack, 0)
const data = (flags: number, id: number, size: number): Buffer => frame(Frame.data, flags, id, Buffer.alloc(size))

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
