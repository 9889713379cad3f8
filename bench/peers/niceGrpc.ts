/** The echo service on nice-grpc, with messages by `@grpc/proto-loader`. */
import { fileURLToPath } from "node:url"
import * as Grpc from "@grpc/grpc-js"
import * as ProtoLoader from "@grpc/proto-loader"
import { createServer } from "nice-grpc"
import { answer } from "../Answers.ts"

const file = fileURLToPath(new URL("../../../../bench/echo.proto", import.meta.url))
const loaded = Grpc.loadPackageDefinition(ProtoLoader.loadSync(file, { keepCase: true }))["echo"]
const { EchoServer } = loaded as unknown as { readonly EchoServer: Grpc.ServiceClientConstructor }

const server = createServer()
server.add(EchoServer.service, {
  Echo: async ({ action, msg }: { action: string; msg: string }) => ({ action, msg })
} as never)
console.log(`listening on 127.0.0.1:${await server.listen("127.0.0.1:0")}`)
answer()
