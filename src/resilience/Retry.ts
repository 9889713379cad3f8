/** Makes a failed call again: when that is safe, when there is time, and when the budget allows it. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Pull from "effect/Pull"
import * as Schedule from "effect/Schedule"
import * as Call from "../Call.ts"
import * as CallOptions from "../CallOptions.ts"
import * as Layer from "../Layer.ts"
import * as Method from "../Method.ts"
import { isRpcError, isUnsent, type RpcError } from "../RpcError.ts"
import type { Service } from "../Service.ts"
import * as RetryBudget from "./RetryBudget.ts"

/** What may be retried, when, and how often. `Req` and `E` are the request and the failure that it looks at. */
export interface Policy<in Req = unknown, in E = unknown> {
  /** The pause before each retry; its end is the end of retrying. Entered at a call's first failure. */
  readonly schedule: Schedule.Schedule<unknown, E>
  /** Whether this failure of this request may be retried. Default `isSafe`; for `wrap`, that nothing was sent. */
  readonly isRetryable?: ((error: E, request: Req) => boolean) | undefined
  /** Made once for each layer or wrapped service; `Effect.succeed(budget)` shares one. Default `RetryBudget.make()`. */
  readonly budget?: Effect.Effect<RetryBudget.RetryBudget> | undefined
}

/** `times` retries; the pause starts at `first` (default 50 ms), doubles up to `longest` (default 5 s), 20 % jitter. */
export const backoff = (options: {
  readonly times: number
  readonly first?: Duration.Input | undefined
  readonly longest?: Duration.Input | undefined
}): Schedule.Schedule<Duration.Duration> => {
  const longest = Duration.fromInputUnsafe(options.longest ?? "5 seconds")
  return Schedule.exponential(options.first ?? "50 millis").pipe(
    Schedule.modifyDelay(({ duration }) => Effect.succeed(Duration.min(duration, longest))),
    Schedule.jittered,
    Schedule.upTo({ times: options.times })
  )
}

/** Two retries, three attempts in all, after about 50 and 100 ms, of what is safe to repeat. */
export const standard: Policy = { schedule: backoff({ times: 2 }) }

const unavailable = 14

/**
 * Safe to send again: nothing of the request reached a peer, or its method is idempotent and the instance was lost, said that
 * it is unavailable, or did not answer within the attempt's own deadline. Never a declared exception, which is a reply, nor
 * what a peer answered otherwise, nor the end of the whole call's time, nor a stream of requests of which some were taken.
 */
export const isSafe = (error: RpcError, call: Call.Call): boolean => {
  if (isUnsent(error)) return true
  if (!call.method.idempotent || Method.takesStream(call.method)) return false
  switch (error.reason._tag) {
    case "Unavailable":
      return true
    case "StatusError":
      return error.reason.code === unavailable
    case "DeadlineExceeded":
      return call.deadline === undefined || error.reason.deadline < call.deadline
    default:
      return false
  }
}

/**
 * Retries calls. Attempts count from 0; a retry carries the instances that failed, for the balancer to choose another, and is
 * not made when the call's deadline would pass before it or when the call's options say `retry: false`. What fails in the end
 * fails with the last error. A call that succeeds never meets the schedule.
 */
export const layer = (policy: Policy<Call.Call, RpcError>): Layer.Middleware =>
  Layer.middleware((inner) =>
    Effect.map(
      policy.budget ?? RetryBudget.make(),
      (budget) =>
        new Retrying(inner, policy.schedule, policy.isRetryable ?? isSafe, budget, {
          next: (call, error) => Call.nextAttempt(call, error.peer),
          deadline: (call) => call.deadline
        }).service
    )
  )

