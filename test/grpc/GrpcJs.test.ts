/** The gRPC interop list with grpc-js, our client and its server, and the other way round. */
import { describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Listener } from "../../src/transport/Listener.ts"
import { settled } from "../fixtures/ServedProbe.ts"
import { clientCompressed, common, serverCompressed, unprobed } from "../interop/grpc/Cases.ts"
import * as Client from "../interop/grpc/Client.ts"
import * as GrpcJs from "../interop/grpc/GrpcJs.ts"
import * as Server from "../interop/grpc/Server.ts"

describe("our client and the server of grpc-js", () => {
  it.live.each([...common, ...unprobed])("%s", (testCase) =>
    Effect.gen(function* () {
      const { port } = yield* Effect.acquireRelease(
        Effect.promise(() => GrpcJs.serve()),
        ({ stop }) => Effect.sync(stop)
      )
      yield* Client.run(`127.0.0.1:${port}`, testCase)
    }).pipe(Effect.scoped)
  )
})

describe("the client of grpc-js and our server", () => {
  it.live.each([...common, ...clientCompressed, ...serverCompressed])("%s", (testCase) =>
    Effect.gen(function* () {
      const listener = Context.get(yield* Layer.build(Server.layer({ port: 0 })), Listener)
      const port = listener.address._tag === "Tcp" ? listener.address.port : 0
      yield* Effect.promise(() => GrpcJs.run(port, testCase))
      // What was canceled may still be on its way to the server.
      yield* settled(() => listener.inFlight() === 0)
    }).pipe(Effect.scoped)
  )
})
