/** What `npm start` shows once the IDL is compiled: three servers, a client that never stops calling, and misfortunes. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { Layer } from "volant"
import { Balancer, P2c } from "volant/balancing"
import { Memory, Resolver } from "volant/discovery"
import { Retry, Timeout } from "volant/resilience"
import { ThriftClient } from "volant/thrift"
import * as Fleet from "./Fleet.ts"
import { ItemService } from "./gen/item.ts"
import type { Screen } from "./Screen.ts"
import * as Traffic from "./Traffic.ts"

const callers = 64

/** A middleware of one's own: below Retry it sees every attempt. */
const countRetries = (traffic: Traffic.Traffic) =>
  Layer.middleware((inner) => (call) => {
    if (call.attempt > 0) traffic.retried++
    return inner(call)
  })

const client = (registry: Memory.Memory, traffic: Traffic.Traffic) =>
  ItemService.client.pipe(
    Layer.provide(Layer.stack([Timeout.layer("2 seconds"), Retry.layer(Retry.standard), countRetries(traffic)])),
    Layer.provide(Balancer.layer("item-service", P2c.policy)),
    Layer.provide(Layer.succeed(Resolver, registry.resolver)),
    Layer.provide(ThriftClient.layer())
  )

const callWith = (registry: Memory.Memory, traffic: Traffic.Traffic) =>
  ItemService.use((items) =>
    Effect.all(
      Array.from({ length: callers }, () => Traffic.caller(traffic, items)),
      { concurrency: "unbounded" }
    )
  ).pipe(Effect.provide(client(registry, traffic)))

const show = (screen: Screen, servers: ReadonlyArray<Fleet.Server>, traffic: Traffic.Traffic) => {
  const tick = process.stdout.isTTY ? "250 millis" : "1 second"
  return Effect.sync(() => screen.tick(servers, traffic.interval(), traffic)).pipe(
    Effect.repeat(Schedule.spaced(tick)),
    Effect.delay(tick)
  )
}

/** True when every call was answered. */
export const run = Effect.fnUntraced(function* (screen: Screen) {
  const registry = yield* Memory.make({ ttl: "2 seconds" })
  const [a, b, c] = [Fleet.make("A"), Fleet.make("B"), Fleet.make("C")]
  const servers = [a, b, c]
  const traffic = new Traffic.Traffic()
  yield* Effect.forkScoped(tellOfRegistry(registry, screen))
  yield* Effect.forEach(servers, (server) => Fleet.start(server, registry), { concurrency: "unbounded" })

  screen.event(`${callers} callers call GetItem, one call after the other`)
  const started = performance.now()
  const calling = yield* Effect.forkScoped(callWith(registry, traffic))
  yield* Effect.forkScoped(show(screen, servers, traffic))
  yield* Effect.sleep("2500 millis")
  yield* crash(screen, registry, b, traffic)
  yield* Effect.sleep("2500 millis")
  if (performance.now() < latestRestart) yield* restart(screen, registry, c)
  yield* Effect.sleep("2 seconds")
  traffic.isOver = true
  yield* Fiber.join(calling)

  const good = traffic.calls > 0 && traffic.lost === 0
  screen.end(good, summary(traffic, (performance.now() - started) / 1000))
  return good
})

/** Milliseconds after which the second act is left out, so that a slow machine too is done within 20 seconds. */
const latestRestart = 14_000

const crash = Effect.fnUntraced(function* (
  screen: Screen,
  registry: Memory.Memory,
  server: Fleet.Server,
  traffic: Traffic.Traffic
) {
  const { name } = server
  const before = traffic.retried
  screen.event(`kill -9 ${server.process?.pid}: ${name} is gone, with the calls that were in flight there`)
  yield* Fleet.kill(server)
  yield* Effect.sleep("3 seconds")
  const retried = traffic.retried - before
  screen.event(`${retried} attempts failed and were made again elsewhere, ${traffic.lost} calls were lost`)
  screen.event(`${name} is started again`)
  yield* Fleet.start(server, registry)
})

const restart = Effect.fnUntraced(function* (screen: Screen, registry: Memory.Memory, server: Fleet.Server) {
  const { name } = server
  screen.event(`kill -TERM ${server.process?.pid}: ${name} leaves the registry, finishes what runs and ends`)
  yield* Fleet.stop(server)
  screen.event(`${name} is started again`)
  yield* Fleet.start(server, registry)
})

const summary = (traffic: Traffic.Traffic, seconds: number): string =>
  `${traffic.calls.toLocaleString("en-US")} calls in ${seconds.toFixed(1)} s, with instances killed and restarted: ` +
  `${traffic.retried} retried, ${traffic.lost} lost` +
  (traffic.lost === 0 ? "." : `. The last one: ${traffic.lastLoss}`)

const tellOfRegistry = (registry: Memory.Memory, screen: Screen) =>
  Stream.runForEach(registry.resolver.watch("item-service"), ({ instances }) =>
    Effect.sync(() => {
      const keys = instances.map(({ key }) => key)
      screen.event(`the registry knows ${keys.length === 0 ? "no instance yet" : keys.join(", ")}`)
    })
  )
