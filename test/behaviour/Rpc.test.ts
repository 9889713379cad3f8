import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RpcClient from "effect/rpc/RpcClient"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as RpcServer from "effect/rpc/RpcServer"
import * as SocketServer from "effect/socket/SocketServer"
import * as RpcContract from "../../src/codegen/RpcContract.ts"
import * as Type from "../../src/codegen/v1/Type.ts"
import * as Contract from "../../src/Contract.ts"
import { middleware } from "../../src/Layer.ts"
import type { Methods } from "../../src/Contract.ts"
import { isRpcError } from "../../src/RpcError.ts"
import type { ThriftMethodCodec } from "../../src/thrift/ThriftCodec.ts"
import { Probe, Refused } from "../fixtures/Probe.ts"
import { type Protocol, suite, thrift, type Transport } from "./Behaviour.ts"

/** The probe's exception, described. */
const refused: Type.AnyMessage = {
  idlName: "Refused",
  kind: "exception",
  fields: () => [Type.required(1, "why", "why", Type.string)],
  codec: { binary: undefined as never, compact: undefined as never },
  construct: Refused
}

/** The probe's codecs were written by hand: with the descriptions that generated ones have. */
const described = <M extends { readonly codec: object }>(method: M, hasResult: boolean): M => {
  const codec = method.codec as ThriftMethodCodec<any, any, any>
  const success = hasResult ? [Type.optional(0, "success", "success", Type.string)] : []
  const result = [...success, Type.optional(2, "refused", "refused", Type.message(refused))]
  return {
    ...method,
    codec: {
      ...codec,
      arguments: { ...codec.arguments, fields: () => [Type.required(1, "text", "text", Type.string)] },
      result: { ...codec.result, fields: () => result }
    }
  }
}

class RpcProbe extends Contract.Service<RpcProbe>()("test.Probe", {
  ask: described(Probe.methods.ask, true),
  askAgain: described(Probe.methods.askAgain, true),
  tell: described(Probe.methods.tell, false),
  fire: described(Probe.methods.fire, false)
}) {}

const later = { ...RpcProbe.methods.ask, name: "later", fullName: "test.Probe.later" }

class Newer extends Contract.Service<Newer>()("test.Probe", { later }) {}

const protocol: Protocol = {
  ...thrift,
  contract: RpcProbe as unknown as typeof Probe,
  newer: Newer as never,
  outcomeOf: (error) =>
    isRpcError(error) && error.reason._tag === "Overloaded" ? "overloaded" : thrift.outcomeOf(error)
}

/** Of the client, both contracts: a client knows the methods of its own group alone. */
const wanted: { readonly methods: Methods } = { methods: { ...RpcProbe.methods, later } }

const rpc = (name: string, serialization: Layer.Layer<RpcSerialization.RpcSerialization>): Transport => ({
  name: `effect/rpc, ${name}`,
  protocol,
  serve: (server) =>
    Effect.gen(function* () {
      let running = 0
      const counting = middleware((inner) => (call) => {
        running++
        return Effect.ensuring(
          inner(call),
          Effect.sync(() => void running--)
        )
      })
      const listening = RpcServer.layer(RpcContract.group<Methods>(RpcProbe), { disableFatalDefects: true }).pipe(
        Layer.provide(RpcContract.layer<Methods>(RpcProbe)),
        Layer.provide(Layer.provideMerge(counting, server)),
        Layer.provide(RpcServer.layerProtocolSocketServer),
        Layer.provide(serialization),
        Layer.provideMerge(NodeSocketServer.layer({ port: 0, host: "127.0.0.1" }))
      )
      const { address } = Context.get(yield* Layer.build(listening), SocketServer.SocketServer)
      const socket = NodeSocket.layerNet({ host: "127.0.0.1", port: "port" in address ? address.port : 0 })
      const client = RpcContract.layerClient(wanted).pipe(
        Layer.provide(RpcClient.layerProtocolSocket()),
        Layer.provide([socket, serialization])
      )
      return { client, inFlight: () => running }
    }),
  carriesContext: false,
  cancels: true,
  drains: false
})

suite(rpc("JSON lines", RpcSerialization.layerNdjson))
suite(rpc("binary", RpcSerialization.layerSchemaBinary()))
