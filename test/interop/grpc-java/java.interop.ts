/** The gRPC interop list with grpc-java's programs, which have the cases with compressed messages; in plain text and over TLS. */
import { readFileSync } from "node:fs"
import { afterAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Cases from "../grpc/Cases.ts"
import { Runs, start, startOurs } from "../grpc/Runs.ts"
import * as Peers from "./peers.ts"

const runs = new Runs()
afterAll(() => runs.print("gRPC interop list with grpc-java, client -> server"))

/** What its server can be asked for: it does not look at what came compressed. */
const served: ReadonlyArray<Cases.Case> = [
  ...Cases.common,
  ...Cases.unprobed,
  ...Cases.serverCompressed,
  "concurrent_large_unary",
  "very_large_request"
]

/** What its client has. Of our own server it is told in full. */
const called = [
  ...Cases.common,
  ...Cases.clientCompressed,
  ...Cases.serverCompressed,
  "very_large_request"
] as const satisfies ReadonlyArray<Cases.Case>

/** A JVM for each: enough to see that the other transport does the same. */
const short = [
  "large_unary",
  "ping_pong",
  "client_compressed_streaming",
  "server_compressed_streaming",
  "special_status_message"
] as const satisfies ReadonlyArray<Cases.Case>

const { certificate, client, server } = Peers

describe("the gRPC interop list, grpc-java", () => {
  if (certificate === undefined || client === undefined || server === undefined) {
    return it("is absent", () => console.warn("NOT RUN: grpc-java, absent"))
  }

  it.live("with our client and its server", () =>
    Effect.gen(function* () {
      const port = yield* start(server)
      yield* runs.ours("ours -> grpc-java", `127.0.0.1:${port}`, served, (testCase) => ({
        // Its streams are not compressed, whatever they are asked for.
        looks: testCase !== "server_compressed_streaming"
      }))
    }).pipe(Effect.scoped)
  )

  it.live("with our client and its server, over TLS", () =>
    Effect.gen(function* () {
      const port = yield* start((port) => server(port, { isSecure: true }))
      const tls = { ca: readFileSync(certificate("ca.pem")), servername: Peers.serverName }
      const cases = served.filter((testCase) => testCase !== "concurrent_large_unary")
      yield* runs.ours("ours -> grpc-java, TLS", `127.0.0.1:${port}`, cases, () => ({
        tls,
        authority: Peers.serverName
      }))
    }).pipe(Effect.scoped)
  )

  it.live("with its client and our server", () =>
    Effect.gen(function* () {
      const port = yield* startOurs()
      yield* runs.theirs("grpc-java -> ours", called, (testCase) => client(port, testCase))
      yield* runs.theirs("grpc-java (OkHttp) -> ours", short, (testCase) =>
        client(port, testCase, { usesOkHttp: true })
      )
    }).pipe(Effect.scoped)
  )

  it.live("with its client and our server, over TLS", () =>
    Effect.gen(function* () {
      const [cert, key] = [certificate("server1.pem"), certificate("server1.key")]
      const port = yield* startOurs("--use_tls=true", `--tls_cert_file=${cert}`, `--tls_key_file=${key}`)
      yield* runs.theirs("grpc-java -> ours, TLS", short, (testCase) => client(port, testCase, { isSecure: true }))
    }).pipe(Effect.scoped)
  )
})
