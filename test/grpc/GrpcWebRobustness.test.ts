/** gRPC-Web on bad days: clients that leave, stand still or send garbage, servers that end or are full. */
import * as Net from "node:net"
import { assert } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import type * as GrpcServer from "../../src/grpc/GrpcServer.ts"
import type { RpcError } from "../../src/RpcError.ts"
import { encodeText, frame } from "../fixtures/GrpcPeer.ts"
import { ask } from "../fixtures/GrpcRaw.ts"
import {
  connect as connectJs,
  type Handlers,
  live,
  portOf,
  promise,
  serve,
  settled,
  timed
} from "../fixtures/GrpcServed.ts"
import { ticking } from "../fixtures/ServedProbe.ts"
import { binary, connect, fromText, read, text, toText, type Version, versions } from "../fixtures/WebRaw.ts"

const path = "/test.Probe/ask"

const start = (version: Version, own?: Handlers, options?: GrpcServer.Options) =>
  Effect.gen(function* () {
    const listener = yield* serve(own, { web: { origins: "*" }, ...options })
    return { listener, web: yield* connect(portOf(listener), version) }
  })

const within = (scope: Scope.Scope) => Effect.provideService(Scope.Scope, scope)

const headers = { "content-type": binary }

for (const version of versions) {
  const over = `over HTTP/${version}`

  live(
    `a client that leaves interrupts its handlers ${over}`,
    Effect.gen(function* () {
      let interrupted = 0
      const counted = Effect.onInterrupt(() => Effect.sync(() => interrupted++))
      const forever = counted(Effect.never)
      const { listener, web } = yield* start(version, {
        ask: () => forever,
        list: () => Stream.concat(Stream.make("a"), Stream.fromEffect(forever)),
        join: (asks) => counted(Effect.andThen(Stream.runDrain(asks), Effect.never))
      })
      const unary = web.open(path, headers)
      unary.end(ask("x"))
      const list = web.open("/test.Probe/list", headers)
      list.end(ask("x"))
      const join = web.open("/test.Probe/join", headers)
      join.write(ask("x"))
      yield* settled(() => listener.inFlight() === 3 && list.received().length > 0)
      for (const call of [unary, list, join]) call.destroy()
      yield* settled(() => listener.inFlight() === 0)
      assert.strictEqual(interrupted, 3)
      if (version === 1) yield* settled(() => listener.connections() === 0)
    })
  )

  live(
    `or lets them run on ${over}, where the server says so`,
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      let ended = 0
      const { listener, web } = yield* start(
        version,
        {
          ask: () =>
            Effect.as(
              Effect.tap(
                Deferred.await(gate),
                Effect.sync(() => ended++)
              ),
              "x"
            )
        },
        { interruptOnDisconnect: false }
      )
      const call = web.open(path, headers)
      call.end(ask("x"))
      yield* settled(() => listener.inFlight() === 1)
      call.destroy()
      yield* promise(() => call.answer)
      yield* Deferred.succeed(gate, undefined)
      yield* settled(() => listener.inFlight() === 0)
      assert.strictEqual(ended, 1)
    })
  )

  timed(
    `deadlines ${over}: of the handler, and of a request that does not end`,
    Effect.gen(function* () {
      let running = 0
      let interrupted = 0
      const forever = Effect.suspend(() => {
        running++
        return Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted++))
      })
      const { listener, web } = yield* start(version, {
        ask: () => forever,
        list: () => Stream.concat(Stream.make("a"), Stream.never)
      })
      const bounded = { ...headers, "grpc-timeout": "30m" }
      const asking = web.call(path, ask("x"), bounded)
      yield* settled(() => running === 1)
      yield* TestClock.adjust("40 millis")
      const answer = yield* promise(() => asking)
      assert.deepStrictEqual([answer.status, answer.headers["grpc-status"], interrupted], [200, "4", 1])
      const listing = web.open("/test.Probe/list", bounded)
      listing.end(ask("x"))
      yield* settled(() => listing.received().length > 0)
      yield* TestClock.adjust("40 millis")
      const list = yield* promise(() => listing.answer)
      assert.strictEqual(read(list.body).trailers["grpc-status"], "4")
      const halting = web.open(path, { ...bounded, "content-type": text })
      halting.write(toText(ask("x")).subarray(0, 6))
      let isAnswered = false
      void halting.answer.then(() => (isAnswered = true))
      yield* ticking(() => isAnswered)
      const halted = yield* promise(() => halting.answer)
      assert.strictEqual(halted.headers["grpc-status"], "4")
      assert.match(halted.headers["grpc-message"]!, /the request was not complete/)
      assert.strictEqual(listener.inFlight(), 0)
    })
  )

  live(
    `messages beyond the limits ${over}`,
    Effect.gen(function* () {
      const { web } = yield* start(version, {}, { maxReceiveMessageSize: 1000 })
      const large = frame(encodeText("x".repeat(2000)))
      for (const [body, type] of [
        [large, binary],
        [toText(large), text]
      ] as const) {
        const answer = yield* promise(() => web.call(path, body, { "content-type": type }))
        assert.deepStrictEqual([answer.status, answer.headers["grpc-status"]], [200, "8"])
      }
      const sent = yield* start(version, { ask: () => Effect.succeed("x".repeat(2000)) }, { maxSendMessageSize: 1000 })
      const answer = yield* promise(() => sent.web.call(path, ask("x"), headers))
      assert.strictEqual(read(answer.body).trailers["grpc-status"], "8")
    })
  )

  live(
    `a server that is full says UNAVAILABLE ${over}`,
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const { listener, web } = yield* start(
        version,
        { ask: () => Effect.as(Deferred.await(gate), "x") },
        { maxConcurrency: 1 }
      )
      const running = web.call(path, ask("x"), headers)
      yield* settled(() => listener.inFlight() === 1)
      const refused = yield* promise(() => web.call(path, ask("x"), headers))
      assert.strictEqual(refused.headers["grpc-status"], "14")
      assert.strictEqual(refused.headers["access-control-allow-origin"], "*")
      yield* Deferred.succeed(gate, undefined)
      assert.strictEqual(read((yield* promise(() => running)).body).trailers["grpc-status"], "0")
    })
  )

  live(
    `a slow reader stops the handler ${over}`,
    Effect.gen(function* () {
      for (const type of [binary, text]) {
        let made = 0
        const chunk = "x".repeat(100_000)
        const { listener } = yield* start(version, {
          list: () => Stream.map(Stream.rechunk(Stream.range(1, 200), 1), () => (made++, chunk))
        })
        const web = yield* connect(portOf(listener), version)
        const encode = type === text ? toText : (body: Buffer) => body
        const decode = type === text ? fromText : (body: Buffer) => body
        const call = web.open("/test.Probe/list", { "content-type": type }, "POST", true)
        call.end(encode(ask("x")))
        yield* settled(() => made > 0)
        // The buffers of the system, and what is under way, are filled at first.
        yield* settled(standsStill(() => made))
        assert.isBelow(made, 180, type)
        call.resume()
        const { messages, trailers } = read(decode((yield* promise(() => call.answer)).body))
        assert.deepStrictEqual([messages.length, trailers["grpc-status"]], [200, "0"])
      }
    })
  )

  live(
    `a slow handler stops the sender ${over}`,
    Effect.gen(function* () {
      for (const type of [binary, text]) {
        const gate = yield* Deferred.make<void>()
        const { listener } = yield* start(
          version,
          { join: (asks) => Effect.andThen(Deferred.await(gate), Effect.map(Stream.runCount(asks), String)) },
          {}
        )
        const web = yield* connect(portOf(listener), version)
        const encode = type === text ? toText : (body: Buffer) => body
        const call = web.open("/test.Probe/join", { "content-type": type })
        const message = encode(frame(encodeText("x".repeat(100_000))))
        let taken = 0
        const writeNext = (): void => call.write(message, () => (++taken < 300 ? writeNext() : call.end()))
        writeNext()
        yield* settled(() => taken > 0)
        yield* settled(standsStill(() => taken))
        assert.isBelow(taken, 180, type)
        yield* Deferred.succeed(gate, undefined)
        const answer = yield* promise(() => call.answer)
        const { messages } = read(type === text ? fromText(answer.body) : answer.body)
        assert.strictEqual(messages[0]!.subarray(2).toString(), "300")
      }
    })
  )

  live(
    `base64 that is none ${over}: the call fails, the next one does not`,
    Effect.gen(function* () {
      const faults: Array<string> = []
      const { web } = yield* start(version, {
        join: (asks) =>
          Effect.as(
            Effect.catch(Stream.runDrain(asks), (error: RpcError) => Effect.sync(() => faults.push(error.message))),
            "seen"
          )
      })
      const good = toText(ask("hello"))
      const bad = [
        Buffer.concat([good, Buffer.from("?")]),
        Buffer.concat([Buffer.from("=AAA"), good]),
        Buffer.concat([good.subarray(0, 3), Buffer.from("\n"), good.subarray(3)]),
        good.subarray(0, -1),
        Buffer.from("A"),
        Buffer.from("\xff\xfe\x00\x01", "latin1"),
        Buffer.from("====")
      ]
      for (const body of bad) {
        const answer = yield* promise(() => web.call(path, body, { "content-type": text }))
        assert.strictEqual(answer.headers["grpc-status"], "13", body.toString())
        const stream = yield* promise(() => web.call("/test.Probe/join", body, { "content-type": text }))
        const { messages } = read(fromText(stream.body))
        assert.deepStrictEqual(messages[0]!.subarray(2).toString(), "seen")
      }
      assert.strictEqual(faults.length, bad.length)
      for (const fault of faults) assert.match(fault, /base64/)
      const after = yield* promise(() => web.call(path, good, { "content-type": text }))
      assert.strictEqual(read(fromText(after.body)).trailers["grpc-status"], "0")
    })
  )

  live(
    `bodies that are garbage ${over} are answered, all of them`,
    Effect.gen(function* () {
      const { listener, web } = yield* start(version, {}, { maxReceiveMessageSize: 100 })
      const random = seeded(version)
      const seeds = [ask("hello"), Buffer.concat([ask("a"), ask("b")]), frame(encodeText("x".repeat(50)), true)]
      const codes = new Map<string, number>()
      for (let round = 0; round < 1500; round++) {
        const type = round % 2 === 0 ? binary : text
        const method = round % 3 === 0 ? "join" : "ask"
        const seed = seeds[round % seeds.length]!
        const cut = Math.floor(random() * seed.length)
        const body = mutate(
          type === text ? toText(seed.subarray(0, cut), seed.subarray(cut)) : Buffer.from(seed),
          random
        )
        const answer = yield* promise(() => web.call(`/test.Probe/${method}`, body, { "content-type": type }))
        const { trailers } = read(type === text ? fromText(answer.body) : answer.body)
        const code = answer.headers["grpc-status"] ?? trailers["grpc-status"]
        assert.isDefined(code, body.toString("hex"))
        codes.set(code!, (codes.get(code!) ?? 0) + 1)
      }
      assert.includeMembers([...codes.keys()], ["0", "8", "12", "13"])
      assert.deepStrictEqual([listener.inFlight(), listener.connections()], [0, 1])
    })
  )

  live(
    `a server that ends finishes what runs ${over}`,
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const scope = yield* Scope.make()
      const listener = yield* serve(
        {
          ask: ({ text }) => Effect.as(Deferred.await(gate), text),
          list: () => Stream.concat(Stream.make("a"), Stream.fromEffect(Effect.as(Deferred.await(gate), "b")))
        },
        { web: { origins: "*" }, drainTimeout: "30 seconds" }
      ).pipe(within(scope))
      const web = yield* connect(portOf(listener), version)
      const idle = yield* connect(portOf(listener), version)
      yield* promise(() => idle.call("/test.Probe/tell", ask("x"), headers))
      const list = web.open("/test.Probe/list", headers)
      list.end(ask("x"))
      const answers = [web.call(path, ask("x"), headers), web.call(path, ask("y"), headers), list.answer]
      yield* settled(() => listener.inFlight() === 3 && list.received().length > 0)
      const before = listener.connections()
      const ending = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      yield* settled(() => listener.connections() < before)
      assert.strictEqual(listener.inFlight(), 3)
      yield* Deferred.succeed(gate, undefined)
      for (const answer of answers) {
        const { body, headers } = yield* promise(() => answer)
        assert.strictEqual(read(body).trailers["grpc-status"], "0")
        if (version === 1 && read(body).messages.length === 1) assert.strictEqual(headers["connection"], "close")
      }
      yield* Fiber.join(ending)
      assert.strictEqual(listener.connections(), 0)
    })
  )

  live(
    `calls that do not end in time ${over} are told UNAVAILABLE, and interrupted`,
    Effect.gen(function* () {
      let interrupted = 0
      const forever = Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted++))
      const scope = yield* Scope.make()
      const listener = yield* serve(
        { ask: () => forever, list: () => Stream.concat(Stream.make("a"), Stream.fromEffect(forever)) },
        { web: { origins: "*" }, drainTimeout: "30 millis" }
      ).pipe(within(scope))
      const web = yield* connect(portOf(listener), version)
      const answers = [web.call(path, ask("x"), headers), web.call("/test.Probe/list", ask("y"), headers)]
      yield* settled(() => listener.inFlight() === 2)
      yield* Scope.close(scope, Exit.void)
      const [unary, list] = yield* promise(() => Promise.all(answers))
      assert.strictEqual(unary!.headers["grpc-status"], "14")
      assert.strictEqual(read(list!.body).trailers["grpc-status"], "14")
      assert.deepStrictEqual([interrupted, listener.inFlight(), listener.connections()], [2, 0, 0])
    })
  )

  timed(
    `a connection that is old takes no further calls ${over}`,
    Effect.gen(function* () {
      const { listener, web } = yield* start(version, {}, { maxConnectionAge: "20 seconds" })
      yield* promise(() => web.call(path, ask("x"), headers))
      assert.strictEqual(listener.connections(), 1)
      yield* TestClock.adjust("23 seconds")
      yield* settled(() => listener.connections() === 0)
    })
  )
}

