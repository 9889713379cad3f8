import { assert, it } from "@effect/vitest"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { spawnSync } from "node:child_process"
import * as Effect from "effect/Effect"
import { describe } from "vitest"
import type { Address } from "../../src/discovery/Instance.ts"
import * as SocketServer from "../../src/transport/SocketServer.ts"

const listen = (options: SocketServer.Options, accept: (socket: Socket) => void = (socket) => socket.end()) =>
  Effect.acquireRelease(
    SocketServer.listen(options, (socket) => accept(socket.on("error", () => {}))),
    (server) => Effect.sync(() => server.stop())
  )

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "volant-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const portOf = (address: Address): number => (address._tag === "Tcp" ? address.port : 0)

/** Whether a connection is taken and kept until the server ends it. */
const isServed = (address: Address): Effect.Effect<boolean> =>
  Effect.promise(
    () =>
      new Promise((resolve) => {
        const socket =
          address._tag === "Unix" ? connect(address.path) : connect({ host: "127.0.0.1", port: address.port })
        socket.on("data", () => resolve(true))
        socket.on("error", () => resolve(false))
        socket.on("close", () => resolve(false))
      })
  )

const greet = (socket: Socket) => void socket.end("hello")

describe("SocketServer", () => {
  it.live("port 0 is the system's choice, and it is told", () =>
    Effect.gen(function* () {
      const { address } = yield* listen({ port: 0, host: "127.0.0.1" }, greet)
      assert.strictEqual(address._tag, "Tcp")
      assert.isAbove(portOf(address), 0)
      assert.isTrue(yield* isServed(address))
    })
  )

  it.live("without a host it listens on all interfaces", () =>
    Effect.gen(function* () {
      const { address } = yield* listen({}, greet)
      assert.isTrue(yield* isServed(address))
    })
  )

  it.live("a port that is taken is a ListenError that says so", () =>
    Effect.gen(function* () {
      const { address } = yield* listen({ host: "127.0.0.1" })
      const error = yield* Effect.flip(listen({ host: "127.0.0.1", port: portOf(address) }))
      assert.strictEqual(error._tag, "ListenError")
      assert.strictEqual(error.code, "EADDRINUSE")
      assert.include(error.message, `127.0.0.1:${portOf(address)}`)
      assert.include(error.message, "the port is taken")
    })
  )

  for (const [options, code] of [
    [{ port: 70_000 }, "ERR_SOCKET_BAD_PORT"],
    [{ host: "192.0.2.1" }, "EADDRNOTAVAIL"],
    [{ path: "/no/such/folder/socket" }, "EACCES ENOENT"]
  ] as const) {
    it.live(`${JSON.stringify(options)} is a ListenError`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(listen(options))
        assert.include(code, error.code)
      })
    )
  }

  it.live("stop: no more connections, and those that are stay", () =>
    Effect.gen(function* () {
      const sockets: Array<Socket> = []
      const server = yield* listen({ host: "127.0.0.1" }, (socket) => sockets.push(socket))
      const client = connect({ host: "127.0.0.1", port: portOf(server.address) })
      yield* Effect.promise(() => new Promise((resolve) => client.once("connect", resolve)))
      while (sockets.length === 0) yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      server.stop()
      assert.isFalse(yield* isServed(server.address))
      const echoed = Effect.promise(() => new Promise((resolve) => client.once("data", resolve)))
      sockets[0]!.write("still here")
      assert.strictEqual(String(yield* echoed), "still here")
      client.destroy()
    })
  )

  it.live("connections over the limit are closed", () =>
    Effect.gen(function* () {
      const { address } = yield* listen(
        { host: "127.0.0.1", maxConnections: 1 },
        (socket) => void socket.write("hello")
      )
      assert.isTrue(yield* isServed(address))
      assert.isFalse(yield* isServed(address))
    })
  )

  it.live("a Unix socket's file goes with its server", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "socket")
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { address } = yield* listen({ path }, greet)
          assert.deepStrictEqual(address, { _tag: "Unix", path })
          assert.isTrue(yield* isServed(address))
          const error = yield* Effect.flip(listen({ path }))
          assert.strictEqual(error.code, "EADDRINUSE")
          assert.isTrue(yield* isServed(address))
        })
      )
      assert.isFalse(existsSync(path))
    })
  )

  it.live("the file that a killed server left is replaced", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "socket")
      const program = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`
      spawnSync(process.execPath, ["-e", program])
      assert.isTrue(existsSync(path))
      const { address } = yield* listen({ path }, greet)
      assert.isTrue(yield* isServed(address))
    })
  )

  it.live("a file that is no socket is left alone", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "file")
      writeFileSync(path, "precious")
      const error = yield* Effect.flip(listen({ path }))
      assert.strictEqual(error.code, "EADDRINUSE")
      assert.isTrue(existsSync(path))
    })
  )
})
