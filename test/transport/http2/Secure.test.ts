/** Sessions over TLS: ALPN, certificates of either side, handshakes that fail or never end. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Net from "node:net"
import type { AddressInfo } from "node:net"
import * as Tls from "node:tls"
import { TestClock } from "effect/testing"
import { describe } from "vitest"
import * as Deadlines from "../../../src/transport/Deadlines.ts"
import * as Secure from "../../../src/transport/http2/Secure.ts"
import * as Certificate from "../../fixtures/Certificate.ts"
import * as Client from "./Client.ts"
import * as EchoServer from "./EchoServer.ts"
import { environment } from "./Environment.ts"

const authority = Certificate.make("authority")
const server = Certificate.make("server", authority)
const client = Certificate.make("client", authority)
const stranger = Certificate.make("stranger")

interface Attempt {
  readonly open: Promise<Tls.TLSSocket>
  readonly failure: Promise<string>
  readonly giveUp: () => void
}

const connect = (port: number, options: Secure.ClientOptions, deadlines: Deadlines.Deadlines["Service"]): Attempt => {
  const open = Promise.withResolvers<Tls.TLSSocket>()
  const failure = Promise.withResolvers<string>()
  const socket = Net.connect({ port, host: "127.0.0.1" })
  const giveUp = Secure.connect(socket, { servername: "localhost", ...options }, deadlines, {
    onOpen: open.resolve,
    onFailure: ({ detail }) => failure.resolve(detail)
  })
  return { open: open.promise, failure: failure.promise, giveUp }
}

const trusting = { ca: authority.cert }
const own = { key: server.key, cert: server.cert }

/** A server with these options; at the end no timer is left. */
const withServer = (
  secure: Secure.ServerOptions,
  run: (port: number, deadlines: Deadlines.Deadlines["Service"]) => Promise<void>
) =>
  Effect.gen(function* () {
    const deadlines = yield* Deadlines.Deadlines
    yield* Effect.promise(async () => {
      const running = await EchoServer.listen({ secure, environment: environment({}, deadlines) })
      await run(running.port, deadlines)
      await running.stop()
    })
    assert.strictEqual(deadlines.pending(), 0)
  }).pipe(Effect.provide(Deadlines.layer))

