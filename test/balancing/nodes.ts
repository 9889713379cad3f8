/** Links and nodes that a test holds in its hand. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type { Call } from "../../src/Call.ts"
import * as Instance from "../../src/discovery/Instance.ts"
import { ResolveError, Resolver } from "../../src/discovery/Resolver.ts"
import { Topic } from "../../src/discovery/Topic.ts"
import * as Method from "../../src/Method.ts"
import * as Reply from "../../src/Reply.ts"
import { RpcError, Unavailable } from "../../src/RpcError.ts"
import type { Node } from "../../src/balancing/Policy.ts"
import { Connector, type Link } from "../../src/transport/Connector.ts"

export const echo = Method.unary<string, string>({ contract: "Echo", name: "echo", codec: { protocol: "none" } })

/** Instances 1, 2, ... of one host, with a weight each. */
export const at = (port: number, weight?: number): Instance.Instance =>
  Instance.make({ _tag: "Tcp", host: "host", port }, { weight })

export const portOf = (node: { readonly instance: Instance.Instance }): number =>
  Number(node.instance.key.split(":")[1])

/** A node whose load is a number. */
export class FixedNode implements Node {
  readonly instance: Instance.Instance
  inFlight = 0
  reachable = true
  constructor(port: number, weight?: number) {
    this.instance = at(port, weight)
  }
  load = () => this.inFlight
  isReachable = () => this.reachable
  endpoint = () => Effect.succeed(Reply.succeed(portOf(this)))
}

/** A resolver that says what the test tells it, and nothing before that. */
export class FakeResolver {
  readonly watched: Array<string> = []
  private readonly topic = new Topic()
  private readonly told = Latch.makeUnsafe(false)
  private broken: string | undefined

  static of(instances: ReadonlyArray<Instance.Instance>) {
    const resolver = new FakeResolver()
    return Effect.as(resolver.set(...instances), resolver)
  }

  readonly set = (...instances: ReadonlyArray<Instance.Instance>) =>
    Effect.andThen(this.topic.set(instances), this.told.open)

  /** Fails the watches that run and those to come, until it is mended. */
  readonly break = (detail: string) =>
    Effect.suspend(() => {
      this.broken = detail
      return this.topic.fail(new ResolveError({ target: "echo", detail }))
    })

  readonly mend = Effect.sync(() => {
    this.broken = undefined
  })

  readonly layer = Layer.succeed(Resolver, {
    watch: (target) => {
      this.watched.push(target)
      return this.broken === undefined
        ? Stream.unwrap(Effect.as(this.told.await, this.topic.watch))
        : Stream.fail(new ResolveError({ target, detail: this.broken }))
    }
  })
}

/** Opens links whose calls wait until the test answers them, or are answered at once with the port of the instance. */
export class FakeConnector {
  readonly opened: Array<number> = []
  readonly closed: Array<number> = []
  /** What was in flight on a link when it was closed. */
  readonly lost: Array<number> = []
  readonly received: Array<readonly [port: number, call: Call]> = []
  /** Calls to these wait until they are released. */
  readonly holding = new Set<number>()
  readonly refusing = new Set<number>()
  /** Opening a link waits for this. */
  gate: Effect.Effect<void, RpcError> = Effect.void
  /** What answering a call takes. */
  work: Effect.Effect<void> = Effect.void
  private readonly held = new Map<number, Array<Deferred.Deferred<void>>>()

  /** Ends the calls that wait at this port. */
  readonly release = (port: number) =>
    Effect.suspend(() => {
      const waiting = this.held.get(port) ?? []
      this.held.delete(port)
      return Effect.forEach(waiting, (deferred) => Deferred.succeed(deferred, undefined), { discard: true })
    })

  /** Whether calls wait where there is no instance. */
  waits: boolean | undefined

  readonly layer = Layer.succeed(Connector, {
    waits: () => this.waits === true,
    open: (instance) => {
      const port = portOf({ instance })
      const counter = { inFlight: 0 }
      return this.gate.pipe(
        Effect.andThen(
          Effect.acquireRelease(
            Effect.sync((): Link => {
              this.opened.push(port)
              return {
                endpoint: (call) => this.answer(port, call, counter, instance.key),
                inFlight: () => counter.inFlight
              }
            }),
            () =>
              Effect.sync(() => {
                this.closed.push(port)
                if (counter.inFlight > 0) this.lost.push(port)
              })
          )
        )
      )
    }
  })

  private answer(port: number, call: Call, counter: { inFlight: number }, peer: string) {
    return Effect.suspend(() => {
      this.received.push([port, call])
      if (this.refusing.has(port)) {
        const reason = new Unavailable({ unsent: true, detail: "connection refused", noConnection: this.waits })
        return Effect.fail(new RpcError({ method: call.method.fullName, peer, reason }))
      }
      counter.inFlight++
      const deferred = Deferred.makeUnsafe<void>()
      if (this.holding.has(port)) this.held.set(port, [...(this.held.get(port) ?? []), deferred])
      else Deferred.doneUnsafe(deferred, Effect.void)
      return Deferred.await(deferred).pipe(
        Effect.andThen(this.work),
        Effect.as(Reply.succeed(port)),
        Effect.ensuring(Effect.sync(() => counter.inFlight--))
      )
    })
  }
}
