/** The rules of RFC 9113, one by one, that bind clients: what breaks a connection, what breaks a stream, and what breaks nothing. */
import { assert, it } from "@effect/vitest"
import { describe } from "vitest"
import * as Frame from "../../../src/transport/http2/Frame.ts"
import * as GoAway from "../../../src/transport/http2/GoAway.ts"
import * as Http2Error from "../../../src/transport/http2/Http2Error.ts"
import { HpackDecoder } from "../../../src/transport/http2/HpackDecoder.ts"
import * as HpackEncoder from "../../../src/transport/http2/HpackEncoder.ts"
import type { StreamHandler } from "../../../src/transport/http2/Http2Stream.ts"
import type { ServerStream } from "../../../src/transport/http2/ServerStream.ts"
import * as EchoServer from "./EchoServer.ts"
import { block, frame, RawPeer, request, uint32 } from "./RawPeer.ts"

const { cancel, compressionError, flowControlError, frameSizeError, protocolError, streamClosed } = Http2Error

const head = (list: ReadonlyArray<string>, id = 1, flags = Frame.endStream): Buffer =>
  frame(Frame.headers, flags | Frame.endHeaders, id, block(list))

const base = [":method", "GET", ":scheme", "http", ":path", "/"]
const data = (flags: number, id = 1, payload = "00"): Buffer => frame(Frame.data, flags, id, payload)
const trailers = (list: ReadonlyArray<string>, flags = Frame.endStream): Buffer => head(list, 1, flags)
const closed = request(1, true)

/** What a client sends, once it has said hello, and the error of the connection that follows. */
const connectionErrors: Record<string, readonly [code: number, ...sends: ReadonlyArray<Buffer>]> = {
  "DATA on stream 0": [protocolError, data(0, 0)],
  "DATA on an idle stream": [protocolError, data(0, 5)],
  "DATA with more padding than frame": [protocolError, request(1), data(Frame.padded, 1, "05 00")],
  "DATA padded by nothing": [frameSizeError, request(1), data(Frame.padded, 1, "")],
  "HEADERS on stream 0": [protocolError, request(0)],
  "HEADERS on an even stream": [protocolError, request(2)],
  "HEADERS on an earlier stream": [protocolError, request(5, true), request(3, true)],
  "HEADERS with more padding than frame": [protocolError, frame(Frame.headers, 0x0d, 1, "ff 82")],
  "HEADERS that are no block": [compressionError, frame(Frame.headers, 5, 1, "80")],
  "HEADERS that depend on themselves": [protocolError, frame(Frame.headers, 0x25, 1, "00000001 00 82")],
  "HEADERS too short for their priority": [frameSizeError, frame(Frame.headers, 0x25, 1, "00000000")],
  "CONTINUATION alone": [protocolError, frame(Frame.continuation, 4, 1)],
  "CONTINUATION of another stream": [protocolError, frame(Frame.headers, 0, 1), frame(Frame.continuation, 4, 3)],
  "DATA within a header block": [protocolError, request(1), frame(Frame.headers, 0, 3), data(0)],
  "RST_STREAM on stream 0": [protocolError, frame(Frame.rstStream, 0, 0, uint32(8))],
  "RST_STREAM on an idle stream": [protocolError, frame(Frame.rstStream, 0, 1, uint32(8))],
  "RST_STREAM of three octets": [frameSizeError, request(1), frame(Frame.rstStream, 0, 1, "000000")],
  "SETTINGS on a stream": [protocolError, frame(Frame.settings, 0, 1)],
  "SETTINGS of five octets": [frameSizeError, frame(Frame.settings, 0, 0, "0001000000")],
  "SETTINGS that acknowledge and say something": [frameSizeError, frame(Frame.settings, 1, 0, "000100000000")],
  "ENABLE_PUSH of 2": [protocolError, frame(Frame.settings, 0, 0, "0002 00000002")],
  "INITIAL_WINDOW_SIZE of 2^31": [flowControlError, frame(Frame.settings, 0, 0, "0004 80000000")],
  "MAX_FRAME_SIZE below 2^14": [protocolError, frame(Frame.settings, 0, 0, "0005 00003fff")],
  "MAX_FRAME_SIZE of 2^24": [protocolError, frame(Frame.settings, 0, 0, "0005 01000000")],
  PUSH_PROMISE: [protocolError, request(1), frame(Frame.pushPromise, 4, 1, "00000002")],
  "PING on a stream": [protocolError, frame(Frame.ping, 0, 1, "0000000000000000")],
  "PING of seven octets": [frameSizeError, frame(Frame.ping, 0, 0, "00000000000000")],
  "GOAWAY on a stream": [protocolError, frame(Frame.goAway, 0, 1, uint32(0, 0))],
  "GOAWAY of four octets": [frameSizeError, frame(Frame.goAway, 0, 0, uint32(0))],
  "WINDOW_UPDATE by nothing": [protocolError, frame(Frame.windowUpdate, 0, 0, uint32(0))],
  "WINDOW_UPDATE of three octets": [frameSizeError, frame(Frame.windowUpdate, 0, 0, "000001")],
  "WINDOW_UPDATE past 2^31-1": [flowControlError, frame(Frame.windowUpdate, 0, 0, uint32(0x7fff_ffff))],
  "WINDOW_UPDATE on an idle stream": [protocolError, frame(Frame.windowUpdate, 0, 7, uint32(1))],
  "a window that SETTINGS push past 2^31-1": [
    flowControlError,
    request(1),
    frame(Frame.windowUpdate, 0, 1, uint32(0x7fff_ffff - 65_535)),
    frame(Frame.settings, 0, 0, "0004 00010000")
  ],
  "PRIORITY on stream 0": [protocolError, frame(Frame.priority, 0, 0, "0000000000")],
  "PRIORITY of four octets on an idle stream": [frameSizeError, frame(Frame.priority, 0, 1, "00000000")]
}

