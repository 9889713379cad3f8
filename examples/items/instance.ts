// One of the three servers of `npm start`, in a process of its own: the service over Thrift, and the same over gRPC. It
// announces itself in the registry of its parent.
import { once } from "node:events"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import { Layer, Router } from "volant"
import { type Instance, Registry } from "volant/discovery"
import { GrpcServer } from "volant/grpc"
import { ThriftServer } from "volant/thrift"
import { Announce } from "volant/transport"
import { targets } from "./Fleet.ts"
import * as Grpc from "./gen/grpc/item.ts"
import * as Thrift from "./gen/item.ts"
import type { Done, Letter } from "./Letter.ts"

const [name = "", thriftPort = "0", grpcPort = "0"] = process.argv.slice(2)

/** Looking an item up takes 3 ms, so that calls are in flight whenever something happens to the process. */
const getItem = (id: bigint) =>
  Effect.as(Effect.sleep("3 millis"), { item: { id, title: `Item ${id}`, content: name } })

const OverThrift = Announce.layer(targets.thrift).pipe(
  Layer.provide(ThriftServer.layer({ port: Number(thriftPort), host: "127.0.0.1" })),
  Layer.provide(Router.layer(Thrift.ItemService.serve({ getItem: ({ req }) => getItem(req.id) })))
)

const OverGrpc = Announce.layer(targets.grpc).pipe(
  Layer.provide(GrpcServer.layer({ port: Number(grpcPort), host: "127.0.0.1" })),
  Layer.provide(
    Router.layer(
      Grpc.ItemService.serve({
        getItem: ({ id }) =>
          Effect.map(getItem(id), ({ item }) => Grpc.GetItemResponse.make({ item: Grpc.Item.make(item) }))
      })
    )
  )
)

const write = (wish: Letter["wish"], target: string, instance: Instance.Instance) =>
  Effect.promise(async () => {
    const letter: Letter = { wish, target, address: instance.key }
    process.send!(letter)
    let answer: Done
    do [answer] = (await once(process, "message")) as [Done]
    while (answer.target !== target)
  })

/** The registry lives in the parent: what `etcd` would be reached by over the network is reached over IPC. */
const ParentRegistry = Layer.succeed(Registry, {
  announce: (target, instance) =>
    Effect.acquireRelease(write("announce", target, instance), () => write("withdraw", target, instance))
})

// Nobody is left to serve when the parent is gone.
process.on("disconnect", () => process.exit(0))

Layer.mergeAll(OverThrift, OverGrpc).pipe(Layer.provide(ParentRegistry), Layer.launch, NodeRuntime.runMain)
