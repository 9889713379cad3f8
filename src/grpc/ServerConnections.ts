/** The open connections of one gRPC server. */
import * as Effect from "effect/Effect"

/** A socket from its first byte to its close. */
export interface ServerConnection {
  /** Takes no further calls, and closes when those that run have ended. */
  readonly drain: () => void
  /** Ends at once. */
  readonly close: () => void
}

/** Knows every connection from its first byte to its close. */
export class ServerConnections {
  private readonly open = new Set<ServerConnection>()
  private onEmpty: (() => void) | undefined
  private isDraining = false

  get size(): number {
    return this.open.size
  }

  add(connection: ServerConnection): void {
    this.open.add(connection)
    if (this.isDraining) connection.drain()
  }

  remove(connection: ServerConnection): void {
    this.open.delete(connection)
    if (this.open.size === 0) this.onEmpty?.()
  }

  /** Succeeds when all are closed: each once its calls have ended. */
  readonly drained: Effect.Effect<void> = Effect.suspend(() => {
    this.isDraining = true
    for (const connection of Array.from(this.open)) connection.drain()
    return this.empty
  })

  /** Closes all at once. Succeeds when they are closed. */
  readonly closed: Effect.Effect<void> = Effect.suspend(() => {
    for (const connection of Array.from(this.open)) connection.close()
    return this.empty
  })

  private readonly empty: Effect.Effect<void> = Effect.callback((resume) => {
    if (this.open.size === 0) return resume(Effect.void)
    this.onEmpty = () => resume(Effect.void)
    return Effect.sync(() => {
      this.onEmpty = undefined
    })
  })
}
