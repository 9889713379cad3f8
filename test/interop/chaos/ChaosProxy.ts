/**
 * A TCP proxy that does to connections what networks and dying processes do: at seeded points it cuts them, resets them, ends
 * one direction, swallows the rest, or stops for a while. Bytes that it does pass on are whole and in order, as TCP's are.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net"
import type { Random } from "../../fuzz/Random.ts"

export type Fault = "cut" | "reset" | "end" | "truncate" | "swallow" | "delay"

/** How likely each is. A connection that swallows what it is given costs its calls their whole time, so it is seldom. */
const weights: ReadonlyArray<readonly [Fault, number]> = [
  ["cut", 4],
  ["reset", 4],
  ["end", 4],
  ["truncate", 4],
  ["delay", 8],
  ["swallow", 1]
]
const faults = weights.flatMap(([fault, weight]) => Array.from({ length: weight }, () => fault))

export interface Options {
  readonly upstream: number
  readonly random: Random
  /** Bytes of one direction of one connection between two faults: at most twice this, at least one. */
  readonly spacing: number
  /** Milliseconds that a delay lasts: at most this. */
  readonly delay: number
}

export class ChaosProxy {
  /** How often each fault was done. */
  readonly done: Record<Fault, number> = { cut: 0, reset: 0, end: 0, truncate: 0, swallow: 0, delay: 0 }
  connections = 0
  private readonly options: Options
  private readonly server: Server
  private readonly sockets = new Set<Socket>()

  constructor(options: Options) {
    this.options = options
    this.server = createServer({ allowHalfOpen: true }, (client) => this.accept(client))
  }

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.server.listen(0, "127.0.0.1", () => resolve((this.server.address() as AddressInfo).port))
    })
  }

  close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    return new Promise((resolve) => this.server.close(() => resolve()))
  }

  private accept(client: Socket): void {
    this.connections++
    const upstream = connect({ host: "127.0.0.1", port: this.options.upstream, allowHalfOpen: true })
    for (const socket of [client, upstream]) {
      this.sockets.add(socket)
      socket.setNoDelay(true)
      socket.on("error", () => {})
      socket.on("close", () => {
        this.sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    this.pipe(client, upstream)
    this.pipe(upstream, client)
  }

  private pipe(from: Socket, to: Socket): void {
    const { delay, random, spacing } = this.options
    let untilFault = 1 + random.below(2 * spacing)
    let swallowing = false
    from.on("end", () => to.end())
    from.on("data", (chunk: Buffer) => {
      if (swallowing) return
      if (chunk.length < untilFault) {
        untilFault -= chunk.length
        to.write(chunk)
        return
      }
      const fault = random.pick(faults)
      this.done[fault]++
      const at = untilFault
      untilFault = 1 + random.below(2 * spacing)
      switch (fault) {
        case "cut":
          from.destroy()
          break
        case "reset":
          from.resetAndDestroy()
          to.resetAndDestroy()
          break
        case "end":
          to.end(chunk)
          break
        case "truncate":
          to.end(chunk.subarray(0, at))
          from.pause()
          break
        case "swallow":
          to.write(chunk.subarray(0, at))
          swallowing = true
          break
        case "delay":
          from.pause()
          to.write(chunk.subarray(0, at))
          setTimeout(() => {
            to.write(chunk.subarray(at))
            from.resume()
          }, random.below(delay))
      }
    })
  }
}
