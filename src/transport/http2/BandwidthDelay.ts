/**
 * How much a path carries in a round trip, and so how wide a window has to be not to hold a sender back. Measured as gRPC's
 * implementations do: a PING goes out behind received DATA, and what comes until it is answered is a sample. A window that
 * a sample nearly fills is what limits the peer, provided that more comes in the same time than ever before: otherwise
 * queues on the path grow with the window, and nothing else.
 */

/** Of a window, a sample that is at least so much of it calls for a wider one. */
const near = 2 / 3

/** Of one connection. There is one PING at most for each window of octets, so that peers that count PINGs take no offence. */
export class BandwidthDelay {
  /** Octets since a PING was sent; -1 while none is under way. */
  private sample = -1
  private sentAt = 0
  /** Octets since the last sample. The first is taken at once. */
  private unmeasured = Infinity
  /** Octets a millisecond, the most that was seen. */
  private bandwidth = 0
  private readonly ping: (onAck: () => void) => void
  private readonly now: () => number
  private readonly widen: (window: number) => void

  /** `widen` is told how wide a window should be. */
  constructor(ping: (onAck: () => void) => void, now: () => number, widen: (window: number) => void) {
    this.ping = ping
    this.now = now
    this.widen = widen
  }

  /** DATA has come, while the windows are `window` wide. */
  onData(size: number, window: number): void {
    if (this.sample !== -1) {
      this.sample += size
      return
    }
    this.unmeasured += size
    if (this.unmeasured < window) return
    this.unmeasured = 0
    this.sample = size
    this.sentAt = this.now()
    this.ping(() => this.onAck(window))
  }

  private onAck(window: number): void {
    const { sample } = this
    this.sample = -1
    // The clock counts milliseconds; below one, what comes in a round trip is bandwidth enough.
    const bandwidth = sample / Math.max(1, this.now() - this.sentAt)
    if (bandwidth <= this.bandwidth) return
    this.bandwidth = bandwidth
    if (sample < window * near) return
    this.unmeasured = Infinity
    this.widen(2 * sample)
  }
}
