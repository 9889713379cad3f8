/** The echo service on npm's `thrift`: framed, Binary; its handler returns the reply, or with `--callback` calls back with it. */
import { answer } from "../../Answers.ts"
import { type Handler, Processor } from "./Echo.ts"
import { options, thrift } from "./Thrift.ts"

const returning: Handler = {
  Echo: (request) => ({ action: request.action, msg: request.msg })
}

const callingBack: Handler = {
  Echo: (request, result) => {
    result(null, { action: request.action, msg: request.msg })
    return undefined
  }
}

const handler = process.argv.includes("--callback") ? callingBack : returning

const server = thrift.createServer(Processor, handler, options)
// Without a listener a reset connection ends the process.
server.on("error", () => {})
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  if (address !== null && typeof address === "object") console.log(`listening on 127.0.0.1:${address.port}`)
})
answer()
