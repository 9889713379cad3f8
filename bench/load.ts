/**
 * A closed-loop load generator: a fixed number of calls is always in flight, and each reply is answered by the next
 * call. Written to cost less than any server it drives: calls are laid out in advance and only their ids change, and all
 * calls that one read makes possible go out in one write. Each reply must carry the id of a call in flight.
 *
 *     node bench/load.ts --port 9090 --connections 64 --outstanding 64 --message 45 --seconds 1 --warmup 1 --windows 3
 *
 * prints one line of JSON when the first window opens and one at the end of each: `Opened` or `Window` below.
 */
import { connect } from "node:net"
import { parseArgs } from "node:util"
import { ownCpu, threadsCpu } from "./Cpu.ts"
import { Latencies } from "./Latencies.ts"
import * as Wire from "./Wire.ts"

export interface Opened {
  readonly opened: true
}

export interface Window {
  readonly requests: number
  readonly perSecond: number
  /** Microseconds. */
  readonly p50: number
  readonly p99: number
  /** CPU microseconds a request of the process `--pid`; null without the option or without /proc. */
  readonly server: number | null
  /** CPU microseconds a request of this process. */
  readonly load: number
}

const { values } = parseArgs({
  options: {
    port: { type: "string" },
    wire: { type: "string", default: "framed" },
    connections: { type: "string", default: "1" },
    outstanding: { type: "string", default: "1" },
    message: { type: "string", default: "45" },
    seconds: { type: "string", default: "1" },
    warmup: { type: "string", default: "1" },
    windows: { type: "string", default: "3" },
    pid: { type: "string" }
  }
})

const port = Number(values.port)
const connections = Number(values.connections)
const perConnection = Math.max(1, Math.floor(Number(values.outstanding) / connections))
const wire = values.wire === "ndjson" ? Wire.ndjson(Number(values.message)) : Wire.framed(Number(values.message))
const latencies = new Latencies()

/** One connection and its calls. */
class Caller {
  private readonly socket = connect({ port, host: "127.0.0.1", noDelay: true })
  // Calls are written from a ring of copies. When a place comes round again, later calls have been answered, so its
  // bytes have left.
  private readonly places = perConnection * 4
  private readonly ring = Buffer.concat(Array.from({ length: this.places }, () => wire.call))
  private place = 0
  private readonly expected = new Int32Array(perConnection)
  private readonly sentAt = new Float64Array(perConnection)
  private rest: Buffer | undefined

  start(): void {
    this.socket.on("data", (chunk: Buffer) => this.receive(chunk))
    this.socket.on("error", (error) => fail(error.message))
    this.socket.on("close", () => fail("the server closed a connection"))
    this.socket.once("connect", () => {
      const now = performance.now()
      for (let slot = 0; slot < perConnection; slot++) this.lay(slot, slot + perConnection, slot, now)
      this.send(0, perConnection)
    })
  }

  private receive(chunk: Buffer): void {
    const bytes = this.rest === undefined ? chunk : Buffer.concat([this.rest, chunk])
    const now = performance.now()
    if (this.place + perConnection > this.places) this.place = 0
    const first = this.place
    let place = first
    let at = 0
    for (;;) {
      const end = wire.endOf(bytes, at)
      if (end < 0) break
      const id = wire.idOf(bytes, at)
      const slot = id % perConnection
      if (id !== this.expected[slot]) fail(`a reply has the id ${id}; in flight is ${this.expected[slot]}`)
      latencies.add(now - this.sentAt[slot]!)
      this.lay(slot, id + perConnection, place++, now)
      at = end
    }
    this.rest = at < bytes.length ? bytes.subarray(at) : undefined
    if (place > first) this.send(first, place)
  }

  private lay(slot: number, id: number, place: number, now: number): void {
    wire.putId(this.ring, place * wire.call.length, id)
    this.expected[slot] = id
    this.sentAt[slot] = now
  }

  private send(from: number, to: number): void {
    this.socket.write(this.ring.subarray(from * wire.call.length, to * wire.call.length))
    this.place = to
  }
}

function fail(message: string): never {
  console.error(`load: ${message}`)
  process.exit(1)
}

const serverCpu = (): number | undefined => (values.pid === undefined ? undefined : threadsCpu(Number(values.pid)))

const runWindow = (then: () => void): void => {
  latencies.clear()
  const started = performance.now()
  const server = serverCpu()
  const own = ownCpu()
  setTimeout(
    () => {
      const requests = latencies.count
      const serverNow = serverCpu()
      if (requests === 0) fail("no reply came in a whole window")
      const window: Window = {
        requests,
        perSecond: Math.round((requests / (performance.now() - started)) * 1000),
        p50: latencies.quantile(0.5),
        p99: latencies.quantile(0.99),
        server: server === undefined || serverNow === undefined ? null : (serverNow - server) / requests,
        load: (ownCpu() - own) / requests
      }
      console.log(JSON.stringify(window))
      then()
    },
    Number(values.seconds) * 1000
  )
}

const runWindows = (left: number): void => {
  if (left === 0) process.exit(0)
  runWindow(() => runWindows(left - 1))
}

for (let index = 0; index < connections; index++) {
  const caller = new Caller()
  caller.start()
}
setTimeout(
  () => {
    const opened: Opened = { opened: true }
    console.log(JSON.stringify(opened))
    runWindows(Number(values.windows))
  },
  Number(values.warmup) * 1000
)