/** What breaks stream 1 alone. */
const streamErrors: Record<string, readonly [code: number, ...sends: ReadonlyArray<Buffer>]> = {
  "a request without :method": [protocolError, head(base.slice(2))],
  "a request without :scheme": [protocolError, head([":method", "GET", ":path", "/"])],
  "a request without :path": [protocolError, head(base.slice(0, 4))],
  "an empty :path": [protocolError, head([...base.slice(0, 5), ""])],
  "a :path without a slash": [protocolError, head([...base.slice(0, 5), "x"])],
  ":method twice": [protocolError, head([...base, ":method", "GET"])],
  ":status in a request": [protocolError, head([...base, ":status", "200"])],
  "an unknown pseudo-header": [protocolError, head([...base, ":protocol", "x"])],
  "a pseudo-header behind others": [protocolError, head(["a", "b", ...base])],
  "a capital in a name": [protocolError, head([...base, "A", "b"])],
  "a blank in a name": [protocolError, head([...base, "a b", "b"])],
  "an empty name": [protocolError, head([...base, "", "b"])],
  "a line's end in a value": [protocolError, head([...base, "a", "b\nc"])],
  "a blank before a value": [protocolError, head([...base, "a", " b"])],
  connection: [protocolError, head([...base, "connection", "close"])],
  "transfer-encoding": [protocolError, head([...base, "transfer-encoding", "chunked"])],
  "te of something else": [protocolError, head([...base, "te", "gzip"])],
  "CONNECT with a path": [protocolError, head([":method", "CONNECT", ":authority", "a", ":path", "/"])],
  "CONNECT without an authority": [protocolError, head([":method", "CONNECT"])],
  "content-length that is no number": [protocolError, head([...base, "content-length", "-1"])],
  "content-length without a body": [protocolError, head([...base, "content-length", "1"])],
  "two different content-lengths": [protocolError, head([...base, "content-length", "0", "content-length", "1"])],
  "a body too short": [protocolError, head([...base, "content-length", "2"], 1, 0), data(Frame.endStream)],
  "a body too long": [protocolError, head([...base, "content-length", "1"], 1, 0), data(0), data(0)],
  "a body too short before trailers": [
    protocolError,
    head([...base, "content-length", "2"], 1, 0),
    data(0),
    trailers(["a", "b"])
  ],
  "trailers that do not end the stream": [protocolError, request(1), trailers(["a", "b"], 0)],
  "a pseudo-header in trailers": [protocolError, request(1), trailers([":path", "/"])],
  "DATA behind the end": [streamClosed, closed, data(0)],
  "HEADERS behind the end": [streamClosed, closed, closed],
  "WINDOW_UPDATE of a stream by nothing": [protocolError, request(1), frame(Frame.windowUpdate, 0, 1, uint32(0))],
  "WINDOW_UPDATE of a stream past 2^31-1": [
    flowControlError,
    request(1),
    frame(Frame.windowUpdate, 0, 1, uint32(0x7fff_ffff))
  ],
  "PRIORITY of four octets": [frameSizeError, request(1), frame(Frame.priority, 0, 1, "00000000")],
  "PRIORITY on itself": [protocolError, request(1), frame(Frame.priority, 0, 1, "00000001 00")]
}

