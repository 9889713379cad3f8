/** Peers that take their time: windows that hardly open, or not at all, and bodies that come octet by octet. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { describe } from "vitest"
import * as Frame from "../../../src/transport/http2/Frame.ts"
import * as HpackEncoder from "../../../src/transport/http2/HpackEncoder.ts"
import * as Http2Error from "../../../src/transport/http2/Http2Error.ts"
import { frame, request, uint32 } from "./RawPeer.ts"
import { bench, repeat } from "./SilentServer.ts"

const ok = HpackEncoder.prepare([":status", "200"])
const cancel = uint32(Http2Error.cancel)
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
