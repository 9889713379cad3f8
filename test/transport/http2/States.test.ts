/** A peer that half-closes or vanishes, in every state of a connection and of a stream, on both sides: one end, and nothing left. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Net from "node:net"
import type { AddressInfo } from "node:net"
import { describe } from "vitest"
import * as Deadlines from "../../../src/transport/Deadlines.ts"
import * as Frame from "../../../src/transport/http2/Frame.ts"
import * as Http2Error from "../../../src/transport/http2/Http2Error.ts"
import type { StreamFault } from "../../../src/transport/http2/Http2Error.ts"
import * as HpackEncoder from "../../../src/transport/http2/HpackEncoder.ts"
import type { StreamHandler } from "../../../src/transport/http2/Http2Stream.ts"
import type { ServerStream } from "../../../src/transport/http2/ServerStream.ts"
import * as Client from "./Client.ts"
import * as EchoServer from "./EchoServer.ts"
import { environment } from "./Environment.ts"
import { block, frame, RawPeer, request, settings, uint32 } from "./RawPeer.ts"

const ok = HpackEncoder.prepare([":status", "200"])

/** Notes what it hears, and answers by what the path says. */
class Noting implements StreamHandler {
  readonly stream: ServerStream
  readonly heard: Array<string> = []
  readonly faults: Array<StreamFault> = []

  constructor(stream: ServerStream) {
    this.stream = stream
    const { path } = stream.headers
    if (path !== "/") stream.respond(ok, undefined, path === "/answered")
    if (path === "/full") stream.write(Buffer.alloc(200_000))
    if (path === "/ending") stream.write(Buffer.alloc(200_000), true)
  }

  onData(): void {
    this.heard.push("data")
  }

  onEnd(): void {
    this.heard.push("end")
  }

  onReset(fault: StreamFault): void {
    this.heard.push("reset")
    this.faults.push(fault)
  }

  onDrain(): void {
    this.heard.push("drain")
  }
}

const pathed = (path: string): Buffer => block([":method", "POST", ":scheme", "http", ":path", path])
const hello = Buffer.concat([Frame.preface, settings])
const data = frame(Frame.data, 0, 1, "00")

/** What a client sends before it goes, and how many streams that opens; then how often those hear of a reset. */
const clientStates: Record<string, { readonly sends: Buffer; readonly streams: number; readonly resets: number }> = {
  "before the preface": { sends: Buffer.alloc(0), streams: 0, resets: 0 },
  "within the preface": { sends: Frame.preface.subarray(0, 7), streams: 0, resets: 0 },
  "before SETTINGS": { sends: Frame.preface, streams: 0, resets: 0 },
  "without a stream": { sends: hello, streams: 0, resets: 0 },
  "within a frame's head": { sends: Buffer.concat([hello, request(1).subarray(0, 5)]), streams: 0, resets: 0 },
  "within a header block": { sends: Buffer.concat([hello, frame(Frame.headers, 0, 1)]), streams: 0, resets: 0 },
  "an open stream": { sends: Buffer.concat([hello, request(1)]), streams: 1, resets: 1 },
  "within DATA": { sends: Buffer.concat([hello, request(1), data.subarray(0, 9)]), streams: 1, resets: 1 },
  "a request that is complete": { sends: Buffer.concat([hello, request(1, true)]), streams: 1, resets: 1 },
  "a response under way": {
    sends: Buffer.concat([hello, request(1, true, pathed("/full"))]),
    streams: 1,
    resets: 1
  },
  "the end of a response waiting": {
    sends: Buffer.concat([hello, request(1, true, pathed("/ending"))]),
    streams: 1,
    resets: 1
  },
  "a response before the request's end": {
    sends: Buffer.concat([hello, request(1, false, pathed("/answered"))]),
    streams: 1,
    resets: 0
  },
  "a stream that is closed": {
    sends: Buffer.concat([hello, request(1, true, pathed("/answered"))]),
    streams: 1,
    resets: 0
  },
  "a stream that was reset": {
    sends: Buffer.concat([hello, request(1), frame(Frame.rstStream, 0, 1, uint32(8))]),
    streams: 1,
    resets: 1
  },
  "after its GOAWAY": {
    sends: Buffer.concat([hello, request(1), frame(Frame.goAway, 0, 0, uint32(0, 0))]),
    streams: 1,
    resets: 1
  }
}

const leave: Record<string, (socket: Net.Socket) => void> = {
  "half-closes": (socket) => void socket.end(),
  closes: (socket) => void socket.destroySoon(),
  "is cut off": (socket) => void socket.resetAndDestroy()
}

const until = async (is: () => boolean): Promise<void> => {
  while (!is()) await new Promise(setImmediate)
}

