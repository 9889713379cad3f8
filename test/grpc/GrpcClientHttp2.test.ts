/** The negative HTTP/2 interop tests of gRPC: a client, and servers that end streams, pad, ping and restrict as they may not, or hardly may. */
import * as Net from "node:net"
import type { AddressInfo } from "node:net"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Frame from "../../src/transport/http2/Frame.ts"
import { failureOf, fork, live } from "../fixtures/Connected.ts"
import { connect } from "../fixtures/GrpcConnected.ts"
import { message } from "../fixtures/GrpcPeer.ts"
import { settled } from "../fixtures/ServedProbe.ts"
import { block, frame, RawPeer, type Received, uint32 } from "../transport/http2/RawPeer.ts"

/** As the suite has them. */
const asked = "x".repeat(271_828)
const answered = "y".repeat(314_159)

const head = block([":status", "200", "content-type", "application/grpc"])
const trailers = block(["grpc-status", "0"])

const settings = (...values: ReadonlyArray<readonly [id: number, value: number]>): Buffer =>
  frame(
    Frame.settings,
    0,
    0,
    Buffer.concat(
      values.map(([id, value]) => {
        const bytes = Buffer.alloc(6)
        bytes.writeUInt16BE(id, 0)
        bytes.writeUInt32BE(value, 2)
        return bytes
      })
    )
  )

const maxConcurrentStreams = 3
const initialWindowSize = 4

/** One connection of the server. It keeps to what the client's windows allow. */
class Connection {
  readonly peer: RawPeer
  readonly number: number
  /** Streams whose requests were answered, or ended otherwise. */
  readonly done = new Set<number>()
  /** The most streams that were open at a time, since the last look. */
  mostOpen = 0
  private sent = 0
  private readonly sentOf = new Map<number, number>()

  constructor(socket: Net.Socket, number: number) {
    this.peer = new RawPeer(socket)
    this.number = number
  }

  private total(type: number, id: number, is: (payload: Buffer) => number): number {
    return this.peer.received
      .filter((received) => received.type === type && received.id === id)
      .reduce((sum, { payload }) => sum + is(payload), 0)
  }

  private readonly updates = (id: number): number =>
    this.total(Frame.windowUpdate, id, (payload) => payload.readUInt32BE())

  /** What the client lets a stream begin with. */
  private get initial(): number {
    return this.total(Frame.settings, 0, (payload) => {
      for (let at = 0; at < payload.length; at += 6) {
        if (payload.readUInt16BE(at) === initialWindowSize) return payload.readUInt32BE(at + 2)
      }
      return 0
    })
  }

  private room(id: number): number {
    const stream = this.initial + this.updates(id) - (this.sentOf.get(id) ?? 0)
    return Math.min(stream, 65_535 + this.updates(0) - this.sent)
  }

  /** A message in frames of `size` octets with so much padding; undefined is none, and no flag for it. */
  async data(id: number, bytes: Buffer, size: number, padding?: number): Promise<void> {
    const around = padding === undefined ? 0 : padding + 1
    let room = this.room(id)
    let batch: Array<Buffer> = []
    for (let at = 0; at < bytes.length; at += size) {
      const part = bytes.subarray(at, at + size)
      const cost = part.length + around
      while (room < cost) {
        this.peer.send(...batch)
        batch = []
        await new Promise<void>((resolve) => setImmediate(resolve))
        if (this.peer.socket.destroyed) return
        room = this.room(id)
      }
      room -= cost
      this.sent += cost
      this.sentOf.set(id, (this.sentOf.get(id) ?? 0) + cost)
      const payload = padding === undefined ? part : Buffer.concat([Buffer.of(padding), part, Buffer.alloc(padding)])
      batch.push(frame(Frame.data, padding === undefined ? 0 : Frame.padded, id, payload))
    }
    this.peer.send(...batch)
  }

  head(id: number): void {
    this.peer.send(frame(Frame.headers, Frame.endHeaders, id, head))
  }

  trailers(id: number): void {
    this.done.add(id)
    this.peer.send(frame(Frame.headers, Frame.endHeaders | Frame.endStream, id, trailers))
  }

  reset(id: number, code: number): void {
    this.done.add(id)
    this.peer.send(frame(Frame.rstStream, 0, id, uint32(code)))
  }

  ping(number: number): void {
    this.peer.send(frame(Frame.ping, 0, 0, uint32(7, number)))
  }

  /** All of an answer. */
  async reply(id: number, text = answered): Promise<void> {
    this.head(id)
    await this.data(id, message(text), 16_384)
    this.trailers(id)
  }

  /** Calls back with each request that is complete, until the connection ends. */
  async serve(answer: Answer): Promise<void> {
    const taken = new Set<Received>()
    const opened = new Set<number>()
    for (;;) {
      const next = await this.peer.find((received) => !taken.has(received)).catch(() => undefined)
      if (next === undefined) return
      taken.add(next)
      const { flags, id, type } = next
      if (type === Frame.settings && flags === Frame.none) this.peer.send(frame(Frame.settings, Frame.ack, 0))
      if (type === Frame.headers) opened.add(id)
      this.mostOpen = Math.max(this.mostOpen, opened.size - this.done.size)
      if ((type === Frame.data || type === Frame.headers) && (flags & Frame.endStream) !== 0) void answer(this, id)
    }
  }
}

