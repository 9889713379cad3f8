/** A service config as middleware: deadlines, waiting and retries, method by method. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Call from "../Call.ts"
import { Endpoint } from "../Endpoint.ts"
import * as Layer from "../Layer.ts"
import * as Method from "../Method.ts"
import { isUnsent, type RpcError } from "../RpcError.ts"
import * as Retry from "../resilience/Retry.ts"
import type { RetryBudget } from "../resilience/RetryBudget.ts"
import * as Timeout from "../resilience/Timeout.ts"
import * as ClientFailure from "./ClientFailure.ts"
import * as ClientOptions from "./ClientOptions.ts"
import * as Document from "./ServiceConfigDocument.ts"
import * as Status from "./Status.ts"

/**
 * Does what the config says of each method: sets the deadline, makes calls wait for a connection, and retries. Retries are
 * those of the config alone: codes that it names are retried whether the method is idempotent or not, and what was not sent
 * is too. A peer's `grpc-retry-pushback-ms` replaces the pause, or ends the retrying. Once a response has begun, and once a
 * stream of requests has, nothing is retried. Stands where a Timeout and a Retry would.
 */
export const layer = (config: Document.ServiceConfig): Layer.Middleware =>
  Layer.middleware((inner) => make(config, inner))

/**
 * The same by configs that change, from a registry or a file for example. Until the first one comes, calls go down as they
 * are; a call under way keeps the config that it began with. A stream that fails or ends is logged, and the last config stays.
 */
export const layerChanges = <E, R>(configs: Stream.Stream<Document.ServiceConfig, E, R>): Layer.Middleware<never, R> =>
  Layer.middleware<never, R | Scope.Scope>((inner) =>
    Effect.gen(function* () {
      let current = inner
      const follow = Stream.runForEach(configs, (config) =>
        Effect.map(make(config, inner), (endpoint) => {
          current = endpoint
        })
      )
      const ended = Effect.matchCauseEffect(follow, {
        onSuccess: () => Effect.logInfo("no further service configs will come; the last one stays"),
        onFailure: (cause) =>
          Effect.logWarning("service configs cannot be followed any more; the last one stays", cause)
      })
      yield* Effect.forkScoped(ended, { startImmediately: true })
      return (call: Call.Call) => current(call)
    })
  ) as Layer.Middleware<never, R>

/** What it makes is not to be released, so that any number of configs may follow one another. */
const make = (config: Document.ServiceConfig, inner: Endpoint["Service"]): Effect.Effect<Endpoint["Service"]> =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const throttle = new Throttle(config.retryThrottling)
    const endpoints = new Map<Document.MethodConfig, Endpoint["Service"]>()
    for (const method of config.methods.values()) {
      if (!endpoints.has(method)) endpoints.set(method, yield* makeEndpoint(method, inner, throttle, clock))
    }
    const known = new WeakMap<Call.Call["method"], Endpoint["Service"]>()
    return (call: Call.Call) => {
      let endpoint = known.get(call.method)
      if (endpoint === undefined) {
        const found = Document.find(config, call.method)
        known.set(call.method, (endpoint = (found && endpoints.get(found)) ?? inner))
      }
      return endpoint(call)
    }
  })

const makeEndpoint = (
  config: Document.MethodConfig,
  inner: Endpoint["Service"],
  throttle: Throttle,
  clock: Clock.Clock
) =>
  Effect.gen(function* () {
    const { retry, timeout } = config
    const retrying = retry === undefined ? inner : yield* retries(retry, inner, throttle)
    const tags = ClientOptions.tagsOf({
      waitForReady: config.waitForReady,
      maxSend: config.maxRequestMessageBytes,
      maxReceive: config.maxResponseMessageBytes
    })
    return (call: Call.Call) => {
      const tagged = ClientOptions.withTags(call, tags)
      return retrying(
        timeout === undefined ? tagged : Call.withDeadline(tagged, clock.currentTimeMillisUnsafe() + timeout)
      )
    }
  })

