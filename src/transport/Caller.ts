/** The calls of one connection that a server runs: counted, bounded, and ended when the connection is gone. */
import type * as Effect from "effect/Effect"
import type { Identity } from "../Call.ts"
import type { Dispatcher } from "./Dispatcher.ts"
import type { ServerCall } from "./ServerCall.ts"

/** What a connection asks before it serves a call, and tells when it is gone. */
export class Caller {
  /** Of the peer, as `Call.peer` shows it. */
  readonly address: string
  /** Of the peer, where TLS has proved it. */
  readonly identity: Identity | undefined
  /** Calls whose handlers have not ended. */
  running = 0
  /** Stands in the dispatcher's queue for a slot. */
  isQueued = false
  /** Wants to hear when one of its own calls ends. */
  waitsForOwn = false
  private readonly dispatcher: Dispatcher
  private readonly onRoom: () => void
  private first: ServerCall | undefined

  constructor(dispatcher: Dispatcher, address: string, onRoom: () => void, identity?: Identity) {
    this.dispatcher = dispatcher
    this.address = address
    this.identity = identity
    this.onRoom = onRoom
  }

  /** Runs nothing more when false; `onRoom` is called once there is room again. */
  hasRoom(): boolean {
    const { options } = this.dispatcher
    if (this.running >= options.connectionConcurrency) {
      this.waitsForOwn = true
      return false
    }
    if (this.dispatcher.running >= options.concurrency) {
      this.dispatcher.enqueue(this)
      return false
    }
    return true
  }

  /** Succeeds once the server drains. */
  get draining(): Effect.Effect<void> {
    return this.dispatcher.draining
  }

  add(call: ServerCall): void {
    call.next = this.first
    if (this.first !== undefined) this.first.previous = call
    this.first = call
    this.running++
  }

  remove(call: ServerCall): void {
    if (call.previous === undefined) this.first = call.next
    else call.previous.next = call.next
    if (call.next !== undefined) call.next.previous = call.previous
    call.next = call.previous = undefined
    this.running--
  }

  /** Its turn in the dispatcher's queue has come. */
  onTurn(): void {
    this.isQueued = false
    this.onRoom()
  }

  /** One of its calls has ended. */
  onEnd(): void {
    if (!this.waitsForOwn) return
    this.waitsForOwn = false
    this.onRoom()
  }

  /** Has something to do later: serves more, or ends. */
  get isWaiting(): boolean {
    return this.isQueued || this.waitsForOwn
  }

  /** A deadline of a running call was lowered. */
  rearm(call: ServerCall): void {
    this.dispatcher.arm(call)
  }

  /** The connection is gone: nothing is answered any more, and `interrupt` ends the handlers that somebody waited for. */
  leave(interrupt: boolean): void {
    for (const call of this.calls()) {
      if (!call.isAwaited) continue
      call.answered = true
      if (interrupt) call.fiber?.interruptUnsafe()
    }
  }

  /** The running calls, as they are now. */
  calls(): ReadonlyArray<ServerCall> {
    const calls: Array<ServerCall> = []
    for (let call = this.first; call !== undefined; call = call.next) calls.push(call)
    return calls
  }
}
