/**
 * A server over our HTTP/2 engine for suites and load generators: `h2-server.ts [--port P] [--tls]`. It prints its address and
 * answers every request: with `hello` to GET, with what it was sent to POST, with nothing else to HEAD. With `--tls` it makes a
 * certificate of its own, and offers h2 by ALPN.
 */
import { parseArgs } from "node:util"
import * as Certificate from "../fixtures/Certificate.ts"
import { listen } from "../transport/http2/EchoServer.ts"

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    host: { type: "string", default: "127.0.0.1" },
    tls: { type: "boolean" }
  }
})

const server = await listen({
  port: Number(values.port),
  host: values.host,
  secure: values.tls === true ? Certificate.make("localhost") : undefined
})
console.log(`listening on ${values.host}:${server.port}`)
process.once("SIGTERM", () => void server.stop())
process.once("SIGINT", () => void server.stop())