/** Called with each request that has come whole. */
type Answer = (connection: Connection, id: number) => void | Promise<void>

const serve = (answer: Answer) =>
  Effect.gen(function* () {
    const connections: Array<Connection> = []
    const server = Net.createServer((socket) => {
      socket.once("data", (chunk: Buffer) => {
        socket.unshift(chunk.subarray(Frame.preface.length))
        const connection = new Connection(socket, connections.length)
        connections.push(connection)
        const window = frame(Frame.windowUpdate, 0, 0, uint32(0x4000_0000))
        connection.peer.send(settings([initialWindowSize, 0x4000_0000]), window)
        void connection.serve(answer)
      })
    })
    yield* Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void)))
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        server.close()
        for (const { peer } of connections) peer.socket.destroy()
      })
    )
    const { client } = yield* connect(`127.0.0.1:${(server.address() as AddressInfo).port}`)
    const large = Effect.map(client.ask({ text: asked }), (text) => assert.isTrue(text === answered))
    return { client, connections, large }
  })

describe("gRPC's negative HTTP/2 interop tests", () => {
  live(
    "goaway: the call under way is answered, and the next one finds another connection",
    Effect.gen(function* () {
      const { connections, large } = yield* serve((connection, id) => {
        if (connection.number === 0) connection.peer.send(frame(Frame.goAway, 0, 0, uint32(id, 0)))
        return connection.reply(id)
      })
      yield* large
      yield* large
      assert.strictEqual(connections.length, 2)
    })
  )

  const parts: ReadonlyArray<readonly [string, number | undefined]> = [
    ["rst_after_header", undefined],
    ["rst_during_data", Math.floor(message(answered).length / 2)],
    ["rst_after_data", message(answered).length]
  ]

  for (const [name, size] of parts) {
    live(
      `${name}: the call fails, of one reply or many, and the connection lives`,
      Effect.gen(function* () {
        let isBroken = true
        const { client, connections, large } = yield* serve(async (connection, id) => {
          if (!isBroken) return connection.reply(id)
          connection.head(id)
          if (size !== undefined) await connection.data(id, message(answered).subarray(0, size), 16_384)
          connection.reset(id, 0)
        })
        for (const call of [large, Stream.runDrain(client.list({ text: asked }))]) {
          const { reason } = yield* failureOf(yield* fork(call))
          // Of NO_ERROR grpc/doc/PROTOCOL-HTTP2.md makes INTERNAL.
          assert.isTrue(reason._tag === "StatusError" && reason.code === 13, reason.message)
        }
        isBroken = false
        yield* large
        assert.strictEqual(connections.length, 1)
      })
    )
  }

  live(
    "ping: each is answered, wherever it comes",
    Effect.gen(function* () {
      let sent = 0
      const { connections, large } = yield* serve(async (connection, id) => {
        connection.ping(++sent)
        connection.head(id)
        connection.ping(++sent)
        await connection.data(id, message(answered), 16_384)
        connection.ping(++sent)
        connection.trailers(id)
      })
      yield* large
      yield* large
      const { peer } = connections[0]!
      const answers = () => peer.received.filter(({ flags, type }) => type === Frame.ping && flags === Frame.ack)
      yield* settled(() => answers().length === sent)
      assert.deepStrictEqual(
        answers().map(({ payload }) => payload.readUInt32BE(4)),
        [1, 2, 3, 4, 5, 6]
      )
      assert.strictEqual(connections.length, 1)
    })
  )

  live(
    "max_streams: a limit that comes later is kept to",
    Effect.gen(function* () {
      const { connections, large } = yield* serve((connection, id) => connection.reply(id))
      yield* large
      connections[0]!.peer.send(settings([maxConcurrentStreams, 1]))
      const { peer } = connections[0]!
      yield* settled(
        () => peer.received.filter(({ flags, type }) => type === Frame.settings && flags === 1).length === 2
      )
      connections[0]!.mostOpen = 0
      yield* Effect.forEach(Array.from({ length: 10 }), () => large, { concurrency: "unbounded", discard: true })
      assert.strictEqual(connections[0]!.mostOpen, 1)
    })
  )

  const frames: ReadonlyArray<readonly [string, number | undefined]> = [
    ["data_frame_padding", 255],
    ["no_df_padding_sanity_test", undefined]
  ]

  for (const [name, padding] of frames) {
    live(
      `${name}: what padding takes of the windows is given back`,
      Effect.gen(function* () {
        const { connections, large } = yield* serve(async (connection, id) => {
          connection.head(id)
          await connection.data(id, message(answered), 5, padding)
          connection.trailers(id)
        })
        yield* large
        assert.strictEqual(connections.length, 1)
      })
    )
  }
})
