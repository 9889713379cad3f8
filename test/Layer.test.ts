import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as EffectLayer from "effect/Layer"
import type * as Call from "../src/Call.ts"
import * as Contract from "../src/Contract.ts"
import { Endpoint } from "../src/Endpoint.ts"
import * as Layer from "../src/Layer.ts"
import * as Method from "../src/Method.ts"
import * as Reply from "../src/Reply.ts"

const echoOf = (contract: string) => ({
  echo: Method.unary<string, string>({ contract, name: "echo", codec: { protocol: "none" } })
})
class First extends Contract.Service<First>()("acme.First", echoOf("acme.First")) {}
class Second extends Contract.Service<Second>()("acme.Second", echoOf("acme.Second")) {}

/** Answers with its name and the payload. */
const transport = (name: string) =>
  Layer.succeed(Endpoint, (call) => Effect.succeed(Reply.succeed(`${name}:${String(call.payload)}`)))

/** Puts a letter before the payload. */
const mark =
  (letter: string) =>
  (inner: Endpoint["Service"]): Endpoint["Service"] =>
  (call) =>
    inner({ ...call, payload: letter + String(call.payload) })

const marking = (letter: string) => Layer.middleware(mark(letter))

/** How not to do it. */
const naive = (letter: string): Layer.Middleware => Layer.effect(Endpoint, Effect.map(Endpoint, mark(letter)))

const callFirst = First.use((first) => first.echo("x"))
const callSecond = Second.use((second) => second.echo("x"))

const twoClients = (middleware: Layer.Middleware) =>
  Effect.all([callFirst, callSecond]).pipe(
    Effect.provide(
      Layer.mergeAll(
        First.client.pipe(Layer.provide(middleware), Layer.provide(transport("one"))),
        Second.client.pipe(Layer.provide(middleware), Layer.provide(transport("two")))
      )
    )
  )

const twiceInOne = (middleware: Layer.Middleware) =>
  callFirst.pipe(
    Effect.provide(
      First.client.pipe(Layer.provide(middleware), Layer.provide(middleware), Layer.provide(transport("one")))
    )
  )

describe("Layer.middleware", () => {
  it.effect("one value in two stacks gives each its own endpoint", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* twoClients(marking("a")), ["one:ax", "two:ax"])
    })
  )

  it.effect("one value twice in a stack applies twice", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* twiceInOne(marking("a")), "one:aax")
      const middleware = marking("b")
      const stacked = First.client.pipe(
        Layer.provide(Layer.stack([middleware, middleware])),
        Layer.provide(transport("one"))
      )
      assert.strictEqual(yield* Effect.provide(callFirst, stacked), "one:bbx")
    })
  )

  it.effect("made by Layer.effect instead, the second client would get the first one's endpoint", () =>
    Effect.gen(function* () {
      const wrong = naive("a")
      assert.deepStrictEqual(yield* twoClients(wrong), ["one:ax", "one:ax"])
      assert.strictEqual(yield* twiceInOne(wrong), "one:ax")
    })
  )

  it.effect("what stands below is shared all the same", () =>
    Effect.gen(function* () {
      let built = 0
      const shared = Layer.effect(
        Endpoint,
        Effect.sync(() => {
          built++
          return (call: Call.Call) => Effect.succeed(Reply.succeed(call.payload))
        })
      )
      const middleware = marking("a")
      const answers = yield* Effect.all([callFirst, callSecond]).pipe(
        Effect.provide(
          Layer.mergeAll(
            First.client.pipe(Layer.provide(middleware), Layer.provide(shared)),
            Second.client.pipe(Layer.provide(shared))
          )
        )
      )
      assert.deepStrictEqual(answers, ["ax", "x"])
      assert.strictEqual(built, 1)
    })
  )

  it.effect("wraps once, when it is built, not for each call", () =>
    Effect.gen(function* () {
      let wrapped = 0
      const counting = Layer.middleware((inner) => {
        wrapped++
        return inner
      })
      yield* Effect.all([callFirst, callFirst, callFirst]).pipe(
        Effect.provide(First.client.pipe(Layer.provide(counting), Layer.provide(transport("one"))))
      )
      assert.strictEqual(wrapped, 1)
    })
  )

  it.effect("may be made by an effect that needs services and a scope", () =>
    Effect.gen(function* () {
      class Letter extends Context.Service<Letter, string>()("test/Letter") {}
      const log: Array<string> = []
      const scoped = Layer.middleware((inner) =>
        Effect.gen(function* () {
          const letter = yield* Letter
          yield* Effect.acquireRelease(
            Effect.sync(() => log.push("acquired")),
            () => Effect.sync(() => log.push("released"))
          )
          return mark(letter)(inner)
        })
      )
      const answer = yield* callFirst.pipe(
        Effect.tap(Effect.sync(() => log.push("called"))),
        Effect.provide(
          First.client.pipe(Layer.provide(scoped), Layer.provide([transport("one"), Layer.succeed(Letter, "z")]))
        )
      )
      assert.strictEqual(answer, "one:zx")
      assert.deepStrictEqual(log, ["acquired", "called", "released"])
    })
  )

  it.effect("a failure to build is the layer's", () =>
    Effect.gen(function* () {
      const failing = Layer.middleware(() => Effect.fail("no key"))
      const client = First.client.pipe(Layer.provide(failing), Layer.provide(transport("one")))
      assert.strictEqual(yield* Effect.flip(Effect.scoped(Layer.build(client))), "no key")
    })
  )
})

describe("Layer.stack", () => {
  it.effect("the first is outermost: a call visits a, then b, then c", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const logging = (name: string) =>
        Layer.middleware((inner) => (call) => {
          log.push(`${name} down`)
          return Effect.tap(inner(call), () => Effect.sync(() => log.push(`${name} up`)))
        })
      const client = First.client.pipe(
        Layer.provide(Layer.stack([logging("a"), logging("b"), logging("c")])),
        Layer.provide(transport("one"))
      )
      yield* Effect.provide(callFirst, client)
      assert.deepStrictEqual(log, ["a down", "b down", "c down", "c up", "b up", "a up"])
    })
  )

  it.effect("stacks are middleware, and so they stack", () =>
    Effect.gen(function* () {
      const inner = Layer.stack([marking("b"), marking("c")])
      const client = First.client.pipe(
        Layer.provide(Layer.stack([marking("a"), inner])),
        Layer.provide(transport("one"))
      )
      assert.strictEqual(yield* Effect.provide(callFirst, client), "one:cbax")
    })
  )
})

it("has everything of effect/Layer, unchanged, and two verbs more", () => {
  const ours = new Map(Object.entries(Layer))
  for (const [name, value] of Object.entries(EffectLayer)) {
    assert.strictEqual(ours.get(name), value, name)
    ours.delete(name)
  }
  assert.deepStrictEqual(Array.from(ours.keys()).toSorted(), ["middleware", "stack"])
})
