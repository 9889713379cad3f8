/**
 * Runs the calls of a server, whatever the protocol. A handler that ends at once costs one fiber that never suspends, or
 * none when its effect already is an Exit; only one that runs on is tracked, bounded and given a timer.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Scheduler from "effect/Scheduler"
import * as Call from "../Call.ts"
import type { Endpoint } from "../Endpoint.ts"
import type { Reply } from "../Reply.ts"
import type { Route } from "../Router.ts"
import { DeadlineExceeded, RpcError, Unavailable } from "../RpcError.ts"
import { Caller } from "./Caller.ts"
import type { Deadlines } from "./Deadlines.ts"
import type { ServerCall } from "./ServerCall.ts"
import * as SharedScheduler from "./SharedScheduler.ts"

/** How many handlers run side by side. */
export interface Options {
  /** Handlers running at once in all. Default 65,536. Beyond it connections are not read. */
  readonly concurrency: number
  /** Handlers running at once for one connection. Default 16,384. Beyond it the connection is not read. */
  readonly connectionConcurrency: number
}

/** 65,536 in all, 16,384 for one connection. */
export const defaultOptions: Options = { concurrency: 65_536, connectionConcurrency: 16_384 }

/** The calls of one server, over all of its connections. */
export class Dispatcher {
  readonly options: Options
  /** Handlers that have not ended. Those that end at once never count. */
  running = 0
  /** Succeeds once `drain` was called. */
  readonly draining: Effect.Effect<void>
  private readonly isDraining = Deferred.makeUnsafe<void>()
  private readonly endpoint: Endpoint["Service"]
  private readonly deadlines: Deadlines["Service"]
  private readonly scheduler: Scheduler.Scheduler
  private readonly callers = new Set<Caller>()
  private readonly queue: Array<Caller> = []
  private isStopping = false
  private onIdle: (() => void) | undefined

  constructor(
    endpoint: Endpoint["Service"],
    deadlines: Deadlines["Service"],
    scheduler: Scheduler.Scheduler,
    options: Options
  ) {
    this.endpoint = endpoint
    this.deadlines = deadlines
    this.scheduler = SharedScheduler.make(scheduler)
    this.options = options
    this.draining = Deferred.await(this.isDraining)
  }

  /** The calls of one connection. `onRoom` is called when `hasRoom` was false and there is room again. */
  caller(address: string, onRoom: () => void, identity?: Call.Identity): Caller {
    return new Caller(this, address, onRoom, identity)
  }

  /** As many handlers run as may in all. */
  get isFull(): boolean {
    return this.running >= this.options.concurrency
  }

  /** What the fibers of a route's handlers start with. To be made once and kept. */
  contextOf(route: Route): Context.Context<never> {
    return Context.add(route.context, Scheduler.Scheduler, this.scheduler)
  }

  /** Runs a call. It is answered before this returns when its handler ends at once. `context` is its route's. */
  run(call: ServerCall, context: Context.Context<never>): void {
    if (this.isStopping) return call.onFailure(stopping(call))
    if (call.deadline !== Infinity && call.deadline <= this.deadlines.now()) return call.onFailure(expired(call))
    let effect: Effect.Effect<Reply, RpcError>
    try {
      effect = this.endpoint(call.call)
    } catch (defect) {
      return this.settle(call, context, Exit.die(defect))
    }
    if (call.hasBody) effect = Effect.flatMap(effect, (reply) => call.sendBody(reply))
    if (Exit.isExit(effect)) return this.settle(call, context, effect as Exit.Exit<Reply, RpcError>)
    const fiber = Effect.runForkWith(Context.add(context, Call.Current, call.call))(effect)
    const exit = fiber.pollUnsafe()
    if (exit === undefined) this.suspend(call, context, fiber)
    else this.settle(call, context, exit)
  }

  /** Sets a timer for the deadline of a running call, in place of the one that it has. */
  arm(call: ServerCall): void {
    call.timer?.cancel()
    call.timer = call.deadline === Infinity ? undefined : this.deadlines.schedule(call.deadline, () => expire(call))
  }

  /** Its turn comes when another call ends. */
  enqueue(caller: Caller): void {
    if (caller.isQueued) return
    caller.isQueued = true
    this.queue.push(caller)
  }

  /** Succeeds when no handler runs any more. */
  readonly idle: Effect.Effect<void> = Effect.callback((resume) => {
    if (this.running === 0) return resume(Effect.void)
    this.onIdle = () => resume(Effect.void)
    return Effect.sync(() => {
      this.onIdle = undefined
    })
  })

  /** Lets handlers know that the server is about to end. Calls go on as before. */
  drain(): void {
    Deferred.doneUnsafe(this.isDraining, Exit.void)
  }

  /** From now on calls fail without having been run, and so do those that run: their handlers are interrupted. */
  stop(): void {
    this.isStopping = true
    for (const caller of Array.from(this.callers)) {
      for (const call of caller.calls()) {
        if (!call.answered) {
          call.answered = true
          call.onFailure(stopped(call))
        }
        call.fiber?.interruptUnsafe()
      }
    }
  }

  private suspend(call: ServerCall, context: Context.Context<never>, fiber: Fiber.Fiber<Reply, RpcError>): void {
    const { caller } = call
    call.fiber = fiber
    caller.add(call)
    if (caller.running === 1) this.callers.add(caller)
    this.running++
    if (call.deadline !== Infinity) this.arm(call)
    fiber.addObserver((exit) => this.end(call, context, exit))
  }

  private end(call: ServerCall, context: Context.Context<never>, exit: Exit.Exit<Reply, RpcError>): void {
    const { caller } = call
    call.timer?.cancel()
    caller.remove(call)
    if (caller.running === 0) this.callers.delete(caller)
    this.running--
    if (!call.answered) this.settle(call, context, exit)
    // Others first: a caller that took its own slot back at once would never let them in.
    this.resumeNext()
    caller.onEnd()
    if (this.running === 0) this.onIdle?.()
  }

  private resumeNext(): void {
    // Those that come back for more stand at the end of the queue.
    for (let left = this.queue.length; left > 0 && this.running < this.options.concurrency; left--) {
      this.queue.shift()!.onTurn()
    }
  }

  private settle(call: ServerCall, context: Context.Context<never>, exit: Exit.Exit<Reply, RpcError>): void {
    call.answered = true
    if (Exit.isSuccess(exit)) return call.onReply(exit.value)
    const error = Cause.findError(exit.cause)
    if (Result.isSuccess(error)) return call.onFailure(error.success)
    Effect.runForkWith(context)(Effect.logError(`${call.call.method.fullName}: the handler broke`, exit.cause))
    call.onDefect()
  }
}

const expire = (call: ServerCall): void => {
  if (!call.answered) {
    call.answered = true
    call.onFailure(expired(call))
  }
  call.fiber?.interruptUnsafe()
}

const expired = (call: ServerCall): RpcError =>
  new RpcError({ method: call.call.method.fullName, reason: new DeadlineExceeded({ deadline: call.deadline }) })

const stopping = (call: ServerCall): RpcError =>
  new RpcError({
    method: call.call.method.fullName,
    reason: new Unavailable({ unsent: true, detail: "the server shuts down and has not run the call" })
  })

const stopped = (call: ServerCall): RpcError =>
  new RpcError({
    method: call.call.method.fullName,
    reason: new Unavailable({ unsent: false, detail: "the server shut down while the call ran" })
  })
