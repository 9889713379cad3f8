/** The least that `node:http2` can do for a gRPC call: its core stream API, and always the same reply of 64 bytes. */
import { createServer, type ServerHttp2Stream } from "node:http2"
import { answer } from "../Answers.ts"

const reply = Buffer.concat([Buffer.from([0, 0, 0, 0, 53]), Buffer.alloc(53, 32)])

const server = createServer()
server.on("stream", (stream: ServerHttp2Stream) => {
  stream.on("error", () => {})
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }))
  stream.on("data", () => {})
  stream.on("end", () => {
    stream.respond({ ":status": 200, "content-type": "application/grpc+proto" }, { waitForTrailers: true })
    stream.end(reply)
  })
})
server.on("sessionError", () => {})
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  if (address !== null && typeof address === "object") console.log(`listening on 127.0.0.1:${address.port}`)
})
answer()
