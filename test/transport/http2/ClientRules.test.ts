/** The rules of RFC 9113, one by one, that bind servers: what our client makes of those that break them. */
import { assert, it } from "@effect/vitest"
import { describe } from "vitest"
import * as Frame from "../../../src/transport/http2/Frame.ts"
import * as GoAway from "../../../src/transport/http2/GoAway.ts"
import * as Http2Error from "../../../src/transport/http2/Http2Error.ts"
import * as Client from "./Client.ts"
import { block, frame, uint32 } from "./RawPeer.ts"
import { withServer } from "./RawServer.ts"

const { compressionError, protocolError, streamClosed } = Http2Error

const head = (list: ReadonlyArray<string>, id = 1, flags = Frame.endStream): Buffer =>
  frame(Frame.headers, flags | Frame.endHeaders, id, block(list))

const data = (flags: number, id = 1, payload = "00"): Buffer => frame(Frame.data, flags, id, payload)

const response = block([":status", "200"])
const respond = (list: ReadonlyArray<string>, flags = Frame.endStream): Buffer => head(list, 1, flags)

/** What a server answers to a request that is complete, and the error that it is told. */
const badResponses: Record<string, readonly [code: number, ...sends: ReadonlyArray<Buffer>]> = {
  "no :status": [protocolError, respond(["a", "b"])],
  "a :status of four digits": [protocolError, respond([":status", "2000"])],
  "a :path in a response": [protocolError, respond([":status", "200", ":path", "/"])],
  connection: [protocolError, respond([":status", "200", "connection", "close"])],
  "an informational response that ends": [protocolError, respond([":status", "103"])],
  "status 101": [protocolError, respond([":status", "101"], 0)],
  "a body shorter than it was to be": [
    protocolError,
    respond([":status", "200", "content-length", "2"], 0),
    data(Frame.endStream)
  ],
  "no body where there was to be one": [protocolError, respond([":status", "200", "content-length", "2"])],
  "trailers that do not end": [protocolError, respond([":status", "200"], 0), respond(["a", "b"], 0)],
  "a :status in trailers": [protocolError, respond([":status", "200"], 0), respond([":status", "200"])],
  "DATA before the response": [protocolError, data(0)],
  "DATA before the response, the last": [protocolError, data(Frame.endStream)],
  "DATA behind an informational response": [protocolError, respond([":status", "103"], 0), data(0)],
  "headers beyond the limit": [Http2Error.enhanceYourCalm, respond([":status", "200", "a", "b".repeat(16_320)])]
}

const badServers: Record<string, readonly [code: number, ...sends: ReadonlyArray<Buffer>]> = {
  "HEADERS for a stream that was never opened": [protocolError, frame(Frame.headers, 5, 9, response)],
  "HEADERS for a stream of the server": [protocolError, frame(Frame.headers, 5, 2, response)],
  PUSH_PROMISE: [protocolError, frame(Frame.pushPromise, 4, 1, "00000002 82")],
  "DATA for a stream that was never opened": [protocolError, data(0, 9)],
  "HEADERS behind the end": [streamClosed, frame(Frame.headers, 5, 1, response), frame(Frame.headers, 5, 1, response)],
  "ENABLE_PUSH of 1": [protocolError, frame(Frame.settings, 0, 0, "0002 00000001")],
  "a block that is none": [compressionError, frame(Frame.headers, 5, 1, "ff")]
}

describe("a client", () => {
  for (const [name, [code, ...sends]] of Object.entries(badResponses)) {
    it(`resets the stream: ${name}`, () =>
      withServer(async ({ session }, exchange, peer) => {
        peer.send(...sends)
        assert.strictEqual(Http2Error.nameOf(await peer.reset(1)), Http2Error.nameOf(code))
        const fault = await exchange.end.catch((error) => error.fault)
        assert.strictEqual(fault.source, "local")
        assert.isFalse(fault.unprocessed)
        assert.strictEqual(session.phase, "open")
      }))
  }

  for (const [name, [code, ...sends]] of Object.entries(badServers)) {
    it(`ends the connection: ${name}`, () =>
      withServer(async (client, _exchange, peer) => {
        peer.send(...sends)
        assert.strictEqual(Http2Error.nameOf(await peer.goAway()), Http2Error.nameOf(code))
        const ended = await client.closed
        assert.strictEqual(ended.code, code)
      }))
  }

  it("ends the connection with a server that does not begin with SETTINGS", () =>
    withServer(
      async (client, _exchange, peer) => {
        assert.strictEqual(await peer.goAway(), protocolError)
        await client.closed
      },
      [frame(Frame.ping, 0, 0, "0000000000000000")]
    ))

  it("knows which headers the server takes, once that has said so", () =>
    withServer(
      async ({ ready, session }) => {
        const fits = ["x", "y".repeat(100 - 33)]
        const size = Client.get.size + 100
        await ready
        assert.strictEqual(session.headerFault(Client.get, fits), undefined)
        assert.strictEqual(session.headerFault(Client.get), undefined)
        session.peer.maxHeaderListSize = size - 1
        assert.include(session.headerFault(Client.get, fits), `${size} octets, where the peer takes ${size - 1}`)
        session.peer.maxHeaderListSize = Infinity
        assert.strictEqual(session.headerFault(Client.get, ["x", "y".repeat(1_000_000)]), undefined)
      },
      [frame(Frame.settings, 0, 0, Buffer.concat([Buffer.from([0, 6]), uint32(Client.get.size + 100)]))]
    ))

  it("says hello with its settings, push not allowed", () =>
    withServer(async (_client, _exchange, peer) => {
      const { payload } = await peer.find(({ flags, type }) => type === Frame.settings && flags === 0)
      assert.strictEqual(payload.toString("hex", 0, 6), "000200000000")
    }))

  it("takes a reset without an error behind a complete response as the word that nothing more is wanted", () =>
    withServer(async ({ session }, first, peer) => {
      peer.send(frame(Frame.headers, 5, 1, response))
      await first.end
      const exchange = Client.begin(session, Client.post)
      peer.send(frame(Frame.headers, 5, 3, response), frame(Frame.rstStream, 0, 3, uint32(Http2Error.noError)))
      await exchange.end
      await peer.sync()
      assert.strictEqual(exchange.fault?.code, Http2Error.noError)
      assert.strictEqual(session.streamCount, 0)
    }))

  it("two GOAWAYs: the later one refuses more", () =>
    withServer(async (client, first, peer) => {
      const second = Client.begin(client.session)
      const goAway = (lastId: number): Buffer => frame(Frame.goAway, 0, 0, uint32(lastId, 0))
      peer.send(goAway(GoAway.everything))
      await peer.sync()
      assert.strictEqual(second.resets, 0)
      peer.send(goAway(1))
      assert.isTrue((await second.end.catch((error) => error.fault)).unprocessed)
      assert.strictEqual(first.resets, 0)
      peer.send(frame(Frame.headers, 5, 1, response))
      await first.end
      const ended = await client.closed
      assert.strictEqual(ended.code, Http2Error.noError)
    }))
})
