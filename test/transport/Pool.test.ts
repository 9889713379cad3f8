import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { TestClock } from "effect/testing"
import * as Backoff from "../../src/transport/Backoff.ts"
import * as Deadlines from "../../src/transport/Deadlines.ts"
import type { Exchange } from "../../src/transport/Exchange.ts"
import { type Member, type Opening, type Options, Pool } from "../../src/transport/Pool.ts"
import * as Exchanges from "./Exchanges.ts"

/** A connection that holds what it is sent until the test answers. */
class FakeMember implements Member {
  readonly held: Array<Exchange> = []
  closed: string | undefined
  private readonly concurrency: number
  private count = 0
  constructor(concurrency: number) {
    this.concurrency = concurrency
  }
  hasRoom = () => this.closed === undefined && this.held.length < this.concurrency
  inFlight = () => this.held.length
  taken = () => this.count
  send = (exchange: Exchange) => {
    this.count++
    this.held.push(exchange)
  }
  close = (detail: string) => void (this.closed = detail)
  answer = (pool: Pool) => {
    this.held.shift()!.succeed(undefined as never)
    pool.onRoom(this)
  }
}

/** A pool whose attempts to connect the test ends. */
const make = (options?: Partial<Options>) =>
  Effect.gen(function* () {
    const deadlines = yield* Deadlines.Deadlines
    const random = yield* Random.Random
    const dials: Array<Opening & { givenUp: boolean }> = []
    const concurrency = options?.concurrency ?? 1
    const pool = new Pool({
      maxConnections: 2,
      concurrency,
      maxQueued: 3,
      idleTimeout: 10_000,
      backoff: Backoff.make({ initial: 1000, factor: 2, max: 60_000 }),
      dial: (opening) => {
        const attempt = { ...opening, givenUp: false }
        dials.push(attempt)
        return () => void (attempt.givenUp = true)
      },
      deadlines,
      random: () => random.nextDoubleUnsafe(),
      ...options
    })
    const call = () => {
      const observed = Exchanges.make(pool)
      pool.submit(observed.exchange)
      return observed
    }
    const open = (attempt: number) => {
      const member = new FakeMember(concurrency)
      dials[attempt]!.onOpen(member)
      return member
    }
    const refuse = (attempt: number) =>
      dials[attempt]!.onFailure({ detail: "cannot connect: refused", cause: undefined })
    return { pool, dials, call, open, refuse, deadlines }
  })

const withClock = <A, E>(effect: Effect.Effect<A, E, Deadlines.Deadlines>) =>
  effect.pipe(Effect.provide(Deadlines.layer), Random.withSeed("pool"))

