/**
 * The endpoint over all instances of a target: follows the resolver, holds one link an instance, and sends each call to the
 * node that the policy's picker chooses.
 */
import { isArrayNonEmpty } from "effect/Array"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Call } from "../Call.ts"
import * as Instance from "../discovery/Instance.ts"
import { type ResolveError, Resolver, type Snapshot } from "../discovery/Resolver.ts"
import { Endpoint } from "../Endpoint.ts"
import { DeadlineExceeded, NoInstance, Overloaded, type Reason, RpcError } from "../RpcError.ts"
import { Connector } from "../transport/Connector.ts"
import { type Ground, LinkNode } from "./LinkNode.ts"
import type { Node, Picker, Policy } from "./Policy.ts"
import { pause, Waiting } from "./Waiting.ts"

/** What a balancer does apart from its policy's choices. */
export interface Options {
  /** How long the calls in flight at an instance that left may go on before its link is closed. Default 30 seconds. */
  readonly drain?: Duration.Input | undefined
  /** Calls that may wait for an instance that can be reached, where the connector lets them; more fail with Overloaded. Default 16,384. */
  readonly maxWaiting?: number | undefined
}

/**
 * Balances calls to `target`. Links are opened when first used; an instance that leaves gets no more calls, and its link is
 * closed when those in flight there have ended. While the resolver fails, the last snapshot holds and the watch is tried
 * again with backoff. The first snapshot is awaited up to the call's deadline. A call fails with `NoInstance` when the set
 * is empty, all weights are 0, or the resolver failed before it gave a first snapshot; where the connector lets it wait
 * (`GrpcClient` with `waitForReady`), it waits up to its deadline for an instance that takes calls and can be reached.
 *
 * Built anew wherever it stands, as a middleware is, since what it holds belongs to the connector below.
 */
export const layer = (
  target: string,
  policy: Policy,
  options?: Options
): Layer.Layer<Endpoint, never, Resolver | Connector> =>
  Layer.fromBuild((_memoMap, scope) =>
    Effect.gen(function* () {
      const resolver = yield* Resolver
      const context = yield* Effect.context<never>()
      const ground: Ground = { connector: yield* Connector, context, scope }
      const balancer = new Balancer(target, policy, yield* Random.Random, options, ground)
      yield* Scope.addFinalizer(scope, balancer.close)
      yield* Effect.forkIn(follow(target, resolver, balancer), scope, { startImmediately: true })
      return Context.make(Endpoint, balancer.endpoint)
    })
  )

const first = 100
const longest = 10_000

/** Watches for ever. The pause after a failure doubles from 100 ms to 10 s, with jitter, and starts over on success. */
const follow = (target: string, resolver: Resolver["Service"], balancer: Balancer): Effect.Effect<never> =>
  Effect.gen(function* () {
    const random = yield* Random.Random
    let pause = first
    while (true) {
      const exit = yield* resolver.watch(target).pipe(
        Stream.runForEach((snapshot) => {
          pause = first
          return balancer.apply(snapshot)
        }),
        Effect.exit
      )
      const detail = Exit.isFailure(exit) ? explain(exit.cause) : "the resolver ended its watch"
      yield* balancer.unresolved(detail)
      yield* Effect.logWarning(`cannot follow the instances of "${target}", will try again: ${detail}`)
      yield* Effect.sleep(pause * (0.8 + 0.4 * random.nextDoubleUnsafe()))
      pause = Math.min(pause * 2, longest)
    }
  })

const explain = (cause: Cause.Cause<ResolveError>): string => {
  const error = Cause.squash(cause)
  return error instanceof Error ? error.message : String(error)
}

/** How many instances that no snapshot has, but calls asked for by address, keep their link. */
const maxStrangers = 64
const maxRedraws = 4

class Balancer {
  private readonly target: string
  private readonly policy: Policy
  private readonly random: Random.Random
  private readonly drain: number
  private readonly ground: Ground
  private nodes = new Map<string, LinkNode>()
  private readonly strangers = new Map<string, LinkNode>()
  private eligible: ReadonlyArray<Node> = []
  private picker: Picker | undefined
  /** Why there is no picker. */
  private detail: string | undefined
  /** Opens when the resolver has given a first snapshot or failed. */
  private readonly answered = Latch.makeUnsafe(false)
  private isAnswered = false
  private readonly waits: ((call: Call) => boolean) | undefined
  private readonly waiting: Waiting
  private readonly maxWaiting: number
  private isClosed = false

  constructor(target: string, policy: Policy, random: Random.Random, options: Options | undefined, ground: Ground) {
    this.target = target
    this.policy = policy
    this.random = random
    this.drain = Duration.toMillis(options?.drain ?? "30 seconds")
    this.maxWaiting = options?.maxWaiting ?? 16_384
    this.ground = ground
    this.waits = ground.connector.waits
    const { context, scope } = ground
    const canTry = () => this.eligible.some((node) => node.isReachable())
    this.waiting = new Waiting({ limit: this.maxWaiting, canTry, context, scope })
  }

  /** What waits for an instance waits in vain. */
  readonly close = Effect.suspend(() => {
    this.isClosed = true
    this.detail ??= "the client has been closed"
    return Effect.andThen(this.answer, this.waiting.close)
  })

  readonly endpoint: Endpoint["Service"] = (call) =>
    this.picker !== undefined && call.attempt === 0 && call.instance === undefined && this.waits?.(call) !== true
      ? this.picker(call).endpoint(call)
      : this.sendOtherwise(call)

