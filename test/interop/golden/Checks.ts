/** What our client asks of another's golden.Svc: what the peers' clients ask of ours. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as CallOptions from "../../../src/CallOptions.ts"
import * as Contract from "../../../src/Contract.ts"
import type { Endpoint } from "../../../src/Endpoint.ts"
import * as Method from "../../../src/Method.ts"
import { isRpcError } from "../../../src/RpcError.ts"
import { Boom, Other, type Lists, type Prims, Svc, type SvcEchoArgs, type U } from "../../golden/gen/golden.ts"
import { same, show } from "../Values.ts"

/** What a peer cannot do, though the protocol can. */
export interface Quirks {
  /** C++ writes all unmarked fields of a struct, set or not. */
  readonly writesAll: boolean
  /** npm's thrift and C++ leave out, or invent, the type of an application exception. */
  readonly looseExceptions: boolean
}

interface Check {
  readonly name: string
  readonly run: Effect.Effect<void, unknown>
}

type Client = Svc["Service"]

const check = <A>(name: string, call: Effect.Effect<A, unknown>, look: (value: A) => void = () => {}): Check => ({
  name,
  run: Effect.map(call, look)
})

const fails = (name: string, call: Effect.Effect<unknown, unknown>, look: (error: unknown) => void): Check => ({
  name,
  run: Effect.matchEffect(call, {
    onSuccess: (value) => Effect.fail(new Error(`expected a failure, got ${show(value)}`)),
    onFailure: (error) => Effect.try({ try: () => look(error), catch: (cause) => cause })
  })
})

const least = -(2n ** 63n)

const texts = ["", "hi", "héllo 世界 \u{1f600}", "x".repeat(200_000)]
const thousand = Array.from({ length: 1000 }, (_, index) => BigInt(index - 500))
const idLists = [[], [0n], [1n, -1n, 2n ** 63n - 1n, least, 2n ** 53n + 1n], thousand]

const unions: ReadonlyArray<U> = [
  { _tag: "n", value: -1 },
  { _tag: "s", value: "" },
  { _tag: "l", value: [1, 2, 3] },
  { _tag: "e", value: {} },
  { _tag: "b", value: false },
  { _tag: "d", value: 0.5 },
  { _tag: "raw", value: Uint8Array.of(0, 255) },
  { _tag: "p", value: { l: least, bin: Uint8Array.of(0x80) } }
]

const lists: Lists = {
  bools: [true, false],
  ints: Array.from({ length: 20 }, (_, index) => index),
  longs: [1n, -2n, 2n ** 40n],
  doubles: [0.5, 0.25],
  strings: ["a", "é"],
  bins: [Uint8Array.of(0), Uint8Array.of(255)],
  empties: [{}, {}, {}],
  nested: [[], [1]]
}

const sums: Prims = { t: true, i: -7, s: 20, l: 2n ** 40n - 1n, d: 0.75, str: "aé", bin: Uint8Array.of(0, 255) }

/** The fields of `expected`, as `actual` has them. */
const project = <A extends object>(actual: A, expected: A): unknown =>
  Object.fromEntries(Object.entries(actual).filter(([key]) => Object.hasOwn(expected, key)))

const isUnion = (actual: U, expected: U, quirks: Quirks): void =>
  actual._tag === "p" && expected._tag === "p" && quirks.writesAll
    ? same(project(actual.value, expected.value), expected.value)
    : same(actual, expected)

const code = (error: unknown): number | undefined =>
  isRpcError(error) && error.reason._tag === "ApplicationError" ? error.reason.code : undefined

/** An application exception, of this type where the peer tells types. */
const isException = (error: unknown, type: number, quirks: Quirks): void =>
  quirks.looseExceptions ? same(typeof code(error), "number") : same(code(error), type)

/** A method that no peer has, with the codec of one that they all have; as a contract its short name is Svc as well. */
class Strange extends Contract.Service<Strange>()("strange.Svc", {
  noSuch: Method.unary<SvcEchoArgs, string>({
    name: "noSuch",
    contract: "strange.Svc",
    codec: Svc.methods.echo.codec
  })
}) {}

const basics = (svc: Client): ReadonlyArray<Check> => [
  check("ping", svc.ping({})),
  check("truth", svc.truth({}), (value) => same(value, true)),
  check("nothing", svc.nothing({})),
  check("fire", svc.fire({ what: "now" })),
  ...texts.map((s) => check(`echo(${show(s).slice(0, 20)})`, svc.echo({ s }), (back) => same(back, s))),
  ...idLists.map((ids) => check(`ids of ${ids.length}`, svc.ids({ ids }), (back) => same(back, ids.toReversed())))
]

const exceptions = (svc: Client, quirks: Quirks): ReadonlyArray<Check> => [
  fails("boom", svc.many({ a: 1, l: lists, flag: false }), (error) => {
    if (!(error instanceof Boom)) throw new Error(`not a Boom: ${show(error)}`)
    same([error.code, error.message], [-1, "boom"])
  }),
  fails("other", svc.many({ a: 2, l: lists, flag: false }), (error) => {
    if (!(error instanceof Other)) throw new Error(`not an Other: ${show(error)}`)
    same(error.p?.i, 1)
  }),
  fails("crash", svc.echo({ s: "crash" }), (error) => isException(error, 6, quirks))
]

const all = (svc: Client, strange: Strange["Service"], quirks: Quirks): ReadonlyArray<Check> => [
  ...basics(svc),
  ...unions.map((u) => check(`pick ${u._tag}`, svc.pick({ u }), (back) => isUnion(back, u, quirks))),
  check("many", svc.many({ a: -7, l: lists, flag: true }), (back) => same(project(back, sums), sums)),
  ...exceptions(svc, quirks),
  fails("unknown method", strange.noSuch({ s: "?" }), (error) => isException(error, 1, quirks)),
  check("still alive", svc.echo({ s: "alive" }), (back) => same(back, "alive")),
  check(
    "pipelined",
    Effect.forEach(["a", "b", "c", "d"], (s) => svc.echo({ s }), { concurrency: "unbounded" }),
    (back) => same(back, ["a", "b", "c", "d"])
  ),
  check(
    "1,000 at a time",
    Effect.forEach(thousand, (id) => svc.ids({ ids: [id, -id] }), { concurrency: "unbounded" }),
    (back) =>
      same(
        back,
        thousand.map((id) => [-id, id])
      )
  )
]

export interface Outcome {
  readonly passed: number
  readonly failures: ReadonlyArray<string>
}

/** Runs all checks against the service at `endpoint`, one after the other. */
export const run = (endpoint: Layer.Layer<Endpoint>, quirks: Quirks): Effect.Effect<Outcome> =>
  Effect.gen(function* () {
    const failures: Array<string> = []
    const checks = all(yield* Svc, yield* Strange, quirks)
    for (const { name, run } of checks) {
      const exit = yield* Effect.exit(CallOptions.withTimeout("10 seconds")(run))
      if (Exit.isFailure(exit)) failures.push(`${name}: ${String(Cause.squash(exit.cause))}`)
    }
    return { passed: checks.length - failures.length, failures }
  }).pipe(Effect.provide(Layer.mergeAll(Svc.client, Strange.client).pipe(Layer.provide(endpoint))))
