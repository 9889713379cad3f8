/** What the client of the cross test asks, and what it takes for right: Apache's own clients ask the same. */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { isRpcError, isUnsent } from "../../../src/RpcError.ts"
import { type Insanity, Numberz, type SecondService, type ThriftTest, type Xtruct } from "./gen/ThriftTest.ts"
import { same, show } from "../Values.ts"

/** Bits of the client's exit code. */
export const bits = { base: 1, structs: 2, containers: 4, exceptions: 8, unknown: 64, timeout: 128 } as const

export interface Check {
  readonly name: string
  readonly bit: number
  readonly run: Effect.Effect<void, unknown>
  /** Old versions of the test have it not: a peer that says so passes. */
  readonly isUnknownToOld?: boolean
}

type Client = ThriftTest["Service"]

const words = 'Afrikaans, العربية, Беларуская, ᏣᎳᎩ, 日本語, ລາວ, 𐌲𐌿𐍄𐌹𐍃𐌺, \b\t\n/\\\r{}:パイソン"'
const least64 = -(2n ** 63n)
const most64 = 2n ** 63n - 1n

/** Each value must come back as it was sent. */
const echoes = <A>(
  name: string,
  bit: number,
  call: (thing: A) => Effect.Effect<unknown, unknown>,
  values: ReadonlyArray<A>
) =>
  values.map((thing): Check => ({
    name: `${name}(${show(thing).slice(0, 60)})`,
    bit,
    run: Effect.map(call(thing), (back) => same(back, thing))
  }))

const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index))

const baseTypes = (client: Client): ReadonlyArray<Check> => [
  { name: "testVoid()", bit: bits.base, run: Effect.asVoid(client.testVoid({})) },
  ...echoes("testString", bits.base, (thing) => client.testString({ thing }), ["", "Test", words, "x".repeat(100_000)]),
  ...echoes("testBool", bits.base, (thing) => client.testBool({ thing }), [true, false]),
  ...echoes("testByte", bits.base, (thing) => client.testByte({ thing }), [0, 1, -1, 127, -128]),
  ...echoes("testI32", bits.base, (thing) => client.testI32({ thing }), [0, -1, 190_000_013, 2 ** 31 - 1, -(2 ** 31)]),
  ...echoes("testI64", bits.base, (thing) => client.testI64({ thing }), [
    0n,
    -1n,
    7_000_000_000_000_000_123n,
    -34_359_738_368n,
    least64,
    most64
  ]),
  ...echoes("testDouble", bits.base, (thing) => client.testDouble({ thing }), [
    0,
    -5.209_852_3,
    -0.000_341_012_439_638_598_279,
    98_765_432.321,
    2 ** 53,
    Number.MIN_VALUE,
    Infinity
  ]),
  ...[0, 1, 7, 256, 4097, 131_073].map((size): Check => ({
    name: `testBinary(${size} bytes)`,
    bit: bits.base,
    run: Effect.map(client.testBinary({ thing: Buffer.alloc(size, bytes) }), (back) =>
      same(Buffer.from(back).toString("hex"), Buffer.alloc(size, bytes).toString("hex"))
    )
  })),
  ...echoes("testEnum", bits.structs, (thing) => client.testEnum({ thing }), [
    Numberz.ONE,
    Numberz.TWO,
    Numberz.THREE,
    Numberz.FIVE,
    Numberz.EIGHT
  ]),
  ...echoes("testTypedef", bits.structs, (thing) => client.testTypedef({ thing }), [309_858_235_082_523n])
]

/** Last, since servers of before 0.20 know neither the method nor the type: old ones in C++ close the connection. */
const uuids = (client: Client): ReadonlyArray<Check> =>
  echoes("testUuid", bits.base, (thing) => client.testUuid({ thing }), [
    "00112233-4455-6677-8899-aabbccddeeff",
    "00000000-0000-0000-0000-000000000000"
  ]).map((check) => ({ ...check, isUnknownToOld: true }))

const isRefusedByOld = (error: unknown): boolean => {
  const reason = isRpcError(error) ? error.reason : undefined
  return (reason?._tag === "ApplicationError" && reason.code === 1) || reason?._tag === "Unavailable"
}

