/** grpc-js's client, on one channel, through callbacks, with messages by `@grpc/proto-loader` as its documentation has it. */
import { fileURLToPath } from "node:url"
import * as Grpc from "@grpc/grpc-js"
import * as ProtoLoader from "@grpc/proto-loader"
import { measure, message, outstanding, port } from "../ClientLoad.ts"

const file = fileURLToPath(new URL("../../../../bench/echo.proto", import.meta.url))
const definition = Grpc.loadPackageDefinition(ProtoLoader.loadSync(file, { keepCase: true }))
const { EchoServer } = definition["echo"] as unknown as { readonly EchoServer: Grpc.ServiceClientConstructor }
const client = new EchoServer(`127.0.0.1:${port}`, Grpc.credentials.createInsecure())
let calls = 0

interface Message {
  readonly action: string
  readonly msg: string
}

const call = (): void => {
  client["Echo"]!({ action: "echo", msg: message }, (error: Error | null, response: Message | undefined) => {
    if (response?.msg.length !== message.length) throw error ?? new Error("the reply is not what was sent")
    calls++
    call()
  })
}

for (let index = 0; index < outstanding; index++) call()
measure(() => calls)
