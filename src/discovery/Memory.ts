/**
 * A registry inside the process: for systems of one process, for tests, and for trying things out without a server. It
 * behaves as remote ones do: an announcement is a lease, renewed at a third of its time to live, and gone when nobody
 * renews it.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Instance } from "./Instance.ts"
import { Registry } from "./Registry.ts"
import { ResolveError, Resolver } from "./Resolver.ts"
import { Topic } from "./Topic.ts"

/** How announcements age. */
export interface Options {
  /** How long an announcement lives without renewal. Default 10 seconds. */
  readonly ttl?: Duration.Input | undefined
}

/** Both sides of one registry, and the faults that a test may want of it. */
export interface Memory {
  readonly registry: Registry["Service"]
  readonly resolver: Resolver["Service"]
  /** Stops the renewal of the announcements of the instance with this key, as when its process dies without a word. */
  readonly silence: (key: string) => Effect.Effect<void>
  /** Fails all watches that run now, as when the registry goes away for a moment. */
  readonly failWatches: (detail: string) => Effect.Effect<void>
}

/** A registry with nothing in it, alive until the scope closes. */
export const make = (options?: Options): Effect.Effect<Memory, never, Scope.Scope> =>
  Effect.gen(function* () {
    const ttl = Duration.toMillis(options?.ttl ?? "10 seconds")
    const clock = yield* Clock.Clock
    const leases = new Leases(ttl, clock)
    yield* Effect.forkScoped(expiry(leases, clock), { startImmediately: true })
    return {
      registry: Registry.of({
        announce: Effect.fnUntraced(function* (target, instance) {
          const lease = yield* Effect.acquireRelease(leases.grant(target, instance), leases.revoke)
          const renewal = Effect.andThen(Effect.sleep(ttl / 3), leases.renew(lease))
          yield* Effect.forkScoped(Effect.forever(renewal), { startImmediately: true })
        })
      }),
      resolver: Resolver.of({ watch: (target) => Stream.suspend(() => leases.topic(target).watch) }),
      silence: (key) => Effect.sync(() => leases.silence(key)),
      failWatches: leases.failWatches
    }
  })

/** One registry for all that is built over this layer value. */
export const layer = (options?: Options): Layer.Layer<Registry | Resolver> =>
  Layer.effectContext(
    Effect.map(make(options), ({ registry, resolver }) =>
      Context.make(Registry, registry).pipe(Context.add(Resolver, resolver))
    )
  )

/** Wakes when the next lease runs out, and waits for a lease while there is none. */
const expiry = (leases: Leases, clock: Clock.Clock): Effect.Effect<never> =>
  Effect.suspend(() => {
    const next = leases.nextExpiry()
    if (next === undefined) return leases.granted.await
    const left = next - clock.currentTimeMillisUnsafe()
    return left > 0 ? Effect.sleep(left) : leases.expire
  }).pipe(Effect.forever)

interface Lease {
  readonly target: string
  readonly instance: Instance
  /** Milliseconds since the epoch. */
  expiresAt: number
  silent: boolean
}

class Leases {
  /** Releases who waits for a first lease. */
  readonly granted = Latch.makeUnsafe(false)
  private readonly held = new Map<string, Map<string, Lease>>()
  private readonly topics = new Map<string, Topic>()
  private readonly ttl: number
  private readonly clock: Clock.Clock

  constructor(ttl: number, clock: Clock.Clock) {
    this.ttl = ttl
    this.clock = clock
  }

  topic(target: string): Topic {
    let topic = this.topics.get(target)
    if (topic === undefined) this.topics.set(target, (topic = new Topic()))
    return topic
  }

  readonly grant = (target: string, instance: Instance): Effect.Effect<Lease> =>
    Effect.suspend(() => {
      const lease = { target, instance, expiresAt: this.clock.currentTimeMillisUnsafe() + this.ttl, silent: false }
      return Effect.as(this.put(lease), lease)
    })

  /** A lease that has run out, because this process was held up, is granted again. */
  readonly renew = (lease: Lease): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (lease.silent) return Effect.void
      lease.expiresAt = this.clock.currentTimeMillisUnsafe() + this.ttl
      return this.held.get(lease.target)?.has(lease.instance.key) ? Effect.void : this.put(lease)
    })

  /** A lease that a later announcement of the same instance has replaced changes nothing. */
  readonly revoke = (lease: Lease): Effect.Effect<void> =>
    Effect.suspend(() => {
      lease.silent = true
      const leases = this.held.get(lease.target)
      if (leases?.get(lease.instance.key) !== lease) return Effect.void
      leases.delete(lease.instance.key)
      return this.publish(lease.target)
    })

  readonly expire: Effect.Effect<void> = Effect.suspend(() => {
    const now = this.clock.currentTimeMillisUnsafe()
    const changed: Array<string> = []
    for (const [target, leases] of this.held) {
      const before = leases.size
      for (const lease of leases.values()) if (lease.expiresAt <= now) leases.delete(lease.instance.key)
      if (leases.size !== before) changed.push(target)
    }
    return Effect.forEach(changed, (target) => this.publish(target), { discard: true })
  })

  readonly failWatches = (detail: string): Effect.Effect<void> =>
    Effect.suspend(() =>
      Effect.forEach(this.topics, ([target, topic]) => topic.fail(new ResolveError({ target, detail })), {
        discard: true
      })
    )

  nextExpiry(): number | undefined {
    let next: number | undefined
    for (const leases of this.held.values()) {
      for (const lease of leases.values()) next = Math.min(next ?? Infinity, lease.expiresAt)
    }
    return next
  }

  silence(key: string): void {
    for (const leases of this.held.values()) {
      const lease = leases.get(key)
      if (lease !== undefined) lease.silent = true
    }
  }

  private put(lease: Lease): Effect.Effect<void> {
    let leases = this.held.get(lease.target)
    if (leases === undefined) this.held.set(lease.target, (leases = new Map()))
    leases.set(lease.instance.key, lease)
    return Effect.andThen(this.publish(lease.target), this.granted.release)
  }

  private publish(target: string): Effect.Effect<void> {
    const leases = this.held.get(target)
    return this.topic(target).set(leases === undefined ? [] : Array.from(leases.values(), (lease) => lease.instance))
  }
}
