/** A server of HTTP/1.1 that answers with the request's body, as it comes, and clients that are bare sockets. */
import * as Net from "node:net"
import type { AddressInfo } from "node:net"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Deadlines from "../../../src/transport/Deadlines.ts"
import type { Http1Connection } from "../../../src/transport/http1/Http1Connection.ts"
import * as Http1Server from "../../../src/transport/http1/Http1Server.ts"
import type { Http1Stream } from "../../../src/transport/http1/Http1Stream.ts"
import * as Limits from "../../../src/transport/http1/Limits.ts"
import * as HpackEncoder from "../../../src/transport/http2/HpackEncoder.ts"
import type { StreamFault } from "../../../src/transport/http2/Http2Error.ts"
import type { StreamHandler } from "../../../src/transport/http2/Http2Stream.ts"

export const ok = HpackEncoder.prepare([":status", "200", "content-type", "text/plain"])

/** One request, with all that its handler has heard. */
export class Heard implements StreamHandler {
  readonly stream: Http1Stream
  /** Sends back what comes, no faster than it is taken; otherwise the test answers. */
  readonly echoes: boolean
  readonly chunks: Array<Buffer> = []
  /** Octets of the body that have come. */
  size = 0
  hasEnded = false
  faults: Array<StreamFault> = []
  drains = 0
  private owed = 0

  constructor(stream: Http1Stream, echoes: boolean) {
    this.stream = stream
    this.echoes = echoes
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString()
  }

  onData(bytes: Buffer, start: number, end: number): void {
    const chunk = bytes.subarray(start, end)
    this.chunks.push(chunk)
    this.size += chunk.length
    const { stream } = this
    if (!this.echoes) return
    if (!stream.isResponded) stream.respond(ok)
    if (stream.write(Buffer.from(chunk))) stream.consume(chunk.length)
    else this.owed += chunk.length
  }

  onEnd(): void {
    this.hasEnded = true
    const { stream } = this
    if (!this.echoes) return
    if (!stream.isResponded) stream.respond(ok)
    stream.end()
  }

  onReset(fault: StreamFault): void {
    this.faults.push(fault)
  }

  onDrain(): void {
    this.drains++
    this.stream.consume(this.owed)
    this.owed = 0
  }
}

/** A client that sends what it is told, and keeps what it hears. */
export class Client {
  readonly socket: Net.Socket
  text = ""
  isClosed = false

  constructor(port: number) {
    this.socket = Net.connect({ port, host: "127.0.0.1", noDelay: true })
    this.socket
      .on("data", (chunk: Buffer) => (this.text += chunk.toString("latin1")))
      .on("close", () => (this.isClosed = true))
      .on("error", () => {})
  }

  send(text: string): void {
    if (!this.socket.destroyed) this.socket.write(text, "latin1")
  }

  /** The status lines that have come. */
  get statuses(): ReadonlyArray<number> {
    return Array.from(this.text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm), ([, status]) => Number(status))
  }
}

export const post = (size: number, path = "/"): string =>
  `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-length: ${size}\r\n\r\n`

export interface Running {
  readonly port: number
  readonly connections: Set<Http1Connection>
  readonly heard: Array<Heard>
  readonly errors: Array<string>
  /** Its timers. */
  readonly deadlines: Deadlines.Deadlines["Service"]
  readonly client: () => Client
}

export interface Options extends Limits.Options {
  /** Whether requests are answered by the echo. Default true. */
  readonly echoes?: boolean
  readonly onStream?: (stream: Http1Stream) => StreamHandler
}

/** Until something that other events bring about is so. */
export const settled = (predicate: () => boolean): Effect.Effect<void> =>
  Effect.promise(async () => {
    while (!predicate()) await new Promise<void>((resolve) => setImmediate(resolve))
  })

/** For `settled`: so many turns. */
export const turns = (count: number) => (): boolean => count-- <= 0

/** With its timers by the clock of the test. At the end nothing is left of connections and timers. */
export const start = (options: Options = {}): Effect.Effect<Running, never, Deadlines.Deadlines | Scope.Scope> =>
  Effect.gen(function* () {
    const deadlines = yield* Deadlines.Deadlines
    const { echoes = true, onStream, ...limits } = options
    const errors: Array<string> = []
    const heard: Array<Heard> = []
    const connections = new Set<Http1Connection>()
    const clients: Array<Client> = []
    const accept = Http1Server.make({
      deadlines,
      limits: Limits.make(limits),
      logError: (message) => errors.push(message)
    })
    const server = Net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      const connection = accept(socket, {
        onStream: (stream) => {
          if (onStream !== undefined) return onStream(stream)
          const one = new Heard(stream, echoes)
          heard.push(one)
          return one
        },
        onClose: () => connections.delete(connection)
      })
      connections.add(connection)
    })
    yield* Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void)))
    yield* Effect.addFinalizer(() => {
      server.close()
      for (const { socket } of clients) socket.destroy()
      return settled(() => connections.size === 0 && deadlines.pending() === 0)
    })
    const { port } = server.address() as AddressInfo
    const client = (): Client => {
      const made = new Client(port)
      clients.push(made)
      return made
    }
    return { port, connections, heard, errors, deadlines, client }
  })
