// Gets an item from server.ts: node --conditions=volant-source examples/items/client.ts [ID]
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { Layer } from "volant"
import { Balancer, P2c } from "volant/balancing"
import { Static } from "volant/discovery"
import { Retry, Timeout } from "volant/resilience"
import { ThriftClient } from "volant/thrift"
import { ItemService } from "./gen/item.ts"

const Items = ItemService.client.pipe(
  Layer.provide(Layer.stack([Timeout.layer("1 second"), Retry.layer(Retry.standard)])),
  Layer.provide(Balancer.layer("item-service", P2c.policy)),
  Layer.provide(Static.layer({ "item-service": [`127.0.0.1:${process.env["PORT"] ?? 8080}`] })),
  Layer.provide(ThriftClient.layer())
)

ItemService.use((items) => items.getItem({ req: { id: BigInt(process.argv[2] ?? 1024) } })).pipe(
  Effect.flatMap(({ item }) => Console.log(`${item.title}, ${item.content}!`)),
  Effect.catchTag("NotFound", (e) => Console.log(`no item ${e.id}`)),
  Effect.provide(Items),
  NodeRuntime.runMain
)
