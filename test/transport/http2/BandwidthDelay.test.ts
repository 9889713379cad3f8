/** Windows that grow to what a path carries in a round trip, and PINGs that measure it. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { describe } from "vitest"
import { BandwidthDelay } from "../../../src/transport/http2/BandwidthDelay.ts"
import * as Frame from "../../../src/transport/http2/Frame.ts"
import { frame, type RawPeer, request } from "./RawPeer.ts"
import { bench } from "./SilentServer.ts"

/** A path, and the window that is wished for. */
class Path {
  now = 0
  pings = 0
  window: number
  private onAck: (() => void) | undefined
  private readonly estimate = new BandwidthDelay(
    (onAck) => {
      this.pings++
      this.onAck = onAck
    },
    () => this.now,
    (window) => {
      this.window = window
    }
  )

  constructor(window: number) {
    this.window = window
  }

  /** Octets come, a thousand at a time. */
  send(size: number): void {
    for (let left = size; left > 0; left -= 1000) this.estimate.onData(Math.min(1000, left), this.window)
  }

  /** So much later the PING is answered. */
  ack(millis: number): void {
    this.now += millis
    const { onAck } = this
    this.onAck = undefined
    onAck?.()
  }
}

describe("BandwidthDelay", () => {
  it("asks for twice what came in a round trip, when that nearly fills the window", () => {
    const path = new Path(100_000)
    path.send(66_000)
    path.ack(10)
    assert.strictEqual(path.window, 100_000)
    // The next sample is taken behind a window of octets.
    path.send(99_000)
    assert.strictEqual(path.pings, 1)
    path.send(67_000)
    assert.strictEqual(path.pings, 2)
    path.ack(10)
    assert.strictEqual(path.window, 134_000)
    // And at once where the last one has widened the window.
    path.send(134_000)
    path.ack(10)
    assert.strictEqual(path.window, 268_000)
  })

  it("asks for nothing while more octets take as much more time", () => {
    const path = new Path(100_000)
    path.send(100_000)
    path.ack(10)
    path.send(200_000)
    path.ack(20)
    assert.strictEqual(path.window, 200_000)
    path.send(400_000)
    path.ack(20)
    assert.strictEqual(path.window, 402_000)
  })

  it("takes a round trip of no time for one of a millisecond", () => {
    const path = new Path(100_000)
    path.send(100_000)
    path.ack(0)
    path.send(200_000)
    path.ack(0)
    assert.strictEqual(path.window, 400_000)
  })

  it("sends one PING at most for each window of octets", () => {
    const path = new Path(100_000)
    for (let times = 0; times < 1000; times++) {
      path.send(1000)
      path.ack(1)
    }
    assert.strictEqual(path.pings, 10)
  })
})

describe("a connection", () => {
  const data = (size: number): Buffer =>
    Buffer.concat(
      Array.from({ length: Math.ceil(size / 16_000) }, (_, at) =>
        frame(Frame.data, 0, 1, Buffer.alloc(Math.min(16_000, size - at * 16_000)))
      )
    )

  const isPing = ({ flags, type }: RawPeer["received"][number]): boolean => type === Frame.ping && flags === 0

  const windowsOf = (peer: RawPeer): ReadonlyArray<number> =>
    peer.received
      .filter(({ flags, payload, type }) => type === Frame.settings && flags === 0 && payload.readUInt16BE(0) === 4)
      .map(({ payload }) => payload.readUInt32BE(2))

  const limits = { streamWindow: 100_000, connectionWindow: 100_000, maxTunedWindow: 150_000 }

  it.effect("measures behind DATA, and widens its windows as far as it may", () =>
    bench(limits, ({ handlers, peer, server }) =>
      Effect.gen(function* () {
        peer.send(frame(Frame.settings, Frame.ack, 0), request(1), data(90_000))
        const { payload } = yield* Effect.promise(() => peer.find(isPing))
        yield* Effect.promise(() => peer.sync())
        yield* TestClock.adjust("10 millis")
        const before = peer.count(Frame.windowUpdate)
        peer.send(frame(Frame.ping, Frame.ack, 0, payload))
        yield* Effect.promise(() => peer.sync())
        assert.deepStrictEqual(windowsOf(peer), [150_000])
        assert.strictEqual(peer.count(Frame.windowUpdate), before + 1)
        const [session] = server.sessions
        assert.strictEqual(session!.receiver.receivable, 60_000)
        // At once, also for the stream that is open.
        assert.strictEqual(handlers[0]!.stream.receivable, 60_000)
        peer.send(data(60_000))
        yield* Effect.promise(() => peer.sync())
        assert.strictEqual(handlers[0]!.received, 150_000)
        // Wide enough now: nothing more is measured.
        assert.strictEqual(peer.received.filter(isPing).length, 1)
      })
    )
  )

  it.effect("that is not to do so sends no PING", () =>
    bench({ ...limits, maxTunedWindow: 0 }, ({ peer }) =>
      Effect.promise(async () => {
        peer.send(request(1), data(90_000))
        await peer.sync()
        assert.strictEqual(peer.received.filter(isPing).length, 0)
      })
    )
  )
})