const zero: Xtruct = { stringThing: "Zero", byteThing: 1, i32Thing: -3, i64Thing: -5n }

const structs = (client: Client): ReadonlyArray<Check> => [
  ...echoes("testStruct", bits.structs, (thing) => client.testStruct({ thing }), [zero]),
  ...echoes("testNest", bits.structs, (thing) => client.testNest({ thing }), [
    { byteThing: 1, structThing: zero, i32Thing: 5 }
  ]),
  {
    name: "testMulti",
    bit: bits.structs,
    run: Effect.map(
      client.testMulti({
        arg0: 42,
        arg1: 4242,
        arg2: 424_242n,
        arg3: new Map([
          [1, "blah"],
          [2, "thing"]
        ]),
        arg4: Numberz.EIGHT,
        arg5: 24n
      }),
      (back) => same(back, { stringThing: "Hello2", byteThing: 42, i32Thing: 4242, i64Thing: 424_242n })
    )
  },
  { name: "testInsanity", bit: bits.structs, run: Effect.map(client.testInsanity({ argument: insane }), isInsane) }
]

const insane: Insanity = {
  userMap: new Map([
    [Numberz.FIVE, 5n],
    [Numberz.EIGHT, 8n]
  ]),
  xtructs: [
    { stringThing: "Goodbye4", byteThing: 4, i32Thing: 4, i64Thing: 4n },
    { stringThing: "Hello2", byteThing: 2, i32Thing: 2, i64Thing: 2n }
  ]
}

const isInsane = (back: ReadonlyMap<bigint, ReadonlyMap<number, Insanity>>): void => {
  same([...back.keys()].sort(), [1n, 2n])
  same(
    back.get(1n),
    new Map([
      [Numberz.TWO, insane],
      [Numberz.THREE, insane]
    ])
  )
  const empty = back.get(2n)?.get(Numberz.SIX)
  // Some languages write empty containers where others write nothing.
  same([empty?.userMap?.size ?? 0, empty?.xtructs?.length ?? 0, back.get(2n)?.size], [0, 0, 1])
}

const containers = (client: Client): ReadonlyArray<Check> => [
  ...echoes("testMap", bits.containers, (thing) => client.testMap({ thing }), [
    new Map<number, number>(),
    new Map([
      [0, -10],
      [1, -9],
      [-1, 2 ** 31 - 1]
    ])
  ]),
  ...echoes("testStringMap", bits.containers, (thing) => client.testStringMap({ thing }), [
    new Map([
      ["a", "2"],
      ["b", "blah"],
      ["some", "thing"],
      [words, ""]
    ])
  ]),
  ...echoes("testSet", bits.containers, (thing) => client.testSet({ thing }), [
    new Set<number>(),
    new Set([-2, -1, 0, 1, 2])
  ]),
  ...echoes("testList", bits.containers, (thing) => client.testList({ thing }), [
    [],
    [-2, -1, 0, 1, 2],
    Array.from({ length: 10_000 }, (_, index) => index)
  ]),
  {
    name: "testMapMap",
    bit: bits.containers,
    run: Effect.map(client.testMapMap({ hello: 1 }), (back) =>
      same(
        new Map([...back].map(([key, row]) => [key, [...row].sort(([a], [b]) => a - b)])),
        new Map([
          [-4, [-4, -3, -2, -1].map((i) => [i, i])],
          [4, [1, 2, 3, 4].map((i) => [i, i])]
        ])
      )
    )
  }
]

const isLost = (error: unknown): boolean =>
  isRpcError(error) && (error.reason._tag === "Unavailable" || error.reason._tag === "DeadlineExceeded")

/** Runs a call that must fail, and looks at its failure. */
const failing = (name: string, call: Effect.Effect<unknown, unknown>, look: (error: unknown) => void): Check => ({
  name,
  bit: bits.exceptions,
  run: Effect.matchEffect(call, {
    onSuccess: (value) => Effect.fail(new Error(`expected a failure, got ${show(value)}`)),
    onFailure: (error) =>
      isLost(error) ? Effect.fail(error) : Effect.try({ try: () => look(error), catch: (cause) => cause })
  })
})

const fields = (error: unknown, keys: ReadonlyArray<string>): unknown =>
  Object.fromEntries(keys.map((key) => [key, Object(error)[key]]))

