/** Frames and header blocks that nobody would send: the end of the connection or none, soon, and nothing left behind. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Duplex } from "node:stream"
import type { Socket } from "node:net"
import { describe } from "vitest"
import * as Deadlines from "../../../src/transport/Deadlines.ts"
import { ClientSession } from "../../../src/transport/http2/ClientSession.ts"
import * as Frame from "../../../src/transport/http2/Frame.ts"
import { HpackDecoder } from "../../../src/transport/http2/HpackDecoder.ts"
import * as HpackEncoder from "../../../src/transport/http2/HpackEncoder.ts"
import type { Environment } from "../../../src/transport/http2/Http2Connection.ts"
import * as Http2Error from "../../../src/transport/http2/Http2Error.ts"
import { ServerSession } from "../../../src/transport/http2/ServerSession.ts"
import { Writer } from "../../../src/wire/Writer.ts"
import { Random } from "../../fuzz/Random.ts"
import * as Client from "./Client.ts"
import * as EchoServer from "./EchoServer.ts"
import { environment } from "./Environment.ts"
import { block, frame, get, post, settings, uint32 } from "./RawPeer.ts"

/** Inputs a target: 5,000 unless VOLANT_FUZZ says otherwise, as the interop run does. */
const inputs = Number(process.env["VOLANT_FUZZ"] ?? 5000)
const seed = 20_261_121

/** A socket that goes nowhere: what is written is counted, what is pushed has come. */
class Nowhere extends Duplex {
  bytesWritten = 0

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.bytesWritten += chunk.length
    callback()
  }
}

const bytes = (random: Random, most: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: random.below(most) }, () => random.below(256)))

const encoded = (list: ReadonlyArray<string>): Buffer => {
  const writer = new Writer()
  new HpackEncoder.HpackEncoder().encode(writer, HpackEncoder.prepare(list), undefined)
  return writer.toBytes()
}

const blocks = [
  get,
  post,
  block([":status", "200"]),
  block(["grpc-status", "0"]),
  encoded([":method", "POST", ":scheme", "http", ":path", "/a", "content-type", "application/grpc", "te", "trailers"]),
  encoded([":status", "200", "content-type", "application/grpc"]),
  block([":method", "POST", ":scheme", "http", ":path", "/", "content-length", "7"]),
  block([":status", "103"]),
  Buffer.from("3fe11f", "hex"),
  Buffer.from("be", "hex")
]

/** Mostly what a peer may send, somewhat out of order. */
const anyFrame = (random: Random): Buffer => {
  const id = random.below(12)
  const flags = random.below(4) === 0 ? random.below(256) : random.pick([0, 1, 4, 5])
  switch (random.below(12)) {
    case 0:
    case 1:
      return frame(Frame.data, flags, id, bytes(random, 100))
    case 2:
    case 3:
    case 4:
      return frame(Frame.headers, flags | (random.below(8) === 0 ? 0 : Frame.endHeaders), id, random.pick(blocks))
    case 5:
      return frame(Frame.continuation, flags, id, random.pick(blocks))
    case 6:
      return frame(Frame.rstStream, 0, id, uint32(random.below(16)))
    case 7:
      return frame(Frame.windowUpdate, 0, id, uint32(random.pick([0, 1, 1000, 0x7fff_ffff])))
    case 8:
      return frame(Frame.settings, 0, 0, Buffer.concat([Buffer.from([0, random.below(8)]), uint32(random.next())]))
    case 9:
      return frame(Frame.ping, flags & 1, 0, uint32(random.next(), random.next()))
    case 10:
      return frame(Frame.goAway, 0, 0, uint32(random.below(12), random.below(16)))
    default:
      return frame(random.below(16), random.below(256), id, bytes(random, 40))
  }
}

/** Some frames; some octets of them changed in some cases. */
const conversation = (random: Random): Buffer => {
  const all = Buffer.concat(Array.from({ length: 1 + random.below(8) }, () => anyFrame(random)))
  for (let times = random.below(3) === 0 ? 1 + random.below(4) : 0; times > 0; times--) {
    all[random.below(all.length)] = random.below(256)
  }
  return all
}

/** Hands a conversation over in pieces. */
const deliver = (random: Random, socket: Nowhere, input: Buffer): void => {
  for (let at = 0; at < input.length;) {
    const size = random.below(2) === 0 ? input.length : 1 + random.below(20)
    socket.emit("data", input.subarray(at, at + size))
    at += size
  }
}

