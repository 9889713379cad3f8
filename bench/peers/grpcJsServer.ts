/** The services of echo.proto and stream.proto on grpc-js, with messages by `@grpc/proto-loader`. */
import { fileURLToPath } from "node:url"
import * as Grpc from "@grpc/grpc-js"
import * as ProtoLoader from "@grpc/proto-loader"
import { answer } from "../Answers.ts"
import { text } from "../Scenario.ts"

const service = (file: string, name: string, contract: string): Grpc.ServiceDefinition => {
  const path = fileURLToPath(new URL(`../../../../bench/${file}.proto`, import.meta.url))
  const loaded = Grpc.loadPackageDefinition(ProtoLoader.loadSync(path, { keepCase: true }))[name]
  return (loaded as unknown as Record<string, Grpc.ServiceClientConstructor>)[contract]!.service
}

const most = 64 * 1024 * 1024
const server = new Grpc.Server({ "grpc.max_receive_message_length": most, "grpc.max_send_message_length": most })

server.addService(service("echo", "echo", "EchoServer"), {
  Echo: (call: Grpc.ServerUnaryCall<any, any>, callback: Grpc.sendUnaryData<any>) => {
    const { action, msg } = call.request
    callback(null, { action, msg })
  }
})

/** Writes until the stream is full, and goes on when it has drained. */
const down = (call: Grpc.ServerWritableStream<any, any>): void => {
  const { count, length } = call.request
  const body = text(length)
  let number = 0
  const write = (): void => {
    while (number < count) {
      const hasRoom = call.write({ number, text: body })
      number++
      if (!hasRoom) return void call.once("drain", write)
    }
    call.end()
  }
  write()
}

const up = (call: Grpc.ServerReadableStream<any, any>, callback: Grpc.sendUnaryData<any>): void => {
  let count = 0
  call.on("data", () => count++)
  call.on("end", () => callback(null, { count }))
}

server.addService(service("stream", "stream", "Streams"), { Down: down, Up: up })

server.bindAsync("127.0.0.1:0", Grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error
  console.log(`listening on 127.0.0.1:${port}`)
})
answer()
