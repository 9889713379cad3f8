/** A proxy that reads gRPC over HTTP/2 in plain text, and notes which messages are compressed: no client says so. */
import { connect, createServer, type AddressInfo, type Socket } from "node:net"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Message, Splitter } from "../../../src/grpc/Envelope.ts"

/** Whether each message was compressed, in the order in which they ended. */
export interface Flags {
  readonly sent: Array<boolean>
  readonly received: Array<boolean>
}

const preface = 24
const header = 9
const data = 0
const padded = 8

/** The frames of one direction. */
class Frames {
  private readonly flags: Array<boolean>
  private readonly streams = new Map<number, Splitter>()
  private rest: Buffer = Buffer.alloc(0)
  private skip: number

  constructor(flags: Array<boolean>, skip: number) {
    this.flags = flags
    this.skip = skip
  }

  push(chunk: Buffer): void {
    let bytes = Buffer.concat([this.rest, chunk])
    const skipped = Math.min(this.skip, bytes.length)
    this.skip -= skipped
    bytes = bytes.subarray(skipped)
    while (bytes.length >= header && bytes.length >= header + bytes.readUIntBE(0, 3)) {
      const end = header + bytes.readUIntBE(0, 3)
      if (bytes[3] === data) this.onData(bytes.readUInt32BE(5), bytes.subarray(header, end), bytes[4]!)
      bytes = bytes.subarray(end)
    }
    this.rest = bytes
  }

  private onData(id: number, payload: Buffer, flags: number): void {
    let splitter = this.streams.get(id)
    if (splitter === undefined) this.streams.set(id, (splitter = new Splitter(Infinity)))
    const messages: Array<Message> = []
    splitter.push((flags & padded) === 0 ? payload : payload.subarray(1, payload.length - payload[0]!), messages)
    this.flags.push(...messages.map(({ isCompressed }) => isCompressed))
  }
}

/** Where to call instead of `address`, and what is seen there. */
export const make = (
  address: string
): Effect.Effect<{ readonly address: string; readonly flags: Flags }, never, Scope.Scope> =>
  Effect.gen(function* () {
    const flags: Flags = { sent: [], received: [] }
    const sockets = new Set<Socket>()
    const url = new URL(`tcp://${address}`)
    const server = createServer((from) => {
      const to = connect(Number(url.port), url.hostname)
      const [sent, received] = [new Frames(flags.sent, preface), new Frames(flags.received, 0)]
      from.on("data", (chunk: Buffer) => sent.push(chunk)).pipe(to)
      to.on("data", (chunk: Buffer) => received.push(chunk)).pipe(from)
      for (const socket of [from, to]) {
        sockets.add(socket)
        socket.on("error", () => [from, to].forEach((either) => either.destroy()))
        socket.on("close", () => sockets.delete(socket))
      }
    })
    yield* Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void)))
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        server.close()
        for (const socket of sockets) socket.destroy()
      })
    )
    return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, flags }
  })