const retries = (policy: Document.RetryPolicy, inner: Endpoint["Service"], throttle: Throttle) =>
  Effect.gen(function* () {
    const retry = Retry.layer({
      schedule: makeSchedule(policy, yield* Random.Random),
      isRetryable: (error, call) => isRetryable(policy, call, error) && canRepeat(call, error),
      budget: Effect.succeed(throttle.budget)
    })
    const { perAttemptTimeout } = policy
    const stack = perAttemptTimeout === undefined ? retry : Layer.stack([retry, Timeout.layer(perAttemptTimeout)])
    const counted = throttle.isOn ? count(policy, inner, throttle) : inner
    // A retry and a timeout hold nothing that would have to be released.
    const built = yield* Effect.scoped(Layer.build(Layer.provide(stack, Layer.succeed(Endpoint, counted))))
    return Context.get(built, Endpoint)
  })

/** The stream of requests of a call cannot be had a second time, so that none of them may have been taken. */
const canRepeat = ({ method }: Call.Call, error: RpcError): boolean => !Method.takesStream(method) || isUnsent(error)

/** That the time of one attempt was over, and not that of the call. */
const isSlowAttempt = (policy: Document.RetryPolicy, { deadline }: Call.Call, { reason }: RpcError): boolean =>
  policy.perAttemptTimeout !== undefined &&
  reason._tag === "DeadlineExceeded" &&
  (deadline === undefined || reason.deadline < deadline)

const isRetryable = (policy: Document.RetryPolicy, call: Call.Call, error: RpcError): boolean => {
  if (ClientFailure.pushback(error) === -1 || ClientFailure.isCommitted(error)) return false
  if (isSlowAttempt(policy, call, error)) return true
  return isUnsent(error) || policy.retryableStatusCodes.has(Status.fromReason(error.reason).code)
}

/** Pauses that double, or grow otherwise, with a fifth of jitter; a peer's wish replaces one, and growing begins anew. */
const makeSchedule = (
  { backoffMultiplier, initialBackoff, maxAttempts, maxBackoff }: Document.RetryPolicy,
  random: typeof Random.Random.Service
): Schedule.Schedule<unknown, RpcError> =>
  Schedule.upTo(
    Schedule.fromStep(
      Effect.sync(() => {
        let failures = 0
        return (_now: number, error: RpcError) => {
          const wish = ClientFailure.pushback(error)
          if (wish !== undefined) failures = 0
          const pause = Math.min(initialBackoff * backoffMultiplier ** failures, maxBackoff)
          if (wish === undefined) failures++
          const jittered = pause * (0.8 + 0.4 * random.nextDoubleUnsafe())
          return Effect.succeed<[undefined, Duration.Duration]>([undefined, Duration.millis(wish ?? jittered)])
        }
      })
    ),
    { times: maxAttempts - 1 }
  )

const count = (policy: Document.RetryPolicy, inner: Endpoint["Service"], throttle: Throttle) => {
  return (call: Call.Call) =>
    Effect.matchEffect(inner(call), {
      onSuccess: (reply) => {
        throttle.succeeded()
        return Effect.succeed(reply)
      },
      onFailure: (error) => {
        if (ClientFailure.pushback(error) === -1 || isRetryable(policy, call, error)) throttle.failed()
        return Effect.fail(error)
      }
    })
}

/** The tokens of one client (gRFC A6, "Throttling Retry Attempts and Hedged RPCs"). */
class Throttle {
  private readonly settings: Document.RetryThrottling | undefined
  private tokens: number

  constructor(settings: Document.RetryThrottling | undefined) {
    this.settings = settings
    this.tokens = settings?.maxTokens ?? 0
  }

  get isOn(): boolean {
    return this.settings !== undefined
  }

  succeeded(): void {
    const { settings } = this
    if (settings !== undefined) this.tokens = Math.min(settings.maxTokens, this.tokens + settings.tokenRatio)
  }

  failed(): void {
    this.tokens = Math.max(0, this.tokens - 1)
  }

  readonly budget: RetryBudget = {
    deposit: () => {},
    tryWithdraw: () => this.settings === undefined || this.tokens > this.settings.maxTokens / 2,
    balance: () => (this.settings === undefined ? Infinity : Math.max(0, this.tokens - this.settings.maxTokens / 2))
  }
}
