/** Service configs with one value or more replaced by others: each is a config that can be used, or an error with its place. */
import { assert, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as P2c from "../../src/balancing/P2c.ts"
import * as ServiceConfig from "../../src/grpc/ServiceConfig.ts"
import { GrpcProbe } from "../fixtures/GrpcProbe.ts"
import { inputs } from "./Budget.ts"
import { Random } from "./Random.ts"

const whole = {
  loadBalancingConfig: [{ grpclb: {} }, { round_robin: {} }],
  loadBalancingPolicy: "PICK_FIRST",
  methodConfig: [
    {
      name: [{ service: "test.Probe", method: "ask" }, { service: "other" }],
      timeout: "1.5s",
      waitForReady: true,
      maxRequestMessageBytes: "1024",
      maxResponseMessageBytes: 2048,
      retryPolicy: {
        maxAttempts: 4,
        initialBackoff: "0.1s",
        maxBackoff: "1s",
        backoffMultiplier: 2,
        retryableStatusCodes: ["UNAVAILABLE", 8],
        perAttemptRecvTimeout: "2s"
      }
    },
    { name: [{}], timeout: "3s" }
  ],
  retryThrottling: { maxTokens: 10, tokenRatio: 0.1 }
}

const others: ReadonlyArray<unknown> = [
  null,
  undefined,
  true,
  0,
  -1,
  1.5,
  1e308,
  NaN,
  Infinity,
  "",
  "x",
  "__proto__",
  "1s",
  "-1s",
  "99999999999999s",
  [],
  [null],
  {},
  { service: "test.Probe" },
  Object.create(null)
]

/** The same, with some of its values replaced. */
const mutate = (random: Random, value: unknown): unknown => {
  if (random.below(12) === 0) return random.pick(others)
  if (Array.isArray(value)) return value.map((item) => mutate(random, item))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mutate(random, member)]))
}

it("are configs or errors", () => {
  const random = new Random(7)
  let good = 0
  for (let i = 0; i < inputs; i++) {
    const json = mutate(random, whole)
    const result = ServiceConfig.parse(random.below(2) === 0 ? json : JSON.stringify(json))
    if (Result.isFailure(result)) {
      assert.strictEqual(result.failure._tag, "InvalidServiceConfig")
      assert.isAtMost(result.failure.message.length, 1000)
      continue
    }
    good++
    const found = ServiceConfig.find(result.success, GrpcProbe.methods.ask)
    for (const value of [found?.timeout, found?.retry?.initialBackoff, found?.retry?.maxBackoff]) {
      assert.isTrue(value === undefined || Number.isFinite(value), JSON.stringify(json))
    }
    assert.isTrue(found?.retry === undefined || (found.retry.maxAttempts >= 2 && found.retry.maxAttempts <= 5))
    assert.isFunction(ServiceConfig.policy(result.success, P2c.policy))
  }
  assert.isAbove(good, inputs / 100)
  assert.isBelow(good, inputs)
})
