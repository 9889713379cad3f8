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

/** True when every call was answered. */
export const run = Effect.fnUntraced(function* (screen: Screen) {
  const registry = yield* Memory.make({ ttl: "2 seconds" })
  const [a, b, c] = [Fleet.make("A"), Fleet.make("B"), Fleet.make("C")]
  const servers = [a, b, c]
  const traffic = new Traffic.Traffic()

  yield* Effect.forkScoped(tellOfRegistry(registry, screen))
  yield* Effect.forEach(servers, (server) => Fleet.start(server, registry), { concurrency: "unbounded" })
  const started = performance.now()
  const calling = yield* Effect.forkScoped(
    Effect.provide(
      ItemService.use((items) =>
        Effect.all(
          Array.from({ length: callers }, () => Traffic.caller(traffic, items)),
          { concurrency: "unbounded" }
        )
      ),
      client(registry, traffic)
    )
  )
  screen.event(`${callers} callers call GetItem, one call after the other`)
  const tick = process.stdout.isTTY ? "250 millis" : "1 second"
  yield* Effect.sync(() => screen.tick(servers, traffic.interval(), traffic)).pipe(
    Effect.repeat(Schedule.spaced(tick)),
    Effect.delay(tick),
    Effect.forkScoped
  )

  yield* Effect.sleep("3 seconds")
  screen.event(`kill -9 ${b.process?.pid}: B is gone, with the calls that were in flight there`)
  const before = traffic.retried
  yield* Fleet.kill(b)
  yield* Effect.sleep("3 seconds")
  screen.event(`${traffic.retried - before} calls were made again elsewhere, ${traffic.lost} lost. B is started again`)
  yield* Fleet.start(b, registry)
  yield* Effect.sleep("3 seconds")
  screen.event(`kill -TERM ${c.process?.pid}: C leaves the registry, finishes what runs, ends, and is started again`)
  yield* Fleet.stop(c)
  yield* Fleet.start(c, registry)
  yield* Effect.sleep("2 seconds")

  traffic.isOver = true
  yield* Fiber.join(calling)
  const seconds = (performance.now() - started) / 1000
  const good = traffic.calls > 0 && traffic.lost === 0
  screen.end(good, summary(traffic, seconds))
  return good
})

const summary = (traffic: Traffic.Traffic, seconds: number): string =>
  `${traffic.calls.toLocaleString("en-US")} calls in ${seconds.toFixed(1)} s, one instance killed and one restarted: ` +
  `${traffic.retried} retried, ${traffic.lost} lost` +
  (traffic.lost === 0 ? "." : `. The last one: ${traffic.lastLoss}`)

const tellOfRegistry = (registry: Memory.Memory, screen: Screen) =>
  Stream.runForEach(registry.resolver.watch("item-service"), ({ instances }) =>
    Effect.sync(() => {
      const keys = instances.map(({ key }) => key)
      screen.event(`the registry knows ${keys.length === 0 ? "no instance yet" : keys.join(", ")}`)
    })
  )
