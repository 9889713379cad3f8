// One server of the rolling test, in a process of its own: instance.ts PORT. It announces itself to its parent over IPC.
import { once } from "node:events"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Router } from "volant"
import { type Instance, Registry } from "volant/discovery"
import { ThriftServer } from "volant/thrift"
import { Announce } from "volant/transport"
import { Worker } from "./gen/worker.ts"

const answer = ({ id, millis }: { readonly id: bigint; readonly millis: number }) =>
  millis === 0
    ? Effect.succeed({ id, pid: process.pid })
    : Effect.as(Effect.sleep(`${millis} millis`), { id, pid: process.pid })

const tell = (wish: "announce" | "withdraw", instance: Instance.Instance) =>
  Effect.promise(async () => {
    process.send!({ wish, address: instance.key })
    await once(process, "message")
  })

const ParentRegistry = Layer.succeed(Registry, {
  announce: (_target, instance) =>
    Effect.asVoid(Effect.acquireRelease(tell("announce", instance), () => tell("withdraw", instance)))
})

process.on("disconnect", () => process.exit(0))

Announce.layer("worker").pipe(
  Layer.provide(ThriftServer.layer({ host: "127.0.0.1", port: Number(process.argv[2] ?? 0) })),
  Layer.provide(Router.layer(Worker.serve({ work: answer, once: answer }))),
  Layer.provide(ParentRegistry),
  Layer.launch,
  NodeRuntime.runMain
)
