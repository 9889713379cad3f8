/** A server whose streams take everything and answer nothing, and a client that tests steer; and that nothing is left behind. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Deadlines from "../../../src/transport/Deadlines.ts"
import * as Http2Error from "../../../src/transport/http2/Http2Error.ts"
import type { StreamHandler } from "../../../src/transport/http2/Http2Stream.ts"
import type * as Limits from "../../../src/transport/http2/Limits.ts"
import type { ServerStream } from "../../../src/transport/http2/ServerStream.ts"
import * as EchoServer from "./EchoServer.ts"
import { environment } from "./Environment.ts"
import { RawPeer } from "./RawPeer.ts"

export interface Bench {
  readonly peer: RawPeer
  readonly server: EchoServer.Running
  readonly handlers: Array<Silent>
}

/** Takes everything and answers nothing. */
export class Silent implements StreamHandler {
  readonly stream: ServerStream
  received = 0
  ends = 0
  resets = 0
  /** The test answers it after all, to the end. */
  isAnswered = false

  constructor(stream: ServerStream) {
    this.stream = stream
  }

  onData(_bytes: Buffer, start: number, end: number): void {
    this.received += end - start
  }

  onEnd(): void {
    this.ends++
  }

  onReset(): void {
    this.resets++
  }

  onDrain(): void {}
}

/** A server with these limits whose streams are silent, and a client that has said hello. At the end nothing may be left. */
export const bench = (
  limits: Limits.Options,
  run: (bench: Bench) => Effect.Effect<void>,
  client: (port: number) => RawPeer = RawPeer.client
) =>
  Effect.gen(function* () {
    const deadlines = yield* Deadlines.Deadlines
    const handlers: Array<Silent> = []
    const onStream = (stream: ServerStream): StreamHandler => {
      const handler = new Silent(stream)
      handlers.push(handler)
      return handler
    }
    const server = yield* Effect.promise(() =>
      EchoServer.listen({ environment: environment(limits, deadlines), onStream })
    )
    const peer = client(server.port)
    yield* run({ peer, server, handlers })
    peer.socket.destroy()
    yield* Effect.promise(() => server.stop())
    assert.strictEqual(deadlines.pending(), 0)
    for (const { ends, isAnswered, resets, stream } of handlers) {
      assert.strictEqual(stream.state, "closed")
      assert.isAtMost(ends, 1)
      assert.strictEqual(resets, isAnswered ? 0 : 1)
    }
  }).pipe(Effect.provide(Deadlines.layer))

/** The server says so and closes. */
export const isRefused = (peer: RawPeer, code: number): Effect.Effect<void> =>
  Effect.promise(async () => {
    assert.strictEqual(Http2Error.nameOf(await peer.goAway()), Http2Error.nameOf(code))
    await peer.closed
  })

export const repeat = (count: number, make: (at: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, at) => make(at)))