const accepted: Record<string, ReadonlyArray<Buffer>> = {
  "te: trailers": [head([...base, "te", "trailers"])],
  "OPTIONS of everything": [head([":method", "OPTIONS", ":scheme", "http", ":path", "*"])],
  "a right content-length": [head([...base, "content-length", "2"], 1, 0), data(0), data(Frame.endStream)],
  "trailers behind a body": [request(1), data(0), trailers(["a", "b"])],
  padding: [
    frame(Frame.headers, 0x0c, 1, Buffer.concat([Buffer.from([3]), block(base), Buffer.alloc(3)])),
    data(Frame.padded, 1, "03 aa 000000"),
    data(Frame.padded | Frame.endStream, 1, "00")
  ],
  "a header block in pieces": [
    frame(Frame.headers, Frame.endStream, 1, block(base).subarray(0, 2)),
    frame(Frame.continuation, 0, 1, block(base).subarray(2, 3)),
    frame(Frame.continuation, Frame.endHeaders, 1, block(base).subarray(3))
  ],
  "unknown frames, flags and settings": [
    frame(0x42, 0xff, 3, "00"),
    frame(Frame.settings, 0xf0, 0, "ff42 00000001"),
    closed
  ],
  "PRIORITY before the stream": [frame(Frame.priority, 0, 1, "00000003 10"), closed],
  "a reserved bit": [Buffer.concat([closed.subarray(0, 5), Buffer.from("80000001", "hex"), closed.subarray(9)])],
  "an even identifier's PRIORITY": [frame(Frame.priority, 0, 2, "00000000 00"), closed]
}

class Late implements StreamHandler {
  readonly stream: ServerStream

  constructor(stream: ServerStream) {
    this.stream = stream
  }

  onData(_bytes: Buffer, start: number, end: number): void {
    this.stream.consume(end - start)
  }

  onEnd(): void {}
  onReset(): void {}
  onDrain(): void {}
}

const withPeer = async (
  run: (peer: RawPeer, streams: Array<ServerStream>, server: EchoServer.Running) => Promise<void>
): Promise<void> => {
  const streams: Array<ServerStream> = []
  const onStream = (stream: ServerStream): StreamHandler => {
    streams.push(stream)
    return new Late(stream)
  }
  const server = await EchoServer.listen({ onStream })
  const peer = RawPeer.client(server.port)
  try {
    await run(peer, streams, server)
  } finally {
    peer.socket.destroy()
    await server.stop()
  }
}

const ok = HpackEncoder.prepare([":status", "200"])