interface Outcome {
  ended: number
  slowest: number
}

const run = (
  deadlines: Deadlines.Deadlines["Service"],
  open: (socket: Socket, shared: Environment, random: Random) => { readonly streamCount: number; destroy: () => void }
): Promise<Outcome> => {
  const random = new Random(seed)
  const defects: Array<unknown> = []
  const shared = { ...environment({}, deadlines), logError: (_: string, defect: unknown) => void defects.push(defect) }
  const outcome = { ended: 0, slowest: 0 }
  const one = async (index: number): Promise<void> => {
    const socket = new Nowhere()
    const session = open(socket as unknown as Socket, shared, random)
    const input = conversation(random)
    // Of the processor, for others may have the machine meanwhile.
    const start = process.cpuUsage()
    deliver(random, socket, input)
    const { system, user } = process.cpuUsage(start)
    outcome.slowest = Math.max(outcome.slowest, (system + user) / 1000)
    if (defects.length > 0) {
      throw new Error(`seed ${seed}, input ${index}: ${input.toString("hex")}`, { cause: defects[0] })
    }
    if (socket.writableEnded) outcome.ended++
    session.destroy()
    await new Promise<void>((resolve) => {
      socket.once("close", () => resolve())
    })
    assert.strictEqual(session.streamCount, 0, `input ${index} leaves streams`)
    assert.strictEqual(deadlines.pending(), 0, `input ${index} leaves timers`)
  }
  return (async () => {
    for (let index = 0; index < inputs; index++) await one(index)
    return outcome
  })()
}

const judge = (outcome: Outcome): void => {
  // Neither all refused at once nor all swallowed.
  assert.isAbove(outcome.ended, inputs / 10)
  assert.isBelow(outcome.ended, inputs * 0.95)
  assert.isBelow(outcome.slowest, 250)
}

const limit = 30_000 + inputs * 5

describe("fuzz", () => {
  it.effect(
    `a server takes ${inputs} conversations`,
    () =>
      Effect.gen(function* () {
        const deadlines = yield* Deadlines.Deadlines
        const outcome = yield* Effect.promise(() =>
          run(deadlines, (socket, shared) => {
            const session = new ServerSession(socket, shared, { onStream: EchoServer.echo, onClose: () => {} })
            socket.emit("data", Buffer.concat([Frame.preface, settings]))
            return session
          })
        )
        judge(outcome)
      }).pipe(Effect.provide(Deadlines.layer)),
    limit
  )

  it.effect(
    `a client takes ${inputs} conversations`,
    () =>
      Effect.gen(function* () {
        const deadlines = yield* Deadlines.Deadlines
        const outcome = yield* Effect.promise(() =>
          run(deadlines, (socket, shared, random) => {
            const session = new ClientSession(socket, shared, {
              onReady: () => {},
              onRoom: () => {},
              onGoAway: () => {},
              onClose: () => {}
            })
            socket.emit("data", settings)
            for (let times = random.below(6); times > 0; times--) {
              Client.begin(session, random.pick([Client.get, Client.post, Client.head]))
            }
            return session
          })
        )
        judge(outcome)
      }).pipe(Effect.provide(Deadlines.layer)),
    limit
  )

  it(
    `${inputs} header blocks are decoded, or are none`,
    () => {
      const random = new Random(seed)
      let decoded = 0
      for (let index = 0; index < inputs; index++) {
        const decoder = new HpackDecoder()
        for (let times = random.below(4); times >= 0; times--) {
          const input = random.below(4) === 0 ? bytes(random, 60) : Buffer.from(random.pick(blocks))
          if (random.below(2) === 0 && input.length > 0) input[random.below(input.length)] = random.below(256)
          try {
            const headers = decoder.decode(input, 0, input.length)
            assert.isAtMost(headers.list.length, 2 * input.length)
            decoded++
          } catch (error) {
            if (!(error instanceof Http2Error.Http2Error)) {
              throw new Error(`seed ${seed}, input ${index}: ${input.toString("hex")}`, { cause: error })
            }
            assert.strictEqual(error.code, Http2Error.compressionError)
            break
          }
        }
      }
      assert.isAbove(decoded, inputs / 2)
    },
    limit
  )
})
