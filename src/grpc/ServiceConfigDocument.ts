/** The service config as data, and how it is read from JSON. */
import * as Result from "effect/Result"
import * as RoundRobin from "../balancing/RoundRobin.ts"
import type { Policy } from "../balancing/Policy.ts"
import type * as Method from "../Method.ts"
import * as PickFirst from "./ClientPickFirst.ts"
import { InvalidServiceConfig, Place } from "./ServiceConfigJson.ts"
import * as StatusCode from "./StatusCode.ts"

/** When and how often a failed call is made again. */
export interface RetryPolicy {
  /** Attempts in all, 2 to 5. The JSON may say more; five are the most. */
  readonly maxAttempts: number
  /** Milliseconds. The pause before retry n is `initialBackoff * backoffMultiplier ^ (n - 1)`, give or take a fifth. */
  readonly initialBackoff: number
  /** Milliseconds; no pause is longer, but for the fifth. */
  readonly maxBackoff: number
  readonly backoffMultiplier: number
  /** Codes of `grpc-status` after which a call is made again. Not empty unless there is a `perAttemptTimeout`. */
  readonly retryableStatusCodes: ReadonlySet<number>
  /** Milliseconds that each attempt may take. One that takes longer is made again. */
  readonly perAttemptTimeout: number | undefined
}

/** How methods are called. */
export interface MethodConfig {
  /** Milliseconds for all attempts together. An earlier deadline of the call holds. */
  readonly timeout: number | undefined
  /** Calls wait for a connection instead of failing at once when there is none. */
  readonly waitForReady: boolean | undefined
  readonly retry: RetryPolicy | undefined
  /** Bytes of a request, before compression. */
  readonly maxRequestMessageBytes: number | undefined
  /** Bytes of a reply, after decompression. */
  readonly maxResponseMessageBytes: number | undefined
}

/** Stops retries while many calls fail: one token is lost with each failure, `tokenRatio` is won with each success. */
export interface RetryThrottling {
  /** There are so many at first and at most; at half of them or less nothing is retried. */
  readonly maxTokens: number
  readonly tokenRatio: number
}

/** The parsed document. */
export interface ServiceConfig {
  /** By `service/method`; `service/` is for all of its methods, and the empty text for all services. */
  readonly methods: ReadonlyMap<string, MethodConfig>
  readonly retryThrottling: RetryThrottling | undefined
  /** Names of balancing policies, the best first: `round_robin`, `pick_first`, and others that we may not have. */
  readonly loadBalancing: ReadonlyArray<string>
}

/** Says nothing about anything. */
export const empty: ServiceConfig = { methods: new Map(), retryThrottling: undefined, loadBalancing: [] }

/**
 * Reads the JSON text, or what `JSON.parse` made of it. What is not known is ignored, as the format demands; among that are
 * `healthCheckConfig` and, for now, `hedgingPolicy`.
 */
export const parse = (json: unknown): Result.Result<ServiceConfig, InvalidServiceConfig> => {
  try {
    return Result.succeed(parseUnsafe(json))
  } catch (error) {
    if (error instanceof InvalidServiceConfig) return Result.fail(error)
    throw error
  }
}

/** The same; throws `InvalidServiceConfig`. */
export const parseUnsafe = (json: unknown): ServiceConfig => {
  const root = new Place("", typeof json === "string" ? parseText(json) : json)
  return {
    methods: readMethods(root.member("methodConfig")),
    retryThrottling: root.member("retryThrottling").optional(readThrottling),
    loadBalancing: readLoadBalancing(root)
  }
}

/** What is said of a method, by the most specific name; undefined is nothing. */
export const find = (self: ServiceConfig, method: Method.Any): MethodConfig | undefined =>
  self.methods.get(`${method.contract}/${method.name}`) ??
  self.methods.get(`${method.contract}/`) ??
  self.methods.get("")

