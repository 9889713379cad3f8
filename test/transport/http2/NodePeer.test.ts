/** Exchanges with Node's own HTTP/2: its client with our server, and our client with its server. */
import { assert, it } from "@effect/vitest"
import * as Http2 from "node:http2"
import type { AddressInfo } from "node:net"
import { describe } from "vitest"
import * as Http2Error from "../../../src/transport/http2/Http2Error.ts"
import * as Client from "./Client.ts"
import * as EchoServer from "./EchoServer.ts"
import { environment } from "./Environment.ts"

const blob = (size: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8)) & 255))

const onceClosed = (session: Http2.Http2Session): Promise<void> =>
  new Promise((resolve) => {
    session.once("close", () => resolve())
  })

interface Response {
  readonly status: number
  readonly body: Buffer
}

const exchange = (session: Http2.ClientHttp2Session, body?: Buffer): Promise<Response> =>
  new Promise((resolve, reject) => {
    const stream = session.request({ ":method": body === undefined ? "GET" : "POST", ":path": "/" })
    const chunks: Array<Buffer> = []
    let status = 0
    stream.on("response", (headers) => {
      status = headers[":status"] ?? 0
    })
    stream.on("data", (chunk: Buffer) => chunks.push(chunk))
    stream.on("end", () => resolve({ status, body: Buffer.concat(chunks) }))
    stream.on("error", reject)
    stream.end(body)
  })

describe("our server, Node's client", () => {
  const withServer = async (
    run: (session: Http2.ClientHttp2Session, server: EchoServer.Running) => Promise<void>
  ): Promise<void> => {
    const server = await EchoServer.listen()
    const session = Http2.connect(`http://127.0.0.1:${server.port}`)
    session.on("error", () => {})
    try {
      await run(session, server)
    } finally {
      session.destroy()
      await server.stop()
    }
  }

  it("answers with and without bodies, of all sizes", () =>
    withServer(async (session) => {
      assert.strictEqual((await exchange(session)).body.toString(), "hello")
      for (const size of [1, 100, 16_384, 16_385, 65_535, 65_536, 300_000, 3_000_000]) {
        const { body, status } = await exchange(session, blob(size))
        assert.strictEqual(status, 200)
        assert.isTrue(body.equals(blob(size)), `${size} octets`)
      }
    }))

  it("answers a thousand at once", () =>
    withServer(async (session) => {
      const bodies = Array.from({ length: 1000 }, (_, at) => blob(at * 13))
      const responses = await Promise.all(bodies.map((body) => exchange(session, body.length === 0 ? undefined : body)))
      for (const [at, { body }] of responses.entries()) if (at > 0) assert.isTrue(body.equals(bodies[at]!), `${at}`)
    }))

  it("answers PING, and drains gracefully", () =>
    withServer(async (session, server) => {
      await exchange(session)
      await new Promise<void>((resolve, reject) => {
        session.ping((error) => (error === null ? resolve() : reject(error)))
      })
      const stream = session.request({ ":method": "POST", ":path": "/" })
      const response = new Promise((resolve) => {
        stream.once("response", resolve)
      })
      stream.write("first")
      await response
      const closed = onceClosed(session)
      const stopped = server.stop()
      let rest = ""
      stream.setEncoding("utf8").on("data", (text) => (rest += text))
      const ended = new Promise<void>((resolve) => {
        stream.once("end", () => resolve())
      })
      stream.end("second")
      await ended
      assert.strictEqual(rest, "firstsecond")
      await closed
      await stopped
    }))
})

const withNode = async (
  onStream: (stream: Http2.ServerHttp2Stream, headers: Http2.IncomingHttpHeaders) => void,
  run: (client: Client.Connected, session: Http2.ServerHttp2Session) => Promise<void>,
  settings: Http2.Settings = {}
): Promise<void> => {
  const server = Http2.createServer({ settings })
  const opened = new Promise<Http2.ServerHttp2Session>((resolve) => {
    server.once("session", resolve)
  })
  server.on("stream", (stream, headers) =>
    onStream(
      stream.on("error", () => {}),
      headers
    )
  )
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve)
  })
  const client = Client.connect((server.address() as AddressInfo).port)
  try {
    await client.ready
    await run(client, await opened)
  } finally {
    client.session.destroy()
    await client.closed
    server.close()
  }
}

const echo = (stream: Http2.ServerHttp2Stream): void => {
  stream.respond({ ":status": 200 })
  stream.pipe(stream)
}

