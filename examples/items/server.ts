// Serves items on port 8080, or on PORT: node --conditions=volant-source examples/items/server.ts
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import { Layer, Router } from "volant"
import { Timeout } from "volant/resilience"
import { ThriftServer } from "volant/thrift"
import { ItemService, NotFound } from "./gen/item.ts"

const ItemsLive = ItemService.serve({
  getItem: ({ req }) =>
    req.id < 0n
      ? Effect.fail(new NotFound({ id: req.id }))
      : Effect.succeed({ item: { id: req.id, title: "Hello", content: "Volant" } })
})

ThriftServer.layer({ port: Number(process.env["PORT"] ?? 8080) }).pipe(
  Layer.provide(Timeout.layer("1 second")),
  Layer.provide(Router.layer(ItemsLive)),
  Layer.launch,
  NodeRuntime.runMain
)
