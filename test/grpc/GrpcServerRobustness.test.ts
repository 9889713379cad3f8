/** What must be gone when its peers are: connections, handlers, timers. Cut in every state of every kind of call. */
import * as Http2 from "node:http2"
import * as Net from "node:net"
import { assert } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { Endpoint } from "../../src/Endpoint.ts"
import * as GrpcServer from "../../src/grpc/GrpcServer.ts"
import * as Router from "../../src/Router.ts"
import * as Deadlines from "../../src/transport/Deadlines.ts"
import * as GrpcConnected from "../fixtures/GrpcConnected.ts"
import * as GrpcPeer from "../fixtures/GrpcPeer.ts"
import { GrpcProbe } from "../fixtures/GrpcProbe.ts"
import { turn } from "../fixtures/ServedProbe.ts"
import * as Raw from "../fixtures/GrpcRaw.ts"
import {
  connect,
  type Handlers,
  handlers,
  live,
  portOf,
  promise,
  serve,
  settled,
  timed
} from "../fixtures/GrpcServed.ts"

/** A server whose timers can be counted. */
const start = (own: Handlers = {}) =>
  Effect.gen(function* () {
    const router = Router.layer(GrpcProbe.serve(handlers(own)) as Layer.Layer<never>)
    const context = yield* Layer.build(Layer.merge(router, Deadlines.layer))
    const listener = yield* GrpcServer.make({ host: "127.0.0.1", drainTimeout: "200 millis" }).pipe(
      Effect.provideContext(
        Context.pick(
          Endpoint,
          Router.Router,
          Deadlines.Deadlines
        )(context as Context.Context<any>) as Context.Context<any>
      )
    )
    const port = listener.address._tag === "Tcp" ? listener.address.port : 0
    const { pending } = Context.get(context, Deadlines.Deadlines)
    /** Nothing is left of any call or connection. */
    const empty = settled(() => listener.connections() === 0 && listener.inFlight() === 0 && pending() === 0)
    return { listener, port, empty, pending }
  })

const preface = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])
])

const open = (port: number): Promise<Net.Socket> =>
  new Promise((resolve, reject) => {
    const socket = Net.connect({ port, host: "127.0.0.1" }, () => socket.write(preface))
    socket.once("error", reject)
    socket.once("data", () => resolve(socket))
  })

live(
  "2,000 idle connections do not disturb a call, and leave nothing behind",
  Effect.gen(function* () {
    const { empty, listener, port } = yield* start()
    const sockets: Array<Net.Socket> = []
    while (sockets.length < 2000) {
      sockets.push(...(yield* promise(() => Promise.all(Array.from({ length: 100 }, () => open(port))))))
    }
    assert.strictEqual(listener.connections(), 2000)
    yield* Effect.scoped(
      Effect.gen(function* () {
        const js = yield* connect(port)
        assert.deepStrictEqual((yield* promise(() => js.unary("ask", "among them"))).replies, ["among them"])
      })
    )
    for (const socket of sockets) socket.destroy()
    yield* empty
  })
)

timed(
  "an answer that waited for its reader leaves no timer until its deadline",
  Effect.gen(function* () {
    const { pending, port } = yield* start({ ask: () => Effect.succeed("x".repeat(100_000)) })
    const raw = yield* Raw.connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 1000 } })
    yield* promise(() => raw.call("/test.Probe/tell", Raw.ask("x")))
    const idle = pending()
    const waiting = raw.request("/test.Probe/ask", { "grpc-timeout": "1H" })
    waiting.pause().end(Raw.ask("x"))
    yield* settled(() => pending() > idle)
    const answer = Raw.answerOf(waiting)
    waiting.resume()
    assert.strictEqual(Raw.status(yield* promise(() => answer)), 0)
    yield* TestClock.adjust("2 seconds")
    assert.isAtMost(pending(), idle)
  })
)

const kinds = ["ask", "list", "join", "chat"] as const

/** How far a call has come when its connection is cut. */
const states = {
  "before its headers end": (stream: Http2.ClientHttp2Stream) => void stream,
  "amid its message": (stream: Http2.ClientHttp2Stream) => stream.write(GrpcPeer.message("cut").subarray(0, 6)),
  "behind its message": (stream: Http2.ClientHttp2Stream) => stream.write(GrpcPeer.message("cut")),
  "half-closed": (stream: Http2.ClientHttp2Stream) => stream.end(GrpcPeer.message("cut"))
} as const