live(
  "sockets that say nothing do not keep a server from ending, nor the calls of others",
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const listener = yield* serve({}, { web: { origins: "*" }, drainTimeout: "1 minute" }).pipe(within(scope))
    const silent = Net.connect(portOf(listener), "127.0.0.1").on("error", () => {})
    const begun = Net.connect(portOf(listener), "127.0.0.1").on("error", () => {})
    begun.write("PRI * HT")
    const js = yield* connectJs(portOf(listener))
    assert.strictEqual((yield* promise(() => js.unary("ask", "x"))).code, 0)
    yield* settled(() => listener.connections() === 3)
    yield* Scope.close(scope, Exit.void)
    assert.strictEqual(listener.connections(), 0)
    yield* settled(() => silent.closed && begun.closed)
  })
)

timed(
  "limits of HTTP/1.1 are the server's to set",
  Effect.gen(function* () {
    const { listener, web } = yield* start(1, {}, { web: { origins: "*", http1: { maxHeaderSize: 1000 } } })
    const answer = yield* promise(() => web.call(path, ask("x"), { ...headers, "x-large": "x".repeat(2000) }))
    assert.strictEqual(answer.status, 431)
    const { listener: idle, web: kept } = yield* start(1, {}, { maxConnectionIdle: "30 seconds" })
    yield* promise(() => kept.call(path, ask("x"), headers))
    assert.strictEqual(idle.connections(), 1)
    yield* TestClock.adjust("40 seconds")
    yield* settled(() => idle.connections() === 0)
    yield* settled(() => listener.connections() === 0)
  })
)

/** Whether a number has not changed for many turns. */
const standsStill = (count: () => number): (() => boolean) => {
  let turns = 0
  let before = count()
  return () => {
    turns = count() === before ? turns + 1 : 0
    before = count()
    return turns > 200
  }
}

/** A small generator of equal sequences for equal seeds (mulberry32). */
const seeded = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

const mutate = (body: Buffer, random: () => number): Buffer => {
  const mutated = Buffer.from(body)
  for (let times = Math.floor(random() * 3); times > 0; times--) {
    mutated[Math.floor(random() * mutated.length)] = Math.floor(random() * 256)
  }
  return random() < 0.3 ? mutated.subarray(0, Math.floor(random() * mutated.length)) : mutated
}
