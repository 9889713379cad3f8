import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import * as Http from "node:http"
import * as Net from "node:net"
import type { AddressInfo } from "node:net"
import { describe } from "vitest"
import * as Deadlines from "../../../src/transport/Deadlines.ts"
import * as Frame from "../../../src/transport/http2/Frame.ts"
import * as Preface from "../../../src/transport/http2/Preface.ts"
import { ServerSession } from "../../../src/transport/http2/ServerSession.ts"
import * as Client from "./Client.ts"
import * as EchoServer from "./EchoServer.ts"
import { environment } from "./Environment.ts"
import { RawPeer, request, settings } from "./RawPeer.ts"

/** A port that serves both; at the end no timer is left. */
const withPort = (run: (port: number) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const deadlines = yield* Deadlines.Deadlines
    const shared = environment({}, deadlines)
    const http = Http.createServer((_, response) => response.setHeader("connection", "close").end("one"))
    const server = Net.createServer({ allowHalfOpen: true }, (socket) =>
      Preface.choose(socket, deadlines, 1000, {
        onHttp2: (socket) => void new ServerSession(socket, shared, { onStream: EchoServer.echo, onClose: () => {} }),
        onOther: (socket) => void http.emit("connection", socket)
      })
    )
    yield* Effect.promise(
      () =>
        new Promise<void>((resolve) => {
          server.listen(0, "127.0.0.1", resolve)
        })
    )
    yield* run((server.address() as AddressInfo).port)
    server.close()
    // Sockets say so a little later than they are gone; a timer that stays would keep this from ending.
    yield* Effect.promise(async () => {
      while (deadlines.pending() > 0) await new Promise(setImmediate)
    })
  }).pipe(Effect.provide(Deadlines.layer))

const get1 = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    Http.get({ port, host: "127.0.0.1", agent: false }, (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (part) => (text += part))
      response.on("end", () => resolve(text))
    }).on("error", reject)
  })

describe("Preface", () => {
  it("tells by the first octets that differ, or by enough that do not", () => {
    const of = (text: string) => Preface.isHttp2(Buffer.from(`xx${text}`), 2, 2 + text.length)
    assert.strictEqual(of(""), undefined)
    assert.strictEqual(of("PRI * HTTP"), undefined)
    assert.strictEqual(of("PRI * HTTP/2.0\r\n"), true)
    assert.strictEqual(of("P"), undefined)
    assert.strictEqual(of("PO"), false)
    assert.strictEqual(of("PRI * HTTP/1.1"), false)
  })

  it.effect("one port serves both", () =>
    withPort((port) =>
      Effect.promise(async () => {
        assert.strictEqual(await get1(port), "one")
        const client = Client.connect(port)
        const body = Buffer.alloc(100_000, "two")
        assert.isTrue((await Client.call(client.session, body)).body.equals(body))
        client.session.close()
        await client.closed
      })
    )
  )

  it.effect("a preface that comes octet by octet", () =>
    withPort((port) =>
      Effect.promise(async () => {
        const peer = RawPeer.connect(port)
        for (const octet of Buffer.concat([Frame.preface, settings, request(1, true)])) {
          peer.send(Buffer.from([octet]))
          await new Promise(setImmediate)
        }
        const { payload } = await peer.find(({ type }) => type === Frame.data)
        assert.strictEqual(payload.toString(), "hello")
        peer.socket.destroy()
        await peer.closed
      })
    )
  )

  it.effect("one who says nothing, and one who leaves", () =>
    withPort((port) =>
      Effect.gen(function* () {
        const gone = RawPeer.connect(port)
        gone.socket.end("PRI")
        yield* Effect.promise(() => gone.closed)
        const silent = RawPeer.connect(port)
        yield* Effect.promise(
          () =>
            new Promise<void>((resolve) => {
              silent.socket.write("PRI", () => setImmediate(resolve))
            })
        )
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
        yield* TestClock.adjust("1100 millis")
        yield* Effect.promise(() => silent.closed)
      })
    )
  )
})
