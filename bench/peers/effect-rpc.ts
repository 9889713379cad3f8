/** The echo service on effect/rpc: NDJSON over sockets, tracing off. */
import { setMaxListeners } from "node:events"
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as RpcServer from "effect/rpc/RpcServer"
import * as Schema from "effect/Schema"
import * as SocketServer from "effect/socket/SocketServer"
import { answer } from "../Answers.ts"

// Each of its writes that waits for a slow reader listens to the socket, and Node would warn of a leak.
setMaxListeners(0)

const fields = { action: Schema.String, msg: Schema.String }

class Echo extends RpcGroup.make(Rpc.make("Echo", { payload: fields, success: Schema.Struct(fields) })) {}

const handlers = Echo.toLayer({ Echo: ({ action, msg }) => Effect.succeed({ action, msg }) })

const announce = Layer.effectDiscard(
  SocketServer.SocketServer.useSync(({ address }) =>
    console.log(`listening on 127.0.0.1:${"port" in address ? address.port : 0}`)
  )
)

const server = Layer.mergeAll(RpcServer.layer(Echo, { disableTracing: true }), announce).pipe(
  Layer.provide(handlers),
  Layer.provide(RpcServer.layerProtocolSocketServer),
  Layer.provide(RpcSerialization.layerNdjson),
  Layer.provide(NodeSocketServer.layer({ port: 0, host: "127.0.0.1" }))
)

Effect.runFork(Layer.launch(server))
answer()
