/** Our client with one stream of many messages, down or up. Prints a line before the first and behind each. */
import { parseArgs } from "node:util"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { GrpcClient } from "volant/grpc"
import { Direct } from "volant/transport"
import { type Item, Streams } from "./gen/proto/stream.ts"
import { text } from "./Scenario.ts"

const { values } = parseArgs({
  options: {
    port: { type: "string" },
    direction: { type: "string" },
    count: { type: "string" },
    length: { type: "string", default: "45" },
    runs: { type: "string" }
  }
})

const count = Number(values.count)
const length = Number(values.length)
const items: ReadonlyArray<Item> = Array.from({ length: count }, (_, number) => ({ number, text: text(length) }))

const layer = Streams.client.pipe(
  Layer.provide(Direct.layer(`127.0.0.1:${values.port}`)),
  Layer.provide(GrpcClient.layer())
)

const down = (client: Context.Service.Shape<typeof Streams>) =>
  Effect.suspend(() => {
    let received = 0
    const add = (some: ReadonlyArray<Item>) =>
      Effect.sync(() => {
        received += some.length
      })
    return Effect.map(Stream.runForEachArray(client.down({ count, length }), add), () => received)
  })

const up = (client: Context.Service.Shape<typeof Streams>) =>
  Effect.map(client.up(Stream.fromArray(items)), (sum) => sum.count)

const runs = Effect.gen(function* () {
  const client = yield* Streams
  const direction = values.direction === "up" ? up : down
  console.log("begins")
  for (let index = 0; index < Number(values.runs); index++) {
    const received = yield* direction(client)
    if (received !== count) throw new Error(`${received} of ${count} messages arrived`)
    console.log("done")
  }
})

const alive = setInterval(() => {}, 1000)
Effect.runFork(Effect.provide(runs, layer)).addObserver((exit) => {
  clearInterval(alive)
  if (exit._tag === "Success") return
  console.error(String(exit.cause))
  process.exit(1)
})