describe("a server", () => {
  for (const [name, [code, ...sends]] of Object.entries(connectionErrors)) {
    it(`ends the connection: ${name}`, () =>
      withPeer(async (peer) => {
        peer.send(...sends)
        assert.strictEqual(Http2Error.nameOf(await peer.goAway()), Http2Error.nameOf(code))
        await peer.closed
      }))
  }

  for (const [name, [code, ...sends]] of Object.entries(streamErrors)) {
    it(`resets the stream: ${name}`, () =>
      withPeer(async (peer, streams) => {
        peer.send(...sends, request(7, true))
        assert.strictEqual(Http2Error.nameOf(await peer.reset(1)), Http2Error.nameOf(code))
        // Others are untouched.
        await peer.sync()
        assert.strictEqual(streams.at(-1)?.id, 7)
        assert.strictEqual(streams.at(-1)?.state, "halfClosedRemote")
      }))
  }

  for (const [name, sends] of Object.entries(accepted)) {
    it(`takes ${name}`, () =>
      withPeer(async (peer, streams) => {
        peer.send(...sends)
        await peer.sync()
        assert.strictEqual(peer.count(Frame.goAway) + peer.count(Frame.rstStream), 0)
        assert.deepStrictEqual(
          streams.map(({ state }) => state),
          ["halfClosedRemote"]
        )
        streams[0]!.respond(ok, undefined, true)
        const { flags } = await peer.find(({ type }) => type === Frame.headers)
        assert.strictEqual(flags, Frame.endHeaders | Frame.endStream)
        assert.strictEqual(streams[0]!.state, "closed")
      }))
  }

  it("refuses CONNECT with 501", () =>
    withPeer(async (peer, streams) => {
      peer.send(head([":method", "CONNECT", ":authority", "a:1"]))
      const { payload } = await peer.find(({ type }) => type === Frame.headers)
      assert.strictEqual(new HpackDecoder().decode(payload, 0, payload.length).status, "501")
      assert.strictEqual(streams.length, 0)
    }))

  it("asks the client to stop when it has answered before the request's end, and ignores what still comes", () =>
    withPeer(async (peer, streams) => {
      peer.send(request(1))
      await peer.sync()
      streams[0]!.respond(ok, undefined, true)
      assert.strictEqual(await peer.reset(1), Http2Error.noError)
      peer.send(data(0), data(Frame.endStream), trailers(["a", "b"]), frame(Frame.rstStream, 0, 1, uint32(cancel)))
      await peer.sync()
      assert.strictEqual(peer.count(Frame.rstStream), 1)
      assert.strictEqual(peer.count(Frame.goAway), 0)
    }))

  it("sends informational responses before the response only", () =>
    withPeer(async (peer, streams) => {
      const early = HpackEncoder.prepare([":status", "103"])
      peer.send(closed)
      await peer.sync()
      streams[0]!.inform(early)
      streams[0]!.respond(ok)
      streams[0]!.inform(early)
      streams[0]!.end()
      await peer.find(({ type }) => type === Frame.data)
      assert.strictEqual(peer.count(Frame.headers), 2)
    }))

  it("drains in two steps: what was under way is served, what comes later is not looked at", () =>
    withPeer(async (peer, streams, server) => {
      peer.send(request(1, true))
      await peer.sync()
      const stopped = server.stop()
      const ping = await peer.find(({ flags, type }) => type === Frame.ping && flags === 0)
      const first = await peer.find(({ type }) => type === Frame.goAway)
      assert.strictEqual(GoAway.read(first.payload, 0, 8).lastId, GoAway.everything)
      peer.send(request(3, true), frame(Frame.ping, Frame.ack, 0, ping.payload))
      const second = await peer.find((each) => each.type === Frame.goAway && each !== first)
      assert.strictEqual(GoAway.read(second.payload, 0, 8).lastId, 3)
      peer.send(request(5, true))
      await peer.sync()
      assert.deepStrictEqual(
        streams.map(({ id }) => id),
        [1, 3]
      )
      for (const stream of streams) stream.respond(ok, undefined, true)
      await peer.closed
      await stopped
      assert.strictEqual(peer.received.filter(({ id }) => id === 5).length, 0)
    }))

  it("splits a header block that is larger than the peer's frames", () =>
    withPeer(async (peer, streams) => {
      peer.send(closed)
      await peer.sync()
      streams[0]!.respond(ok, ["x-long", "y".repeat(40_000)], true)
      const last = await peer.find(({ flags, type }) => type === Frame.continuation && flags === Frame.endHeaders)
      assert.isAtMost(last.payload.length, 16_384)
      const [first, ...rest] = peer.received.filter(({ id }) => id === 1)
      assert.strictEqual(first!.flags, Frame.endStream)
      assert.strictEqual(rest.length, 2)
    }))
})