/** The value form, for a service of any kind: every retry gets the same request. */
export const wrap =
  <Req0, E0>(policy: Policy<Req0, E0>) =>
  <Req extends Req0, Res, E extends E0, R>(self: Service<Req, Res, E, R>): Service<Req, Res, E, R> => {
    const isRetryable = policy.isRetryable ?? ((error: E) => isRpcError(error) && isUnsent(error))
    const make = Effect.map(
      policy.budget ?? RetryBudget.make(),
      (budget) => new Retrying(self, policy.schedule, isRetryable, budget, sameRequest).service
    )
    let made: Service<Req, Res, E, R> | undefined
    return (request) =>
      made !== undefined ? made(request) : Effect.flatMap(make, (service) => (made ??= service)(request))
  }

/** What a retry has to know of requests. */
interface Requests<in out Req, in E> {
  readonly next: (request: Req, error: E) => Req
  /** Milliseconds since the epoch. */
  readonly deadline: (request: Req) => number | undefined
}

const sameRequest: Requests<any, unknown> = { next: (request) => request, deadline: () => undefined }

class Retrying<Req, Res, E, R> {
  private readonly inner: Service<Req, Res, E, R>
  private readonly schedule: Schedule.Schedule<unknown, E>
  private readonly isRetryable: (error: E, request: Req) => boolean
  private readonly budget: RetryBudget.RetryBudget
  private readonly requests: Requests<Req, E>

  constructor(
    inner: Service<Req, Res, E, R>,
    schedule: Schedule.Schedule<unknown, E>,
    isRetryable: (error: E, request: Req) => boolean,
    budget: RetryBudget.RetryBudget,
    requests: Requests<Req, E>
  ) {
    this.inner = inner
    this.schedule = schedule
    this.isRetryable = isRetryable
    this.budget = budget
    this.requests = requests
  }

  readonly service: Service<Req, Res, E, R> = (request) => {
    this.budget.deposit()
    const attempt = this.inner(request)
    return Exit.isExit(attempt) && Exit.isSuccess(attempt)
      ? attempt
      : Effect.catch(attempt, (error) => this.onFirstFailure(request, error))
  }

  private onFirstFailure(request: Req, error: E): Effect.Effect<Res, E, R> {
    if (!this.isRetryable(error, request)) return Effect.fail(error)
    return Effect.withFiber((fiber) =>
      fiber.getRef(CallOptions.CurrentOptions).retry
        ? Effect.flatMap(Schedule.toStep(this.schedule), (step) =>
            this.again(step, fiber.getRef(Clock.Clock), request, error)
          )
        : Effect.fail(error)
    )
  }

  private again(step: Step<E>, clock: Clock.Clock, request: Req, error: E): Effect.Effect<Res, E, R> {
    return Effect.flatMap(nextPause(step, clock, error), (pause) => {
      if (pause === undefined || this.isTooLate(request, clock, pause)) return Effect.fail(error)
      if (!this.budget.tryWithdraw()) return Effect.fail(error)
      const next = this.requests.next(request, error)
      return Effect.sleep(pause).pipe(
        Effect.flatMap(() => this.inner(next)),
        Effect.catch((error) =>
          this.isRetryable(error, next) ? this.again(step, clock, next, error) : Effect.fail(error)
        )
      )
    })
  }

  private isTooLate(request: Req, clock: Clock.Clock, pause: number): boolean {
    const deadline = this.requests.deadline(request)
    return deadline !== undefined && clock.currentTimeMillisUnsafe() + pause >= deadline
  }
}

type Step<E> = (now: number, input: E) => Pull.Pull<[unknown, Duration.Duration], never, unknown>

/** Milliseconds; undefined when the schedule is at its end. */
const nextPause = <E>(step: Step<E>, clock: Clock.Clock, error: E): Effect.Effect<number | undefined> =>
  Pull.matchEffect(step(clock.currentTimeMillisUnsafe(), error), {
    onSuccess: ([, pause]) => Effect.succeed(Duration.toMillis(pause)),
    onFailure: (cause) => Effect.failCause(cause),
    onDone: () => Effect.undefined
  })
