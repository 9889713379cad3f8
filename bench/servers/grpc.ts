/** The echo service of echo.proto, and the streams of stream.proto. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { Router } from "volant"
import { GrpcServer } from "volant/grpc"
import { EchoServer } from "../gen/proto/echo.ts"
import { type Item, Streams } from "../gen/proto/stream.ts"
import { text } from "../Scenario.ts"
import { launch } from "./Announce.ts"

const EchoLive = EchoServer.serve({
  echo: (req) => Effect.succeed({ action: req.action, msg: req.msg })
})

const items = (count: number, length: number): ReadonlyArray<Item> => {
  const body = text(length)
  return Array.from({ length: count }, (_, number) => ({ number, text: body }))
}

const StreamsLive = Streams.serve({
  down: ({ count, length }) => Stream.suspend(() => Stream.fromArray(items(count, length))),
  up: (received) =>
    Effect.suspend(() => {
      let count = 0
      const add = (some: ReadonlyArray<Item>) =>
        Effect.sync(() => {
          count += some.length
        })
      return Effect.map(Stream.runForEachArray(received, add), () => ({ count }))
    })
})

export const serve = (port: number, host: string): void =>
  launch(
    GrpcServer.layer({ port, host, maxReceiveMessageSize: 64 * 1024 * 1024 }).pipe(
      Layer.provide(Router.layer(Layer.merge(EchoLive, StreamsLive)))
    ),
    host
  )
