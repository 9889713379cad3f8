/** The open connections of one server: swept for peers that stall or have gone silent, and closed when it ends. */
import * as Effect from "effect/Effect"
import type { Deadlines, Timer } from "../transport/Deadlines.ts"
import type { ServerConnection } from "./ServerConnection.ts"

/** How patient a server is. */
export interface Limits {
  /** Milliseconds that a peer may leave a message unfinished, or its answers unread. */
  readonly stallTimeout: number
  /** Milliseconds without a call after which a connection is closed. */
  readonly idleTimeout: number
}

/** While a server drains, a connection is closed when nothing came for so long: the peer has stopped to use it. */
const quiet = 50

/** Knows every connection from its first byte to its close. */
export class ServerConnections {
  private readonly open = new Set<ServerConnection>()
  private readonly deadlines: Deadlines["Service"]
  private readonly limits: Limits
  private readonly interval: number
  private timer: Timer | undefined
  private onEmpty: (() => void) | undefined
  private isDraining = false

  constructor(deadlines: Deadlines["Service"], limits: Limits) {
    this.deadlines = deadlines
    this.limits = limits
    // A limit is noticed a quarter late at most, and within a second.
    this.interval = Math.min(1000, Math.max(10, Math.min(limits.stallTimeout, limits.idleTimeout) / 4))
  }

  get size(): number {
    return this.open.size
  }

  add(connection: ServerConnection): void {
    this.open.add(connection)
    if (this.timer === undefined) this.sweepLater()
  }

  remove(connection: ServerConnection): void {
    this.open.delete(connection)
    if (this.open.size > 0) return
    this.timer?.cancel()
    this.timer = undefined
    this.onEmpty?.()
  }

  /** Succeeds when all are closed: each as soon as its peer is quiet. */
  readonly drained: Effect.Effect<void> = Effect.callback((resume) => {
    if (this.open.size === 0) return resume(Effect.void)
    this.isDraining = true
    this.onEmpty = () => resume(Effect.void)
    this.timer?.cancel()
    this.sweepLater()
    return Effect.sync(() => {
      this.onEmpty = undefined
    })
  })

  /** Closes all, each when it has no call running. Succeeds when they are closed. */
  readonly closed: Effect.Effect<void> = Effect.suspend(() => {
    for (const connection of Array.from(this.open)) connection.close()
    return this.drained
  })

  private sweepLater(): void {
    const pause = this.isDraining ? quiet : this.interval
    this.timer = this.deadlines.schedule(this.deadlines.now() + pause, () => this.sweep())
  }

  private sweep(): void {
    this.timer = undefined
    const now = this.deadlines.now()
    for (const connection of Array.from(this.open)) {
      if (this.isDraining) connection.endWhenQuiet()
      connection.check(now, this.limits.stallTimeout, this.limits.idleTimeout)
    }
    if (this.open.size > 0 && this.timer === undefined) this.sweepLater()
  }
}
