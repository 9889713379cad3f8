/** A node over a link that is opened when the first call goes there. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { Call } from "../Call.ts"
import type { Instance } from "../discovery/Instance.ts"
import type { Endpoint } from "../Endpoint.ts"
import { isRpcError, RpcError } from "../RpcError.ts"
import type { Connector, Link } from "../transport/Connector.ts"
import { unsent } from "../transport/Exchange.ts"
import type { Node } from "./Policy.ts"

/** What nodes of one balancer share. */
export interface Ground {
  readonly connector: Connector["Service"]
  /** Links are opened with these services, not with those of the call that happens to be first. */
  readonly context: Context.Context<never>
  readonly scope: Scope.Scope
}

/** An instance of a balancer with the link to it, which is opened by the first call and shared by all. */
export class LinkNode implements Node {
  /** Weight and tags may change while the instance stays. */
  instance: Instance
  private readonly ground: Ground
  private readonly scope: Scope.Closeable
  private link: Link | undefined
  private opening: Fiber.Fiber<Link, RpcError> | undefined
  private waiting = 0

  constructor(instance: Instance, ground: Ground) {
    this.instance = instance
    this.ground = ground
    this.scope = Scope.forkUnsafe(ground.scope)
  }

  load = (): number => (this.link === undefined ? this.waiting : this.link.inFlight() + this.waiting)

  isReachable = (): boolean => this.link?.isReachable === undefined || this.link.isReachable()

  endpoint: Endpoint["Service"] = (call) => (this.link === undefined ? this.open(call) : this.link.endpoint(call))

  /** Closes the link when the calls in flight on it have ended, or after `patience` milliseconds. */
  retire(patience: number): Effect.Effect<void> {
    // A call that was just given this node may not be counted yet: never look before the first pause.
    const idle = (pause: number): Effect.Effect<void> =>
      Effect.flatMap(Effect.sleep(pause), () => (this.load() === 0 ? Effect.void : idle(Math.min(pause * 2, 250))))
    return Effect.andThen(Effect.timeoutOption(idle(5), patience), Scope.close(this.scope, Exit.void))
  }

  private open(call: Call) {
    return Effect.suspend(() => {
      this.waiting++
      return Effect.flatMap(
        Effect.onExit(Fiber.await(this.opening ?? this.startOpening()), () => {
          this.waiting--
          return Effect.void
        }),
        (exit) => (Exit.isSuccess(exit) ? exit.value.endpoint(call) : Effect.fail(this.failure(call, exit)))
      )
    })
  }

  /** The fiber is the link's, not the call's: an interrupted call leaves it running for the next one. */
  private startOpening(): Fiber.Fiber<Link, RpcError> {
    const scope = Scope.forkUnsafe(this.scope)
    const opened = this.ground.connector.open(this.instance, { waits: false }).pipe(
      Scope.provide(scope),
      Effect.onExit((exit) => {
        this.opening = undefined
        if (Exit.isFailure(exit)) return Scope.close(scope, exit)
        this.link = exit.value
        return Effect.void
      })
    )
    const fiber = Fiber.runIn(Effect.runForkWith(this.ground.context)(opened), this.scope)
    if (fiber.pollUnsafe() === undefined) this.opening = fiber
    return fiber
  }

  private failure(call: Call, exit: Exit.Failure<Link, RpcError>): RpcError {
    const [reason] = exit.cause.reasons
    const error = reason !== undefined && reason._tag === "Fail" ? reason.error : undefined
    return new RpcError({
      method: call.method.fullName,
      peer: this.instance.key,
      reason: isRpcError(error) ? error.reason : unsent("no link to the instance could be opened", exit.cause)
    })
  }
}
