import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { isCodecError } from "../../src/Codec.ts"
import * as Router from "../../src/Router.ts"
import * as Detection from "../../src/thrift/Detection.ts"
import * as Message from "../../src/thrift/Message.ts"
import * as ThriftServer from "../../src/thrift/ThriftServer.ts"
import { Listener } from "../../src/transport/Listener.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"
import { SvcLive } from "../interop/golden/Handlers.ts"
import * as Budget from "./Budget.ts"
import { mutate } from "./Mutation.ts"
import { Random } from "./Random.ts"
import { frame, RawConnection } from "./RawConnection.ts"
import * as Seeds from "./Seeds.ts"

const seed = 20_263
/** Messages that one connection is given before its answers are awaited. */
const batch = 64

/** All but those that the handlers are meant to die of, since what dies is logged. */
const seedsOf = (protocol: Message.Protocol): ReadonlyArray<Buffer> =>
  Seeds.vectors
    .filter((vector) => vector.kind === "message" && vector.idl === "golden.thrift" && vector.protocol === protocol)
    .map((vector) => (vector.framed === true ? Seeds.toBytes(vector).subarray(4) : Seeds.toBytes(vector)))

const ping = (protocol: Message.Protocol, seqid: number): Buffer => {
  const writer = new Writer()
  Message.write(writer, protocol, { name: "ping", type: Message.call, seqid })
  return Buffer.concat([writer.toBytes(), Buffer.of(0)])
}

/** Whether a server can tell whom to answer, so that the connection must live on. */
const hasHead = (protocol: Message.Protocol, input: Buffer): boolean => {
  const reader = new Reader(input)
  try {
    Message.readHead(reader, protocol, new Message.Head())
    return true
  } catch (error) {
    if (isCodecError(error)) return false
    throw error
  }
}

/** Everything logged at a level at which somebody should look. */
const errors: Array<string> = []
const capture = Logger.layer([
  Logger.make<unknown, void>(({ cause, logLevel, message }) => {
    if (logLevel === "Error" || logLevel === "Fatal") errors.push(`${String(message)} ${String(cause)}`)
  })
])

const server = ThriftServer.layer({ host: "127.0.0.1", port: 0, drainTimeout: 100 }).pipe(
  Layer.provide(Router.layer(SvcLive)),
  Layer.provide(capture)
)

/** Frames with a readable header, many on one connection, which must outlive them all. */
const inStep = async (port: number, protocol: Message.Protocol, inputs: ReadonlyArray<Buffer>): Promise<void> => {
  const connection = new RawConnection(port, protocol, "framed")
  for (let from = 0; from < inputs.length; from += batch) {
    const messages = inputs.slice(from, from + batch)
    const last = 0x7000_0000 + from
    connection.send(Buffer.concat([...messages, ping(protocol, last)].map(frame)))
    if (!(await connection.answered(last))) {
      const shown = messages.map((message) => message.toString("hex")).join("\n")
      assert.fail(`the server closed the connection at one of these:\n${shown}`)
    }
  }
  connection.destroy()
}

/** What a server takes these bytes for; anything will do where it takes them for nothing, and so does not answer in Thrift. */
const detected = (input: Buffer): Detection.Detected => {
  const nothing: Detection.Detected = { protocol: "binary", framing: "framed" }
  try {
    return Detection.detect(input, 0, input.length) ?? nothing
  } catch {
    return nothing
  }
}

/** Bytes of any kind, on a connection of their own, in two pieces; the server must close it. */
const alone = async (port: number, input: Buffer, cut: number): Promise<void> => {
  const { framing, protocol } = detected(input)
  const connection = new RawConnection(port, protocol, framing)
  connection.send(input.subarray(0, cut))
  if (cut % 2 === 0) await new Promise(setImmediate)
  connection.end(input.subarray(cut))
  await connection.closed()
}

describe.each(["binary", "compact"] as const)("a server that is sent mutated %s", (protocol) => {
  it.live(
    "answers or closes, in bounded time and memory, and serves the next call",
    () =>
      Effect.gen(function* () {
        const listener = yield* Listener
        const port = listener.address._tag === "Tcp" ? listener.address.port : 0
        const random = new Random(seed)
        const seeds = seedsOf(protocol)
        const all = Array.from({ length: Budget.inputs }, () => mutate(random, seeds))
        const readable = all.filter((input) => hasHead(protocol, input))
        const wild = all.filter((input) => !hasHead(protocol, input))
        assert.isAbove(readable.length, Budget.inputs / 10)
        assert.isAbove(wild.length, Budget.inputs / 10)
        const before = Budget.memory()
        yield* Effect.promise(() => inStep(port, protocol, readable))
        yield* Effect.forEach(
          wild,
          (input) => {
            const bytes = random.below(2) === 0 ? input : frame(input)
            const cut = random.below(bytes.length + 1)
            return Effect.tryPromise({
              try: () => alone(port, bytes, cut),
              catch: (cause) => new Error(`seed ${seed}: ${bytes.toString("hex")} cut at ${cut}`, { cause })
            })
          },
          { concurrency: 16, discard: true }
        )
        const connection = new RawConnection(port, protocol, "framed")
        connection.send(frame(ping(protocol, 7)))
        assert.isTrue(yield* Effect.promise(() => connection.answered(7)))
        connection.end(Buffer.alloc(0))
        yield* Effect.promise(() => connection.closed())
        Budget.report(`a server of ${protocol}`, { "frames in step": readable.length, connections: wild.length })
        assert.strictEqual(listener.inFlight(), 0)
        assert.deepStrictEqual(errors, [], "something broke inside the server")
        assert.isBelow(Budget.memory() - before, 64 * 1024 * 1024, "bytes that stayed")
      }).pipe(Effect.provide(server), Effect.scoped),
    Budget.timeout
  )
})