describe("our client, Node's server", () => {
  it("sends and receives bodies of all sizes", () =>
    withNode(echo, async ({ session }) => {
      for (const size of [1, 100, 16_384, 16_385, 65_535, 65_536, 300_000, 3_000_000]) {
        const { body, headers } = await Client.call(session, blob(size))
        assert.strictEqual(headers?.status, "200")
        assert.isTrue(body.equals(blob(size)), `${size} octets`)
      }
    }))

  it("takes informational responses, headers and trailers", () =>
    withNode(
      (stream, headers) => {
        stream.additionalHeaders({ ":status": 103, link: "a" })
        stream.respond({ ":status": 404, "x-was": headers["x-is"], "x-two": ["1", "2"] }, { waitForTrailers: true })
        stream.on("wantTrailers", () => stream.sendTrailers({ "x-last": "yes" }))
        stream.end("body")
      },
      async ({ session }) => {
        const exchange = await Client.begin(session, Client.get, ["x-is", "this"]).end
        assert.deepStrictEqual(exchange.informational, ["103"])
        const headers = await exchange.response
        assert.strictEqual(headers.status, "404")
        assert.strictEqual(headers.get("x-was"), "this")
        assert.deepStrictEqual(headers.getAll("x-two"), ["1", "2"])
        assert.strictEqual(exchange.body.toString(), "body")
        assert.strictEqual(exchange.trailers?.get("x-last"), "yes")
      }
    ))

  it("takes a response to HEAD with the length of the body that is not there", () =>
    withNode(
      (stream) => {
        stream.respond({ ":status": 200, "content-length": 1000 })
        stream.end()
      },
      async ({ session }) => {
        const exchange = await Client.begin(session, Client.head).end
        assert.strictEqual(exchange.headers?.contentLength, 1000)
      }
    ))

  it("keeps to the server's number of streams, and hears when there is room", () =>
    withNode(
      echo,
      async (client) => {
        const { session } = client
        const first = Client.begin(session, Client.post)
        const second = Client.begin(session, Client.post)
        assert.isTrue(session.isFull)
        assert.strictEqual(session.request(new Client.Exchange(), Client.get, undefined, true), undefined)
        assert.strictEqual(client.rooms, 0)
        first.stream!.end()
        await first.end
        assert.strictEqual(client.rooms, 1)
        assert.isFalse(session.isFull)
        second.stream!.end()
        await second.end
        assert.strictEqual(session.streamCount, 0)
      },
      { maxConcurrentStreams: 2 }
    ))

  it("is told of a reset, and resets", () => {
    const resets: Array<number> = []
    const heard = Promise.withResolvers<void>()
    return withNode(
      (stream, headers) => {
        if (headers["x-refuse"] !== undefined) return stream.close(Http2.constants.NGHTTP2_REFUSED_STREAM)
        stream.once("close", () => {
          resets.push(stream.rstCode)
          heard.resolve()
        })
        stream.respond({ ":status": 200 })
      },
      async ({ session }) => {
        const refused = await Client.begin(session, Client.get, ["x-refuse", "1"]).end.catch((error) => error.fault)
        assert.strictEqual(refused.code, Http2Error.refusedStream)
        assert.strictEqual(refused.source, "peer")
        assert.isTrue(refused.unprocessed)
        const exchange = Client.begin(session, Client.post)
        await exchange.response
        exchange.stream!.reset(Http2Error.cancel)
        await heard.promise
        assert.deepStrictEqual(resets, [Http2Error.cancel])
        assert.strictEqual(exchange.resets, 0)
        assert.strictEqual(session.streamCount, 0)
      }
    )
  })

  it("goes away with GOAWAY: streams that the server has not looked at are unprocessed, others go on", () =>
    withNode(
      (stream) => stream.respond({ ":status": 200 }),
      async (client, server) => {
        const { session } = client
        const first = Client.begin(session, Client.post)
        await first.response
        const later = Client.begin(session, Client.post)
        server.goaway(Http2.constants.NGHTTP2_NO_ERROR, first.stream!.id)
        const fault = await later.end.catch((error) => error.fault)
        assert.isTrue(fault.unprocessed)
        assert.strictEqual(session.phase, "draining")
        assert.strictEqual(session.request(new Client.Exchange(), Client.get), undefined)
        assert.strictEqual(client.goAways.length, 1)
        assert.strictEqual(session.streamCount, 1)
        first.stream!.reset(Http2Error.cancel)
        await client.closed
      }
    ))

  it("closes gracefully with its last stream", () =>
    withNode(echo, async (client) => {
      const exchange = Client.begin(client.session, Client.post)
      await exchange.response
      client.session.close()
      assert.strictEqual(client.session.request(new Client.Exchange(), Client.get), undefined)
      exchange.stream!.write(Buffer.from("late"), true)
      assert.strictEqual((await exchange.end).body.toString(), "late")
      await client.closed
    }))

  it("PING comes back", () =>
    withNode(echo, async ({ session }) => {
      await new Promise<void>((resolve) => {
        session.ping(resolve)
      })
    }))

  it("streams with back-pressure on both sides", () => {
    const shared = environment({ streamWindow: 1000, connectionWindow: 70_000 })
    return withNode(echo, async (plain) => {
      const client = Client.connect(plain.socket.remotePort!, shared)
      const exchange = Client.begin(client.session, Client.post)
      exchange.isHeld = true
      const body = blob(100_000)
      exchange.stream!.write(body, true)
      await exchange.response
      await client.ready
      await exchange.has(1000)
      await new Promise<void>((resolve) => {
        client.session.ping(resolve)
      })
      // Nothing was consumed, so that no more than a window has come.
      assert.isAtMost(exchange.received, 65_535)
      exchange.isHeld = false
      exchange.stream!.consume(exchange.received)
      await exchange.end
      assert.isTrue(exchange.body.equals(body))
      client.session.destroy()
      await client.closed
    })
  })
})