describe("TLS", () => {
  it.effect("agrees to h2, and serves", () =>
    withServer(own, async (port, deadlines) => {
      const socket = await connect(port, trusting, deadlines).open
      assert.strictEqual(socket.alpnProtocol, "h2")
      const connected = Client.over(socket, environment({}, deadlines))
      const body = Buffer.alloc(1_000_000, "tls")
      assert.isTrue((await Client.call(connected.session, body)).body.equals(body))
      connected.session.close()
      await connected.closed
    })
  )

  it.effect("a certificate that nobody vouches for is refused by the client", () =>
    withServer({ key: stranger.key, cert: stranger.cert }, async (port, deadlines) => {
      assert.include(await connect(port, trusting, deadlines).failure, "the TLS handshake failed")
    })
  )

  it.effect("so is one of another name", () =>
    withServer(own, async (port, deadlines) => {
      const { failure } = connect(port, { ...trusting, servername: "elsewhere.example" }, deadlines)
      assert.include(await failure, "the TLS handshake failed")
    })
  )

  it.effect("a server may ask the client for a certificate, and knows it then", () =>
    withServer({ ...own, ca: authority.cert, requestCert: true }, async (port, deadlines) => {
      const socket = await connect(port, { ...trusting, key: client.key, cert: client.cert }, deadlines).open
      const connected = Client.over(socket, environment({}, deadlines))
      assert.strictEqual((await Client.call(connected.session)).body.toString(), "hello")
      connected.session.close()
      await connected.closed
    })
  )

  for (const [name, options] of [
    ["none", {}],
    ["a stranger's", { key: stranger.key, cert: stranger.cert }]
  ] as const) {
    it.effect(`and refuses a client with ${name}`, () =>
      withServer({ ...own, ca: authority.cert, requestCert: true }, async (port, deadlines) => {
        // With TLS 1.3 the client's side is through before the server has judged.
        const { failure, open } = connect(port, { ...trusting, ...options }, deadlines)
        const socket = await Promise.race([open, failure])
        if (typeof socket === "string") return
        const { closed } = Client.over(socket, environment({}, deadlines))
        await closed
      })
    )
  }

  it.effect("a client that does not know h2 is refused", () =>
    withServer(own, async (port) => {
      for (const ALPNProtocols of [["http/1.1"], []]) {
        const socket = Tls.connect({
          port,
          host: "127.0.0.1",
          ca: authority.cert,
          servername: "localhost",
          ALPNProtocols
        })
        socket.on("error", () => {})
        await new Promise<void>((resolve) => {
          socket.once("close", () => resolve())
        })
      }
    })
  )

  it.effect("a server that does not know h2 is refused", () =>
    Effect.gen(function* () {
      const deadlines = yield* Deadlines.Deadlines
      yield* Effect.promise(async () => {
        const plain = Tls.createServer(own, (socket) => socket.on("error", () => {}))
        await new Promise<void>((resolve) => {
          plain.listen(0, "127.0.0.1", resolve)
        })
        const { failure } = connect((plain.address() as AddressInfo).port, trusting, deadlines)
        assert.include(await failure, "ALPN")
        plain.close()
      })
      assert.strictEqual(deadlines.pending(), 0)
    }).pipe(Effect.provide(Deadlines.layer))
  )

  it.effect("a server that says nothing, and one that hangs up", () =>
    Effect.gen(function* () {
      const deadlines = yield* Deadlines.Deadlines
      const sockets: Array<Net.Socket> = []
      const silent = Net.createServer((socket) => void sockets.push(socket.on("error", () => {})))
      yield* Effect.promise(
        () =>
          new Promise<void>((resolve) => {
            silent.listen(0, "127.0.0.1", resolve)
          })
      )
      const { port } = silent.address() as AddressInfo
      const slow = connect(port, { ...trusting, handshakeTimeout: 1000 }, deadlines)
      yield* TestClock.adjust("1100 millis")
      assert.include(yield* Effect.promise(() => slow.failure), "within 1000 ms")
      const given = connect(port, trusting, deadlines)
      given.giveUp()
      const cut = connect(port, trusting, deadlines)
      silent.on("connection", (socket) => socket.destroy())
      for (const socket of sockets) socket.destroy()
      yield* Effect.promise(() => cut.failure)
      assert.strictEqual(deadlines.pending(), 0)
      silent.close()
    }).pipe(Effect.provide(Deadlines.layer))
  )

  it.effect("a client that does not end its handshake is cut off, and one that has ended it is not", () =>
    Effect.gen(function* () {
      const deadlines = yield* Deadlines.Deadlines
      const failures: Array<string> = []
      const opened = Promise.withResolvers<Tls.TLSSocket>()
      const accepted: Array<Net.Socket> = []
      const accept = Secure.acceptor({ ...own, handshakeTimeout: 1000 }, deadlines, {
        onOpen: opened.resolve,
        onFailure: ({ detail }) => void failures.push(detail)
      })
      const listening = Net.createServer((socket) => {
        accepted.push(socket)
        accept(socket)
      })
      yield* Effect.promise(
        () =>
          new Promise<void>((resolve) => {
            listening.listen(0, "127.0.0.1", resolve)
          })
      )
      const { port } = listening.address() as AddressInfo
      const closed = (socket: Net.Socket): Promise<void> =>
        new Promise((resolve) => {
          socket.on("error", () => {}).once("close", () => resolve())
        })
      const good = yield* Effect.promise(() => connect(port, trusting, deadlines).open)
      const taken = yield* Effect.promise(() => opened.promise)
      assert.strictEqual(deadlines.pending(), 0)
      // One says nothing, one begins, one leaves by itself.
      const silent = Net.connect({ port, host: "127.0.0.1" })
      const begun = Net.connect({ port, host: "127.0.0.1" })
      begun.write(Buffer.from("160301020001", "hex"))
      const leaving = Net.connect({ port, host: "127.0.0.1" })
      const gone = Promise.all([closed(silent), closed(begun), closed(leaving)])
      yield* Effect.promise(async () => {
        while (accepted.length < 4) await new Promise(setImmediate)
        leaving.destroy()
        while (failures.length < 1) await new Promise(setImmediate)
      })
      assert.strictEqual(deadlines.pending(), 2)
      yield* TestClock.adjust("999 millis")
      assert.strictEqual(failures.length, 1)
      yield* TestClock.adjust("10 millis")
      yield* Effect.promise(() => gone)
      assert.deepStrictEqual(failures.slice(1), Array(2).fill("no TLS handshake within 1000 ms"))
      assert.isFalse(good.destroyed)
      assert.strictEqual(deadlines.pending(), 0)
      good.destroy()
      taken.destroy()
      listening.close()
    }).pipe(Effect.provide(Deadlines.layer))
  )

  it.effect("an acceptor with a key that is none says so at once", () =>
    Effect.gen(function* () {
      const deadlines = yield* Deadlines.Deadlines
      const listener = { onOpen: () => {}, onFailure: () => {} }
      assert.throws(() => Secure.acceptor({ key: "no key", cert: server.cert }, deadlines, listener))
    }).pipe(Effect.provide(Deadlines.layer))
  )
})
