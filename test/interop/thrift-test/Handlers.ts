/** What the server of the cross test answers: the comments of ThriftTest.thrift say it, Apache's C++ server where they don't. */
import * as Effect from "effect/Effect"
import type * as Contract from "../../../src/Contract.ts"
import { type Insanity, Numberz, SecondService, ThriftTest, Xception, Xception2 } from "./gen/ThriftTest.ts"

const square = (from: number, to: number): Map<number, number> => {
  const row = new Map<number, number>()
  for (let i = from; i <= to; i++) row.set(i, i)
  return row
}

const echo = <A>({ thing }: { readonly thing: A }): Effect.Effect<A> => Effect.succeed(thing)

const looney: Insanity = {}

export const handlers: Contract.Handlers<typeof ThriftTest.methods> = {
  testVoid: () => Effect.void,
  testString: echo,
  testBool: echo,
  testByte: echo,
  testI32: echo,
  testI64: echo,
  testDouble: echo,
  testBinary: echo,
  testUuid: echo,
  testStruct: echo,
  testNest: echo,
  testMap: echo,
  testStringMap: echo,
  testSet: echo,
  testList: echo,
  testEnum: echo,
  testTypedef: echo,
  testMapMap: () =>
    Effect.succeed(
      new Map([
        [-4, square(-4, -1)],
        [4, square(1, 4)]
      ])
    ),
  testInsanity: ({ argument }) =>
    Effect.succeed(
      new Map<bigint, ReadonlyMap<Numberz, Insanity>>([
        [
          1n,
          new Map([
            [Numberz.TWO, argument],
            [Numberz.THREE, argument]
          ])
        ],
        [2n, new Map([[Numberz.SIX, looney]])]
      ])
    ),
  testMulti: ({ arg0, arg1, arg2 }) =>
    Effect.succeed({ stringThing: "Hello2", byteThing: arg0, i32Thing: arg1, i64Thing: arg2 }),
  testException: ({ arg }) => {
    if (arg === "Xception") return Effect.fail(new Xception({ errorCode: 1001, message: arg }))
    // Not declared: the caller must get an application exception, and the server must live.
    return arg === "TException" ? Effect.die(new Error("TException was asked for")) : Effect.void
  },
  testMultiException: ({ arg0, arg1 }) => {
    if (arg0 === "Xception") return Effect.fail(new Xception({ errorCode: 1001, message: "This is an Xception" }))
    return arg0 === "Xception2"
      ? Effect.fail(new Xception2({ errorCode: 2002, structThing: { stringThing: "This is an Xception2" } }))
      : Effect.succeed({ stringThing: arg1 })
  },
  testOneway: ({ secondsToSleep }) => Effect.sleep(`${secondsToSleep} seconds`)
}

export const ThriftTestLive = ThriftTest.serve(handlers)

export const SecondServiceLive = SecondService.serve({
  secondtestString: ({ thing }) => Effect.succeed(`testString("${thing}")`)
})
