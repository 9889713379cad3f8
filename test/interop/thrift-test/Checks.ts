/** What the client of the cross test asks, and what it takes for right: Apache's own clients ask the same. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { isRpcError } from "../../../src/RpcError.ts"
import { Numberz, type ThriftTest, type Insanity, type Xtruct } from "./gen/ThriftTest.ts"
import { same, show } from "../Values.ts"

/** Bits of the client's exit code. */
export const bits = { base: 1, structs: 2, containers: 4, exceptions: 8, unknown: 64, timeout: 128 } as const

export interface Check {
  readonly name: string
  readonly bit: number
  readonly run: Effect.Effect<void, unknown>
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
    name: `${name}(${show(thing)})`,
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
  ...echoes("testUuid", bits.base, (thing) => client.testUuid({ thing }), [
    "00112233-4455-6677-8899-aabbccddeeff",
    "00000000-0000-0000-0000-000000000000"
  ]).map(optional),
  ...echoes("testEnum", bits.structs, (thing) => client.testEnum({ thing }), [
    Numberz.ONE,
    Numberz.TWO,
    Numberz.THREE,
    Numberz.FIVE,
    Numberz.EIGHT
  ]),
  ...echoes("testTypedef", bits.structs, (thing) => client.testTypedef({ thing }), [309_858_235_082_523n])
]

/** Methods that older versions of the test have not: a peer that says so passes. */
const optional = (check: Check): Check => ({
  ...check,
  run: Effect.catch(check.run, (error) =>
    isRpcError(error) && error.reason._tag === "ApplicationError" && error.reason.code === 1
      ? Effect.sync(() => console.log(`${check.name}: the peer has no such method, which older ones have not`))
      : Effect.fail(error)
  )
})

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

/** Runs a call that must fail, and looks at its failure. */
const failing = (name: string, call: Effect.Effect<unknown, unknown>, look: (error: unknown) => void): Check => ({
  name,
  bit: bits.exceptions,
  run: Effect.matchEffect(call, {
    onSuccess: (value) => Effect.fail(new Error(`expected a failure, got ${show(value)}`)),
    onFailure: (error) => Effect.try({ try: () => look(error), catch: (cause) => cause })
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

export const all = (client: Client): ReadonlyArray<Check> => [
  ...baseTypes(client),
  ...structs(client),
  ...containers(client),
  ...exceptions(client),
  ...oneway(client)
]

/** Runs the checks one after the other, prints what fails, and gives the exit code. */
export const run = (checks: ReadonlyArray<Check>): Effect.Effect<number> =>
  Effect.gen(function* () {
    let code = 0
    let passed = 0
    for (const { bit, name, run } of checks) {
      const exit = yield* Effect.exit(run)
      if (Exit.isSuccess(exit)) {
        passed++
        continue
      }
      const isLate = exit.cause.reasons.some(
        (reason) =>
          reason._tag === "Fail" && isRpcError(reason.error) && reason.error.reason._tag === "DeadlineExceeded"
      )
      code |= isLate ? bits.timeout : bit
      console.log(`FAIL ${name}: ${String(exit.cause.reasons.map(why))}`)
    }
    console.log(`${passed} passed, ${checks.length - passed} failed`)
    return code
  })

const why = (reason: { readonly _tag: string; readonly error?: unknown; readonly defect?: unknown }): string => {
  const error = reason.error ?? reason.defect
  return error instanceof Error ? error.message : show(error ?? reason._tag)
}