/** The first of the named balancing policies that we have; `otherwise` where none is. */
export const policy = (self: ServiceConfig, otherwise: Policy): Policy => {
  for (const name of self.loadBalancing) {
    if (name === "round_robin") return RoundRobin.policy
    if (name === "pick_first") return PickFirst.policy
  }
  return otherwise
}

const parseText = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new InvalidServiceConfig({ path: "", detail: `it is no JSON: ${(error as Error).message}` })
  }
}

const readMethods = (list: Place): ReadonlyMap<string, MethodConfig> => {
  const methods = new Map<string, MethodConfig>()
  for (const place of list.list()) {
    const config = readMethod(place)
    for (const name of place.member("name").list()) {
      const key = readName(name)
      if (methods.has(key)) name.fail(`"${key}" has been configured above`)
      methods.set(key, config)
    }
  }
  return methods
}

const readName = (place: Place): string => {
  const service = place.member("service").optional((it) => it.text()) ?? ""
  const method = place.member("method").optional((it) => it.text()) ?? ""
  if (service !== "") return `${service}/${method}`
  if (method !== "") place.fail("a method is named without its service")
  return ""
}

const readMethod = (place: Place): MethodConfig => {
  const bytes = (it: Place) => it.number("a number of bytes", (value) => Number.isSafeInteger(value) && value >= 0)
  const retry = place.member("retryPolicy").optional(readRetry)
  if (retry !== undefined && !place.member("hedgingPolicy").isAbsent) {
    place.fail("retryPolicy and hedgingPolicy exclude each other")
  }
  return {
    timeout: place.member("timeout").optional((it) => it.duration("a duration")),
    waitForReady: place.member("waitForReady").optional((it) => it.flag()),
    retry,
    maxRequestMessageBytes: place.member("maxRequestMessageBytes").optional(bytes),
    maxResponseMessageBytes: place.member("maxResponseMessageBytes").optional(bytes)
  }
}

/** More attempts than these are never made, whatever the document says (gRFC A6). */
const mostAttempts = 5

const readRetry = (place: Place): RetryPolicy => {
  const attempts = place.member("maxAttempts").number("a whole number of 2 or more", (value) => {
    return Number.isInteger(value) && value >= 2
  })
  const codes = place.member("retryableStatusCodes")
  const retryable = new Set(codes.list().map(readCode))
  const perAttemptTimeout = place.member("perAttemptRecvTimeout").optional((it) => it.duration("a positive duration"))
  if (retryable.size === 0 && perAttemptTimeout === undefined) codes.fail("it must name at least one status")
  return {
    maxAttempts: Math.min(attempts, mostAttempts),
    initialBackoff: place.member("initialBackoff").duration("a positive duration"),
    maxBackoff: place.member("maxBackoff").duration("a positive duration"),
    backoffMultiplier: place.member("backoffMultiplier").number("a number above 0", isPositive),
    retryableStatusCodes: retryable,
    perAttemptTimeout
  }
}

/** By the name, in any case, or by the number. */
const readCode = (place: Place): number => {
  const { value } = place
  const code = typeof value === "string" ? StatusCode.fromName(value.toUpperCase()) : value
  if (typeof code === "number" && StatusCode.isStatusCode(code)) return code
  return place.refuse("the name or the number of a gRPC status")
}

const readThrottling = (place: Place): RetryThrottling => ({
  maxTokens: place.member("maxTokens").number("a number above 0, up to 1000", (value) => value > 0 && value <= 1000),
  tokenRatio: place.member("tokenRatio").number("a number above 0", isPositive)
})

const isPositive = (value: number): boolean => value > 0 && Number.isFinite(value)

const readLoadBalancing = (root: Place): ReadonlyArray<string> => {
  const names = root
    .member("loadBalancingConfig")
    .list()
    .map((place) => {
      const keys = Object.keys(place.object())
      return keys.length === 1 ? keys[0]! : place.fail("expected an object with one member, the policy's name")
    })
  if (names.length > 0) return names
  const older = root.member("loadBalancingPolicy").optional((it) => it.text())
  return older === undefined ? [] : [older.toLowerCase()]
}