describe("a client leaves", () => {
  for (const [state, { resets, sends, streams }] of Object.entries(clientStates)) {
    for (const [how, go] of Object.entries(leave)) {
      it.effect(`${state}: it ${how}`, () =>
        Effect.gen(function* () {
          const deadlines = yield* Deadlines.Deadlines
          const handlers: Array<Noting> = []
          yield* Effect.promise(async () => {
            const server = await EchoServer.listen({
              environment: environment({}, deadlines),
              onStream: (stream) => {
                const handler = new Noting(stream)
                handlers.push(handler)
                return handler
              }
            })
            const peer = RawPeer.connect(server.port)
            await peer.find(({ type }) => type === Frame.settings)
            peer.send(sends)
            await until(() => handlers.length === streams)
            go(peer.socket)
            await server.empty()
            await server.stop()
            peer.socket.destroy()
          })
          for (const { faults, heard, stream } of handlers) {
            assert.strictEqual(stream.state, "closed")
            assert.strictEqual(heard.filter((each) => each === "reset").length, resets, heard.join())
            for (const { unprocessed } of faults) assert.isFalse(unprocessed)
            // Whatever is done with a stream that is gone does nothing.
            stream.respond(ok)
            stream.write(Buffer.alloc(10))
            stream.end(ok)
            stream.consume(10)
            stream.reset(Http2Error.cancel)
          }
          assert.strictEqual(deadlines.pending(), 0)
        }).pipe(Effect.provide(Deadlines.layer))
      )
    }
  }
})

const okBlock = block([":status", "200"])
const headers = (isLast: boolean): Buffer =>
  frame(Frame.headers, Frame.endHeaders | (isLast ? Frame.endStream : 0), 1, okBlock)

/** What a server sends before it goes; whether the client's request was complete; what becomes of it. */
const serverStates: Record<string, { readonly sends: Buffer; readonly isLast?: boolean; readonly ends?: boolean }> = {
  "before SETTINGS": { sends: Buffer.alloc(0) },
  "without a response": { sends: settings },
  "without a response to what is complete": { sends: settings, isLast: true },
  "within the headers": { sends: Buffer.concat([settings, headers(false).subarray(0, 12)]), isLast: true },
  "within the header block": { sends: Buffer.concat([settings, frame(Frame.headers, 0, 1, okBlock)]), isLast: true },
  "before the body": { sends: Buffer.concat([settings, headers(false)]), isLast: true },
  "within the body": { sends: Buffer.concat([settings, headers(false), data, data.subarray(0, 9)]), isLast: true },
  "response complete, request not": { sends: Buffer.concat([settings, headers(true)]) },
  "both complete": { sends: Buffer.concat([settings, headers(true)]), isLast: true, ends: true },
  "after GOAWAY": { sends: Buffer.concat([settings, frame(Frame.goAway, 0, 0, uint32(1, 0))]), isLast: true }
}

describe("a server leaves", () => {
  for (const [state, { ends = false, isLast = false, sends }] of Object.entries(serverStates)) {
    for (const [how, go] of Object.entries(leave)) {
      it.effect(`${state}: it ${how}`, () =>
        Effect.gen(function* () {
          const deadlines = yield* Deadlines.Deadlines
          yield* Effect.promise(async () => {
            const accepted = Promise.withResolvers<Net.Socket>()
            const server = Net.createServer({ allowHalfOpen: true }, accepted.resolve)
            await new Promise<void>((resolve) => {
              server.listen(0, "127.0.0.1", resolve)
            })
            const { port } = server.address() as AddressInfo
            const client = Client.connect(port, environment({}, deadlines))
            const exchange = Client.begin(client.session, Client.post, undefined, isLast)
            const peer = new RawPeer(await accepted.promise)
            peer.socket.write(sends)
            await new Promise<void>((resolve) => {
              peer.socket.once("data", () => resolve())
            })
            go(peer.socket)
            const ended = await client.closed
            assert.isAbove(ended.detail.length, 0)
            peer.socket.destroy()
            server.close()
            assert.strictEqual(exchange.stream!.state, "closed")
            if (ends) await exchange.end
            else if (how !== "is cut off") assert.strictEqual(exchange.resets, 1)
            if (exchange.fault !== undefined) assert.isFalse(exchange.fault.unprocessed)
            assert.strictEqual(client.session.streamCount, 0)
            assert.strictEqual(client.session.request(new Client.Exchange(), Client.get), undefined)
          })
          assert.strictEqual(deadlines.pending(), 0)
        }).pipe(Effect.provide(Deadlines.layer))
      )
    }
  }

  it.effect("a request that never left is unprocessed", () =>
    Effect.gen(function* () {
      const deadlines = yield* Deadlines.Deadlines
      yield* Effect.promise(async () => {
        const server = await EchoServer.listen()
        const client = Client.connect(server.port, environment({}, deadlines))
        await client.ready
        const exchange = Client.begin(client.session)
        client.socket.destroy()
        await client.closed
        assert.isTrue(exchange.fault?.unprocessed)
        await server.stop()
      })
      assert.strictEqual(deadlines.pending(), 0)
    }).pipe(Effect.provide(Deadlines.layer))
  )
})
