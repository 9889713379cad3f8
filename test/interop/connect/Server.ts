import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Compression from "../../../src/grpc/Compression.ts"
import * as GrpcServer from "../../../src/grpc/GrpcServer.ts"
import * as Router from "../../../src/Router.ts"
import { Listener } from "../../../src/transport/Listener.ts"
import { Protocol } from "./gen/connectrpc/conformance/v1/config.ts"
import { ServerCompatRequest, ServerCompatResponse } from "./gen/connectrpc/conformance/v1/server_compat.ts"
import { ConformanceService } from "./gen/connectrpc/conformance/v1/service.ts"
import * as Pipe from "./Pipe.ts"
import { handlers } from "./Service.ts"

const optionsOf = ({
  clientTlsCert,
  messageReceiveLimit,
  protocol,
  serverCreds,
  useTls
}: ServerCompatRequest): GrpcServer.Options => ({
  host: "127.0.0.1",
  // Every reply is compressed for those who take it so.
  compression: { send: Compression.all, threshold: 0 },
  ...(protocol === Protocol.PROTOCOL_GRPC_WEB ? { web: { origins: "*" } } : {}),
  ...(messageReceiveLimit > 0 ? { maxReceiveMessageSize: messageReceiveLimit } : {}),
  ...(useTls && serverCreds !== undefined
    ? {
        tls: {
          cert: Buffer.from(serverCreds.cert),
          key: Buffer.from(serverCreds.key),
          ...(clientTlsCert.length > 0 ? { requestCert: true, ca: Buffer.from(clientTlsCert) } : {})
        }
      }
    : {})
})

const serve = (request: ServerCompatRequest) =>
  Layer.effectDiscard(
    Effect.map(Listener, ({ address }) =>
      Pipe.write(
        ServerCompatResponse,
        ServerCompatResponse.make({
          host: "127.0.0.1",
          port: address._tag === "Tcp" ? address.port : 0,
          pemCert: request.serverCreds?.cert
        })
      )
    )
  ).pipe(
    Layer.provide(GrpcServer.layer(optionsOf(request))),
    Layer.provide(Router.layer(ConformanceService.serve(handlers)))
  )

/** Serves as the first message of standard input says, until it is told to stop. */
export const main = async (): Promise<void> => {
  const { value } = await Pipe.read(ServerCompatRequest).next()
  if (value === undefined) throw new Error("standard input has no ServerCompatRequest")
  NodeRuntime.runMain(Layer.launch(serve(value)))
}
