import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Instance from "../../src/discovery/Instance.ts"
import * as ThriftClient from "../../src/thrift/ThriftClient.ts"
import * as ThriftServer from "../../src/thrift/ThriftServer.ts"
import * as Direct from "../../src/transport/Direct.ts"
import { Listener } from "../../src/transport/Listener.ts"
import { suite, thrift, type Transport } from "./Behaviour.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "volant-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const sockets = (name: string, isUnix: boolean, options: ThriftClient.Options): Transport => ({
  name,
  protocol: thrift,
  serve: (server) =>
    Effect.gen(function* () {
      const place = isUnix ? { path: join(yield* folder, "socket") } : { host: "127.0.0.1" }
      const listening = ThriftServer.layer({ ...place, drainTimeout: "2 seconds" })
      const context = yield* Layer.build(Layer.provide(listening, server))
      const { address, inFlight } = Context.get(context, Listener)
      const client = Layer.provide(Direct.layer(Instance.formatAddress(address)), ThriftClient.layer(options))
      return { client, inFlight }
    }),
  carriesContext: false,
  cancels: false,
  drains: true
})

suite(sockets("TCP, framed binary", false, {}))
suite(sockets("TCP, framed compact", false, { protocol: "compact" }))
suite(sockets("TCP, buffered binary", false, { framing: "buffered" }))
suite(sockets("Unix socket, buffered compact", true, { framing: "buffered", protocol: "compact" }))
