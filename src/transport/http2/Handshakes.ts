/** TLS handshakes of a server's sockets: each has its time, by the clock of all other times, and leaves nothing behind. */
import type * as Net from "node:net"
import type * as Tls from "node:tls"
import type { Deadlines, Timer } from "../Deadlines.ts"

/** Of one server: those that are under way, each with its timer. */
export class Handshakes {
  private readonly timers = new WeakMap<object, Timer>()
  private readonly late = new WeakSet<object>()
  private readonly deadlines: Deadlines["Service"]
  private readonly timeout: number
  private readonly onLate: () => void

  constructor(deadlines: Deadlines["Service"], timeout: number, onLate: () => void) {
    this.deadlines = deadlines
    this.timeout = timeout
    this.onLate = onLate
  }

  /** A socket was accepted. */
  begin(socket: Net.Socket): void {
    const { deadlines, timers } = this
    // One who leaves before the end of the handshake is to be let go.
    socket.allowHalfOpen = false
    const timer = deadlines.schedule(deadlines.now() + this.timeout, () => {
      this.late.add(socket)
      socket.destroy()
      this.onLate()
    })
    timers.set(socket, timer)
    // Whoever leaves within the handshake takes the timer along.
    socket.once("close", () => timer.cancel())
  }

  /** The handshake has ended one way or the other. Answers whether it took too long, and `onLate` has heard of it. */
  end(secure: Tls.TLSSocket): boolean {
    // What Node's server puts around a socket knows it by this name.
    const socket: unknown = Reflect.get(secure, "_parent")
    if (typeof socket !== "object" || socket === null) return false
    this.timers.get(socket)?.cancel()
    return this.late.has(socket)
  }
}