describe("Pool", () => {
  it.effect("awaits the first connection, and then uses it again", () =>
    Effect.gen(function* () {
      const { call, dials, open, pool } = yield* make()
      const first = call()
      assert.deepStrictEqual([first.state(), dials.length, pool.inFlight, pool.queued], ["open", 1, 1, 1])
      const member = open(0)
      assert.deepStrictEqual([member.held.length, pool.queued], [1, 0])
      member.answer(pool)
      assert.deepStrictEqual([first.state(), pool.inFlight], ["reply", 0])
      call()
      assert.deepStrictEqual([member.held.length, dials.length], [1, 1])
    }).pipe(withClock)
  )

  it.effect("grows to its maximum, then queues in order, then refuses", () =>
    Effect.gen(function* () {
      const { call, dials, open, pool } = yield* make()
      const calls = [call(), call(), call(), call(), call()].slice(0, 3)
      assert.strictEqual(dials.length, 2)
      assert.strictEqual(pool.queued, 3)
      const [a, b] = [open(0), open(1)]
      assert.deepStrictEqual([a.held[0], b.held[0], pool.queued], [calls[0]!.exchange, calls[1]!.exchange, 1])
      call()
      call()
      const refused = call()
      assert.strictEqual(refused.state(), "Overloaded")
      b.answer(pool)
      assert.strictEqual(b.held[0], calls[2]!.exchange)
    }).pipe(withClock)
  )

  it.effect("opens no second connection while the first has room", () =>
    Effect.gen(function* () {
      const { call, dials, open } = yield* make({ concurrency: 3 })
      const calls = [call(), call(), call()]
      assert.strictEqual(dials.length, 1)
      assert.strictEqual(open(0).held.length, calls.length)
      call()
      assert.strictEqual(dials.length, 2)
    }).pipe(withClock)
  )

  it.effect("fails who waits when connecting fails, is unreachable for the pause, then tries again", () =>
    Effect.gen(function* () {
      const { call, dials, open, pool, refuse } = yield* make()
      const waiting = [call(), call()]
      refuse(0)
      refuse(1)
      assert.deepStrictEqual(
        waiting.map((each) => each.state()),
        ["Unavailable, unsent", "Unavailable, unsent"]
      )
      const fast = call()
      assert.strictEqual(fast.state(), "Unavailable, unsent")
      assert.include(Exchanges.errorOf(fast.exit())!.message, "test.Service.echo at peer:1: cannot connect: refused")
      assert.isFalse(pool.isReachable())
      assert.strictEqual(dials.length, 2)
      // One failure, though two attempts failed together: the pause is 1 s, and 20 % at most.
      yield* TestClock.adjust("799 millis")
      assert.strictEqual(call().state(), "Unavailable, unsent")
      yield* TestClock.adjust("402 millis")
      assert.isTrue(pool.isReachable())
      const retried = call()
      assert.strictEqual(dials.length, 3)
      // One call probes; balancers keep the others away.
      assert.isFalse(pool.isReachable())
      const member = open(2)
      assert.isTrue(pool.isReachable())
      member.answer(pool)
      assert.strictEqual(retried.state(), "reply")
    }).pipe(withClock)
  )

  it.effect("pauses longer after each failure in a row", () =>
    Effect.gen(function* () {
      const { call, dials, refuse } = yield* make()
      for (const [failures, pause] of [1000, 2000, 4000].entries()) {
        call()
        refuse(failures)
        yield* TestClock.adjust(pause * 0.8 - 1)
        call()
        assert.strictEqual(dials.length, failures + 1, "still pausing")
        yield* TestClock.adjust(pause * 0.4 + 2)
      }
      call()
      assert.strictEqual(dials.length, 4)
    }).pipe(withClock)
  )

  it.effect("a failed attempt to grow leaves those waiting to the connections that are there", () =>
    Effect.gen(function* () {
      const { call, open, pool, refuse } = yield* make()
      const first = call()
      const member = open(0)
      const second = call()
      refuse(1)
      assert.deepStrictEqual([second.state(), pool.isReachable()], ["open", true])
      member.answer(pool)
      member.answer(pool)
      assert.deepStrictEqual([first.state(), second.state()], ["reply", "reply"])
    }).pipe(withClock)
  )

  it.effect("a lost connection gets no calls, and the next call connects anew at once", () =>
    Effect.gen(function* () {
      const { call, dials, open, pool } = yield* make()
      call()
      const member = open(0)
      member.answer(pool)
      pool.onLost(member, undefined)
      assert.strictEqual(pool.size, 0)
      call()
      assert.deepStrictEqual([dials.length, member.held.length], [2, 0])
    }).pipe(withClock)
  )

  it.effect("a peer that accepts and closes without an answer is left alone for the pause", () =>
    Effect.gen(function* () {
      const { call, open, pool } = yield* make()
      call()
      pool.onLost(open(0), { detail: "the peer closed the connection", cause: undefined })
      const next = call()
      assert.strictEqual(next.state(), "Unavailable, unsent")
      assert.include(Exchanges.errorOf(next.exit())!.message, "the peer closed the connection")
    }).pipe(withClock)
  )

  it.effect("closes idle connections after the idle time and at most half as long again", () =>
    Effect.gen(function* () {
      const { call, deadlines, open, pool } = yield* make()
      call()
      call()
      const [a, b] = [open(0), open(1)]
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual([a.closed, b.closed], [undefined, undefined], "calls in flight hold a connection")
      a.answer(pool)
      b.answer(pool)
      yield* TestClock.adjust("9 seconds")
      assert.deepStrictEqual([a.closed, b.closed], [undefined, undefined])
      call()
      a.answer(pool)
      yield* TestClock.adjust("6500 millis")
      assert.deepStrictEqual([a.closed, b.closed], [undefined, "idle"])
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(a.closed, "idle")
      assert.deepStrictEqual([pool.size, deadlines.pending()], [0, 0])
    }).pipe(withClock)
  )

  it.effect("a call that ends while it waits leaves the queue", () =>
    Effect.gen(function* () {
      const { call, open, pool } = yield* make()
      const [interrupted, expired, kept] = [call(), call(), call()]
      interrupted.exchange.interrupt()
      expired.exchange.bound(yield* Deadlines.Deadlines, 50)
      yield* TestClock.adjust("100 millis")
      assert.deepStrictEqual([interrupted.state(), expired.state()], ["open", "DeadlineExceeded"])
      assert.deepStrictEqual([pool.queued, pool.inFlight], [1, 1])
      assert.deepStrictEqual(open(0).held, [kept.exchange])
    }).pipe(withClock)
  )

  it.effect("closing fails what waits, gives attempts up and closes connections", () =>
    Effect.gen(function* () {
      const { call, deadlines, dials, open, pool } = yield* make()
      call()
      const member = open(0)
      const waiting = call()
      pool.close()
      assert.strictEqual(waiting.state(), "Unavailable, unsent")
      assert.isDefined(member.closed)
      assert.isTrue(dials[1]!.givenUp)
      assert.strictEqual(call().state(), "Unavailable, unsent")
      assert.isFalse(pool.isReachable())
      assert.strictEqual(deadlines.pending(), 0)
    }).pipe(withClock)
  )
})
