// One of the three servers of `npm start`, in a process of its own. It announces itself in the registry of its parent.
import { once } from "node:events"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import { Layer, Router } from "volant"
import { type Instance, Registry } from "volant/discovery"
import { ThriftServer } from "volant/thrift"
import { Announce } from "volant/transport"
import { ItemService } from "./gen/item.ts"
import type { Letter } from "./Letter.ts"

const [name = "", port = "0"] = process.argv.slice(2)

/** Looking an item up takes 3 ms, so that calls are in flight whenever something happens to the process. */
const ItemsLive = ItemService.serve({
  getItem: ({ req }) =>
    Effect.as(Effect.sleep("3 millis"), { item: { id: req.id, title: `Item ${req.id}`, content: name } })
})

const write = (wish: Letter["wish"], target: string, instance: Instance.Instance) =>
  Effect.promise(async () => {
    const letter: Letter = { wish, target, address: instance.key }
    process.send!(letter)
    await once(process, "message")
  })

/** The registry lives in the parent: what `etcd` would be reached by over the network is reached over IPC. */
const ParentRegistry = Layer.succeed(Registry, {
  announce: (target, instance) =>
    Effect.acquireRelease(write("announce", target, instance), () => write("withdraw", target, instance))
})

// Nobody is left to serve when the parent is gone.
process.on("disconnect", () => process.exit(0))

Announce.layer("item-service").pipe(
  Layer.provide(ThriftServer.layer({ port: Number(port), host: "127.0.0.1" })),
  Layer.provide(Router.layer(ItemsLive)),
  Layer.provide(ParentRegistry),
  Layer.launch,
  NodeRuntime.runMain
)
