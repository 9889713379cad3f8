import { type AddressInfo, createServer, type Socket } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as CallOptions from "../../src/CallOptions.ts"
import { isRpcError } from "../../src/RpcError.ts"
import * as Framing from "../../src/thrift/Framing.ts"
import * as Message from "../../src/thrift/Message.ts"
import * as ThriftClient from "../../src/thrift/ThriftClient.ts"
import * as Direct from "../../src/transport/Direct.ts"
import { Inbox } from "../../src/transport/Inbox.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"
import { Svc } from "../golden/gen/golden.ts"
import * as Budget from "./Budget.ts"
import { mutate } from "./Mutation.ts"
import { Random } from "./Random.ts"
import { frame } from "./RawConnection.ts"
import * as Seeds from "./Seeds.ts"

const seed = 20_264
const calls = { echo: { s: "good" }, many: { a: 1, l: {}, flag: true }, truth: {}, nothing: {}, ping: {} } as const
type Name = keyof typeof calls
const names = Object.keys(calls) as ReadonlyArray<Name>

/** What stands behind the header of the golden replies and exceptions of each method, and of any. */
const bodies = (protocol: "binary" | "compact"): ReadonlyArray<Buffer> =>
  Seeds.vectors
    .filter(
      ({ idl, kind, messageType, protocol: own }) =>
        kind === "message" && idl === "golden.thrift" && own === protocol && messageType !== "call"
    )
    .map((vector) => {
      const bytes = vector.framed === true ? Seeds.toBytes(vector).subarray(4) : Seeds.toBytes(vector)
      const reader = new Reader(bytes)
      Message.readHead(reader, protocol, new Message.Head())
      return bytes.subarray(reader.position)
    })

/** A reply to `request`, of which the body, or now and then the whole, is mutated. */
const answer = (
  random: Random,
  protocol: "binary" | "compact",
  request: Message.Message,
  seeds: ReadonlyArray<Buffer>
) => {
  const writer = new Writer()
  const type = random.below(4) === 0 ? Message.exception : Message.reply
  Message.write(writer, protocol, { ...request, type })
  const message = Buffer.concat([writer.toBytes(), mutate(random, seeds)])
  return random.below(4) === 0 ? mutate(random, [message]) : message
}

/** Answers each call with something mutated in a whole frame, but `echo` of "well" as it should; now and then it hangs up. */
const serve = (random: Random, protocol: "binary" | "compact") => (socket: Socket) => {
  const seeds = bodies(protocol)
  const inbox = new Inbox()
  const reader = new Reader()
  const framing = Framing.make("framed", protocol)
  socket.on("error", () => {})
  socket.on("data", (chunk: Buffer) => {
    inbox.push(chunk)
    while (framing.next(inbox, reader)) {
      const request = Message.read(reader, protocol)
      const isWell = reader.bytes.subarray(reader.position, reader.end).includes("well")
      socket.write(frame(isWell ? echoed(protocol, request) : answer(random, protocol, request, seeds)))
      if (!isWell && random.below(100) === 0) socket.end()
    }
  })
}

const echoed = (protocol: "binary" | "compact", request: Message.Message): Buffer => {
  const writer = new Writer()
  Message.write(writer, protocol, { ...request, type: Message.reply })
  const body = protocol === "binary" ? "0b00000000000477656c6c00" : "180477656c6c00"
  // Compact counts the id of the result's first field, 0, in the long form.
  const compact = "08000477656c6c00"
  return Buffer.concat([writer.toBytes(), Buffer.from(protocol === "binary" ? body : compact, "hex")])
}

const listen = (onSocket: (socket: Socket) => void) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const server = createServer(onSocket)
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      return server
    }),
    (server) => Effect.sync(() => server.close())
  ).pipe(Effect.map((server) => (server.address() as AddressInfo).port))

describe.each(["binary", "compact"] as const)("a client that is answered with mutated %s", (protocol) => {
  it.live(
    "gives every call a value or an RpcError, at once, and the next call its answer",
    () =>
      Effect.gen(function* () {
        const random = new Random(seed)
        const port = yield* listen(serve(new Random(seed + 1), protocol))
        const options = { protocol, reconnect: { initial: 0, max: 0 }, pool: { maxConnections: 8, concurrency: 4 } }
        const endpoint = Direct.layer(`127.0.0.1:${port}`).pipe(Layer.provide(ThriftClient.layer(options)))
        const ends = new Map<string, number>()
        const before = Budget.memory()
        yield* Effect.gen(function* () {
          const svc = yield* Svc
          const run = (name: Name) => {
            const call: Effect.Effect<unknown, unknown> = svc[name](calls[name] as never)
            return Effect.map(Effect.exit(CallOptions.withTimeout("10 seconds")(call)), (exit) => {
              const end = endOf(exit)
              ends.set(end, (ends.get(end) ?? 0) + 1)
            })
          }
          yield* Effect.forEach(
            Array.from({ length: Budget.inputs }, () => random.pick(names)),
            run,
            { concurrency: 16, discard: true }
          )
          const well = yield* Effect.retry(svc.echo({ s: "well" }), { times: 20 })
          assert.strictEqual(well, "well")
        }).pipe(Effect.provide(Layer.provide(Svc.client, endpoint)))
        Budget.report(`a client of ${protocol}`, Object.fromEntries(ends))
        const seen = JSON.stringify([...ends])
        assert.isUndefined(ends.get("DeadlineExceeded"), `a call waited in vain: ${seen}`)
        for (const end of ["value", "ProtocolError", "ApplicationError", "Unavailable"]) {
          assert.isAbove(ends.get(end) ?? 0, Budget.inputs / 1000, `${end}: ${seen}`)
        }
        assert.isBelow(Budget.memory() - before, 64 * 1024 * 1024, "bytes that stayed")
      }).pipe(Effect.scoped),
    Budget.timeout
  )
})

const endOf = (exit: Exit.Exit<unknown, unknown>): string => {
  if (Exit.isSuccess(exit)) return "value"
  const error = Cause.squash(exit.cause)
  if (isRpcError(error)) return error.reason._tag
  // The declared exceptions of `many` and `nothing`.
  if (typeof error === "object" && error !== null && "_tag" in error) return String(error._tag)
  throw new Error(`a call ended with ${String(exit.cause)}`)
}
