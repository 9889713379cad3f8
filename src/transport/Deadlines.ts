/**
 * Runs callbacks at instants, for the deadlines of calls in flight: most are cancelled long before. A hashed timing wheel
 * (Varghese and Lauck, SOSP 1987): setting and cancelling are O(1), and one sleep of the `Clock` serves all timers.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"

/** One callback to come. */
export interface Timer {
  /** Forgets the callback; nothing happens when it ran already. O(1). */
  readonly cancel: () => void
}

/** Milliseconds between two slots: a callback runs at its deadline or up to this much later, never before. */
export const resolution = 4

const slotCount = 1024

/** The timers of a process, or of whatever builds the layer. */
export class Deadlines extends Context.Service<
  Deadlines,
  {
    /** Milliseconds since the epoch, by the clock that drives the timers. */
    readonly now: () => number
    /** Runs `callback`, which must not throw, once `deadline` (milliseconds since the epoch) has passed. Infinity is never. */
    readonly schedule: (deadline: number, callback: () => void) => Timer
    /** Timers that have neither run nor been cancelled. */
    readonly pending: () => number
  }
>()("volant/transport/Deadlines") {}

/** Driven by the `Clock` of the layer's environment. Nothing ticks while no timer is set; closing the scope drops all. */
export const layer: Layer.Layer<Deadlines> = Layer.effect(
  Deadlines,
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const fork = Effect.runForkWith(yield* Effect.context<never>())
    const wheel = new Wheel(clock, (millis) => fork(clock.sleep(Duration.millis(millis))))
    yield* Effect.addFinalizer(() => Effect.sync(() => wheel.close()))
    return Deadlines.of({
      now: () => clock.currentTimeMillisUnsafe(),
      schedule: (deadline, callback) => wheel.schedule(deadline, callback),
      pending: () => wheel.pending
    })
  })
)

class Wheel {
  pending = 0
  private readonly clock: Clock.Clock
  private readonly sleep: (millis: number) => Fiber.Fiber<void>
  private readonly slots: Array<Entry | undefined> = new Array(slotCount).fill(undefined)
  /** The last tick whose slot has been emptied; a tick is `resolution` milliseconds. */
  private cursor = 0
  private sleeper: Fiber.Fiber<void> | undefined
  private wakeTick = 0
  private closed = false

  constructor(clock: Clock.Clock, sleep: (millis: number) => Fiber.Fiber<void>) {
    this.clock = clock
    this.sleep = sleep
  }

  schedule(deadline: number, callback: () => void): Timer {
    if (this.closed || deadline === Infinity) return idle
    if (this.pending === 0) this.cursor = Math.floor(this.clock.currentTimeMillisUnsafe() / resolution) - 1
    const entry = new Entry(this, Math.max(Math.ceil(deadline / resolution), this.cursor + 1), callback)
    this.link(entry)
    if (this.sleeper === undefined || entry.tick < this.wakeTick) this.wakeAt(entry.tick)
    return entry
  }

  close(): void {
    this.closed = true
    this.pending = 0
    this.slots.fill(undefined)
    this.stopSleeping()
  }

  unlink(entry: Entry): void {
    if (entry.previous === undefined) this.slots[entry.tick % slotCount] = entry.next
    else entry.previous.next = entry.next
    if (entry.next !== undefined) entry.next.previous = entry.previous
    this.pending--
  }

  private link(entry: Entry): void {
    const slot = entry.tick % slotCount
    const head = this.slots[slot]
    entry.next = head
    if (head !== undefined) head.previous = entry
    this.slots[slot] = entry
    this.pending++
  }

  /** Sleeps until `tick`, at most one turn of the wheel, so that cancelled timers do not keep a process for long. */
  private wakeAt(tick: number): void {
    this.stopSleeping()
    const now = this.clock.currentTimeMillisUnsafe()
    this.wakeTick = Math.min(tick, Math.floor(now / resolution) + slotCount)
    const sleeper = this.sleep(Math.max(1, this.wakeTick * resolution - now))
    this.sleeper = sleeper
    sleeper.addObserver(() => {
      if (this.sleeper !== sleeper) return
      this.sleeper = undefined
      this.advance()
    })
  }

  private stopSleeping(): void {
    const sleeper = this.sleeper
    this.sleeper = undefined
    sleeper?.interruptUnsafe()
  }

  private advance(): void {
    const tick = Math.floor(this.clock.currentTimeMillisUnsafe() / resolution)
    const due = this.takeUntil(tick)
    for (const entry of due) entry.run()
    if (this.pending === 0) return
    const next = this.nextTick()
    // A callback may have set a timer, and so a sleep, beyond those that were there before.
    if (this.sleeper === undefined || next < this.wakeTick) this.wakeAt(next)
  }

  private takeUntil(tick: number): ReadonlyArray<Entry> {
    const due: Array<Entry> = []
    const last = Math.min(tick, this.cursor + slotCount)
    for (let at = this.cursor + 1; at <= last; at++) {
      for (let entry = this.slots[at % slotCount]; entry !== undefined; entry = entry.next) {
        if (entry.tick <= tick) due.push(entry)
      }
    }
    for (const entry of due) this.unlink(entry)
    for (const entry of due) entry.linked = false
    this.cursor = Math.max(this.cursor, tick)
    return due.sort((a, b) => a.tick - b.tick)
  }

  /** The first slot that is not empty. Its timers may be due turns later; then waking up is for nothing, and cheap. */
  private nextTick(): number {
    for (let at = this.cursor + 1; at <= this.cursor + slotCount; at++) {
      if (this.slots[at % slotCount] !== undefined) return at
    }
    return this.cursor + slotCount
  }
}

class Entry implements Timer {
  next: Entry | undefined
  previous: Entry | undefined
  linked = true
  readonly tick: number
  private readonly wheel: Wheel
  private callback: (() => void) | undefined

  constructor(wheel: Wheel, tick: number, callback: () => void) {
    this.wheel = wheel
    this.tick = tick
    this.callback = callback
  }

  cancel(): void {
    if (this.callback === undefined) return
    this.callback = undefined
    if (this.linked) this.wheel.unlink(this)
    this.linked = false
  }

  run(): void {
    const callback = this.callback
    this.callback = undefined
    callback?.()
  }
}

const idle: Timer = { cancel: () => {} }