  /** Takes over a snapshot, all of it in one step. */
  apply(snapshot: Snapshot): Effect.Effect<void> {
    return Effect.suspend(() => {
      const before = this.nodes
      this.nodes = new Map()
      for (const instance of snapshot.instances) {
        const node = before.get(instance.key) ?? this.strangers.get(instance.key) ?? new LinkNode(instance, this.ground)
        node.instance = instance
        this.strangers.delete(instance.key)
        this.nodes.set(instance.key, node)
      }
      this.rebuild()
      const gone = Array.from(before).filter(([key]) => !this.nodes.has(key))
      return Effect.andThen(
        Effect.forEach(gone, ([, node]) => this.retire(node), { discard: true }),
        Effect.andThen(this.answer, this.waiting.wake)
      )
    })
  }

  /** The resolver failed: the last snapshot stays. */
  unresolved(detail: string): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.picker === undefined) this.detail = detail
      return this.answer
    })
  }

  private rebuild(): void {
    const eligible = Array.from(this.nodes.values()).filter((node) => node.instance.weight > 0)
    this.eligible = eligible
    this.picker = isArrayNonEmpty(eligible) ? this.policy(eligible, this.random) : undefined
    this.detail = this.nodes.size === 0 ? undefined : `the weight of all ${this.nodes.size} instances is 0`
  }

  private readonly answer = Effect.suspend(() => {
    this.isAnswered = true
    return this.answered.open
  })

  private retire(node: LinkNode): Effect.Effect<unknown> {
    return Effect.forkIn(node.retire(this.drain), this.ground.scope, { startImmediately: true })
  }

  /** A call that names its instance, may wait, comes before the first snapshot, finds nobody, or was tried before. */
  private sendOtherwise(call: Call): ReturnType<Endpoint["Service"]> {
    const mayWait = !this.isClosed && this.waits?.(call) === true
    if (call.instance !== undefined) return this.sendTo(call.instance, call, mayWait)
    if (this.picker !== undefined) {
      const node = call.attempt === 0 ? this.picker(call) : this.pickAgain(call, this.picker)
      const sent = node.endpoint(call)
      return mayWait ? this.orLater(call, sent, this.waiting.turn) : sent
    }
    if (!this.isAnswered) {
      const resolved = this.within(call, this.answered.await, () => "for the resolver's first answer")
      return Effect.flatMap(resolved, () => this.endpoint(call))
    }
    return mayWait
      ? this.sendLater(call, this.waiting.turn, undefined)
      : this.fail(call, new NoInstance({ target: this.target, detail: this.detail }))
  }

  /** Sends it again, later, when its instance could not be reached. One that refuses calls is not asked again. */
  private orLater(call: Call, sent: ReturnType<Endpoint["Service"]>, turn: Effect.Effect<void>) {
    return Effect.catch(sent, (error) =>
      error.reason._tag === "Unavailable" && error.reason.noConnection === true && !this.isClosed
        ? this.sendLater(call, turn, error)
        : Effect.fail(error)
    )
  }

  private sendLater(
    call: Call,
    turn: Effect.Effect<void>,
    refusal: RpcError | undefined
  ): ReturnType<Endpoint["Service"]> {
    const awaited = () => {
      const why = refusal === undefined ? this.detail : `${refusal.peer ?? "the last one"}: ${refusal.reason.message}`
      return `for an instance of "${this.target}" that can be reached${why === undefined ? "" : `; ${why}`}`
    }
    return Effect.suspend(() => {
      const limit = `${this.maxWaiting} calls that wait for an instance of "${this.target}"`
      return this.waiting.isFull
        ? this.fail(call, new Overloaded({ limit }))
        : Effect.flatMap(this.within(call, turn, awaited), () => this.endpoint(call))
    })
  }

  /** Prefers a node that no earlier attempt failed at: by the policy, and if that keeps choosing those, the least loaded. */
  private pickAgain(call: Call, picker: Picker): Node {
    let node = picker(call)
    for (let redraws = 0; redraws < maxRedraws && call.tried.includes(node.instance.key); redraws++) node = picker(call)
    if (!call.tried.includes(node.instance.key)) return node
    const untried = this.eligible.filter((other) => !call.tried.includes(other.instance.key))
    return untried.reduce((best, other) => (other.load() < best.load() ? other : best), untried[0] ?? node)
  }

  private sendTo(text: string, call: Call, mayWait: boolean) {
    const address = Instance.parseAddress(text)
    if (address === undefined) {
      const detail = `the call asks for "${text}", which is no address`
      return this.fail(call, new NoInstance({ target: this.target, detail }))
    }
    const key = Instance.formatAddress(address)
    const known = this.nodes.get(key) ?? this.strangers.get(key)
    const sent = known === undefined ? this.sendToStranger(address, key, call) : known.endpoint(call)
    return mayWait ? this.orLater(call, sent, Effect.sleep(pause)) : sent
  }

  private sendToStranger(address: Instance.Address, key: string, call: Call) {
    return Effect.suspend(() => {
      const node = this.strangers.get(key) ?? new LinkNode(Instance.make(address), this.ground)
      this.strangers.set(key, node)
      const [oldest] = this.strangers
      if (this.strangers.size <= maxStrangers || oldest === undefined) return node.endpoint(call)
      this.strangers.delete(oldest[0])
      return Effect.andThen(this.retire(oldest[1]), node.endpoint(call))
    })
  }

  /** Waits no longer than the call may. */
  private within(call: Call, awaited: Effect.Effect<void>, describe: () => string) {
    const { deadline } = call
    if (deadline === undefined) return awaited
    return Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.timeoutOrElse(awaited, {
        duration: Math.max(0, deadline - now),
        orElse: () => this.fail(call, new DeadlineExceeded({ deadline, detail: describe() }))
      })
    )
  }

  private fail(call: Call, reason: Reason) {
    return Effect.fail(new RpcError({ method: call.method.fullName, reason }))
  }
}