const exceptions = (client: Client): ReadonlyArray<Check> => [
  failing("testException(Xception)", client.testException({ arg: "Xception" }), (error) =>
    same(fields(error, ["_tag", "errorCode", "message"]), { _tag: "Xception", errorCode: 1001, message: "Xception" })
  ),
  failing("testException(TException)", client.testException({ arg: "TException" }), (error) =>
    same(isRpcError(error), true)
  ),
  {
    name: "testException(success)",
    bit: bits.exceptions,
    run: Effect.asVoid(client.testException({ arg: "success" }))
  },
  failing("testMultiException(Xception)", client.testMultiException({ arg0: "Xception", arg1: "test" }), (error) =>
    same(fields(error, ["_tag", "errorCode", "message"]), {
      _tag: "Xception",
      errorCode: 1001,
      message: "This is an Xception"
    })
  ),
  failing("testMultiException(Xception2)", client.testMultiException({ arg0: "Xception2", arg1: "test" }), (error) => {
    const { structThing, ...rest } = fields(error, ["_tag", "errorCode", "structThing"]) as { structThing?: Xtruct }
    same(rest, { _tag: "Xception2", errorCode: 2002 })
    same(structThing?.stringThing, "This is an Xception2")
  }),
  {
    name: "testMultiException(success)",
    bit: bits.exceptions,
    run: Effect.map(client.testMultiException({ arg0: "success", arg1: "test" }), (back) =>
      same(back.stringThing, "test")
    )
  }
]

/** It must come back at once, and the connection must go on behind it. */
const oneway = (client: Client): ReadonlyArray<Check> => [
  {
    name: "testOneway(1)",
    bit: bits.unknown,
    run: Effect.flatMap(Effect.timed(client.testOneway({ secondsToSleep: 1 })), ([took]) =>
      Duration.toMillis(took) < 500
        ? Effect.void
        : Effect.fail(new Error(`a oneway call took ${Duration.toMillis(took)} ms: it waited for the handler`))
    )
  },
  ...echoes("testI32 after it", bits.unknown, (thing) => client.testI32({ thing }), [-1])
]

/** Another contract on the same connection. */
export const second = (client: SecondService["Service"]): Check => ({
  name: "secondtestString",
  bit: bits.unknown,
  run: Effect.map(client.secondtestString({ thing: "foobar" }), (back) => same(back, 'testString("foobar")'))
})

export const all = (client: Client): ReadonlyArray<Check> => [
  ...baseTypes(client),
  ...structs(client),
  ...containers(client),
  ...exceptions(client),
  ...oneway(client),
  ...uuids(client)
]

export interface Outcome {
  /** The exit code. */
  readonly code: number
  readonly passed: number
  readonly failed: ReadonlyArray<string>
  /** Checks that the peer is too old for. */
  readonly unknown: ReadonlyArray<string>
}

/** Runs the checks one after the other; gives up at the first when there is no connection. */
export const run = (checks: ReadonlyArray<Check>): Effect.Effect<Outcome> =>
  Effect.gen(function* () {
    let code = 0
    let passed = 0
    const failed: Array<string> = []
    const unknown: Array<string> = []
    for (const check of checks) {
      // A peer that knows no uuid may be out of step once it has seen one.
      if (check.isUnknownToOld === true && unknown.length > 0) continue
      const exit = yield* Effect.exit(check.run)
      if (Exit.isSuccess(exit)) {
        passed++
        continue
      }
      const error = Cause.squash(exit.cause)
      if (check.isUnknownToOld === true && isRefusedByOld(error)) {
        unknown.push(check.name)
        continue
      }
      code |= bitOf(error, check.bit)
      failed.push(`${check.name}: ${error instanceof Error ? error.message : show(error)}`)
      if (passed === 0 && isRpcError(error) && isUnsent(error)) break
    }
    return { code, passed, failed, unknown }
  })

/** Late is late and unreachable unknown, whatever was asked. */
const bitOf = (error: unknown, bit: number): number => {
  if (!isRpcError(error)) return bit
  if (error.reason._tag === "DeadlineExceeded") return bits.timeout
  return error.reason._tag === "Unavailable" ? bits.unknown : bit
}