const headers = (method: string): Http2.OutgoingHttpHeaders => ({
  ":method": "POST",
  ":path": `/test.Probe/${method}`,
  "content-type": "application/grpc",
  te: "trailers",
  "grpc-timeout": "1H"
})

for (const [state, reach] of Object.entries(states)) {
  live(
    `a connection that is cut with calls of every kind ${state}`,
    Effect.gen(function* () {
      let running = 0
      const forever = Effect.onInterrupt(
        Effect.andThen(
          Effect.sync(() => running++),
          Effect.never
        ),
        () => Effect.sync(() => running--)
      )
      const { empty, listener, port } = yield* start({
        ask: () => forever,
        list: () => Stream.concat(Stream.make("first"), Stream.fromEffect(forever)),
        join: (asks) => Effect.andThen(Stream.runDrain(asks), forever),
        chat: (asks) =>
          Stream.concat(
            Stream.map(asks, ({ text }) => text),
            Stream.fromEffect(forever)
          )
      })
      const other = yield* connect(port)
      assert.strictEqual((yield* promise(() => other.unary("tell", ""))).code, 0)
      for (let round = 0; round < 20; round++) {
        const session = Http2.connect(`http://127.0.0.1:${port}`).on("error", () => {})
        const streams = kinds.map((kind) => session.request(headers(kind)).on("error", () => {}))
        for (const stream of streams) reach(stream)
        // In even rounds the server has seen the calls, in odd ones it may have seen anything.
        if (round % 2 === 0) yield* promise(() => new Promise((resolve) => session.ping((...pong) => resolve(pong))))
        session.destroy()
      }
      assert.strictEqual((yield* promise(() => other.unary("tell", ""))).code, 0)
      other.client.close()
      yield* empty
      assert.strictEqual(running, 0)
      assert.strictEqual(listener.inFlight(), 0)
    })
  )
}

live(
  "a handler that is interrupted answers its caller, in every kind, and no other is disturbed",
  Effect.gen(function* () {
    const { empty, port } = yield* start({
      ask: ({ text }) => (text === "stop" ? Effect.interrupt : Effect.succeed(text)),
      list: () => Stream.concat(Stream.make("first"), Stream.fromEffect(Effect.interrupt)),
      join: () => Effect.andThen(turn, Effect.interrupt),
      chat: () => Stream.fromEffect(Effect.andThen(turn, Effect.interrupt))
    })
    const session = Http2.connect(`http://127.0.0.1:${port}`)
    const statusOf = (kind: string, text: string) =>
      promise(
        () =>
          new Promise<unknown>((resolve) => {
            const stream = session.request(headers(kind))
            let status: unknown
            stream.on("response", (head) => (status = head["grpc-status"]))
            stream.on("trailers", (trailers) => (status = trailers["grpc-status"]))
            stream.on("close", () => resolve(status))
            stream.resume().end(GrpcPeer.message(text))
          })
      )
    for (const kind of kinds) {
      const status = yield* statusOf(kind, "stop")
      assert.isTrue(status !== undefined && status !== "0", `${kind}: ${String(status)}`)
      assert.strictEqual(yield* statusOf("ask", "fine"), "0")
    }
    session.destroy()
    yield* empty
  })
)

live(
  "a client that measures the path with PINGs is none that pings too often, however strict the server",
  Effect.gen(function* () {
    const text = "x".repeat(10_000)
    const listener = yield* serve(
      { list: () => Stream.map(Stream.range(1, 1000), () => text) },
      { keepAlive: { minInterval: "1 hour" } }
    )
    const windows = { streamWindow: 65_535, connectionWindow: 65_535, maxTunedWindow: 8_000_000 }
    const { client } = yield* GrpcConnected.connect(`127.0.0.1:${portOf(listener)}`, { http2: windows })
    for (let times = 0; times < 5; times++) {
      assert.strictEqual((yield* Stream.runCollect(client.list({ text: "" }))).length, 1000)
    }
    assert.strictEqual(yield* client.ask({ text: "small" }), "small")
    assert.strictEqual(listener.connections(), 1)
  })
)
