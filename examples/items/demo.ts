/**
 * What `npm start` shows once the IDLs are compiled: three servers, clients over Thrift and over gRPC that never stop calling,
 * and misfortunes.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { Layer } from "volant"
import { Balancer, P2c } from "volant/balancing"
import { Memory, Resolver } from "volant/discovery"
import { GrpcClient } from "volant/grpc"
import { Retry, Timeout } from "volant/resilience"
import { ThriftClient } from "volant/thrift"
import type { Connector } from "volant/transport"
import * as Fleet from "./Fleet.ts"
import * as Grpc from "./gen/grpc/item.ts"
import * as Thrift from "./gen/item.ts"
import type { Screen } from "./Screen.ts"
import * as Traffic from "./Traffic.ts"

/** Over each protocol. */
const callers = 32

/** A middleware of one's own: below Retry it sees every attempt. */
const countRetries = (traffic: Traffic.Traffic) =>
  Layer.middleware((inner) => (call) => {
    if (call.attempt > 0) traffic.retried++
    return inner(call)
  })

/** All that is between a client and its instances, the same for both protocols but for the connector. */
const stack = (
  target: string,
  registry: Memory.Memory,
  traffic: Traffic.Traffic,
  connector: Layer.Layer<Connector.Connector>
) =>
  Layer.stack([Timeout.layer("2 seconds"), Retry.layer(Retry.standard), countRetries(traffic)]).pipe(
    Layer.provide(Balancer.layer(target, P2c.policy)),
    Layer.provide(Layer.succeed(Resolver, registry.resolver)),
    Layer.provide(connector)
  )

const many = <E>(traffic: Traffic.Traffic, getItem: (id: bigint) => Effect.Effect<Traffic.Item, E>) =>
  Effect.all(
    Array.from({ length: callers }, () => Traffic.caller(traffic, getItem)),
    { concurrency: "unbounded" }
  )

const callOverThrift = (registry: Memory.Memory, traffic: Traffic.Traffic) => {
  const endpoint = stack(Fleet.targets.thrift, registry, traffic, ThriftClient.layer())
  return Thrift.ItemService.use((items) =>
    many(traffic, (id) => Effect.map(items.getItem({ req: { id } }), ({ item }) => item))
  ).pipe(Effect.provide(Layer.provide(Thrift.ItemService.client, endpoint)))
}

const callOverGrpc = (registry: Memory.Memory, traffic: Traffic.Traffic) => {
  const endpoint = stack(Fleet.targets.grpc, registry, traffic, GrpcClient.layer())
  return Grpc.ItemService.use((items) =>
    many(traffic, (id) => Effect.map(items.getItem(Grpc.GetItemRequest.make({ id })), ({ item }) => item ?? nothing))
  ).pipe(Effect.provide(Layer.provide(Grpc.ItemService.client, endpoint)))
}

/** What a reply without item counts as: an item that nobody asked for. */
const nothing: Traffic.Item = { id: -1n, content: "" }

const show = (screen: Screen, servers: ReadonlyArray<Fleet.Server>, traffics: ReadonlyArray<Traffic.Traffic>) => {
  const tick = process.stdout.isTTY ? "250 millis" : "1 second"
  return Effect.sync(() => screen.tick(servers, traffics)).pipe(
    Effect.repeat(Schedule.spaced(tick)),
    Effect.delay(tick)
  )
}

/** True when every call was answered. */
export const run = Effect.fnUntraced(function* (screen: Screen) {
  const registry = yield* Memory.make({ ttl: "2 seconds" })
  const [a, b, c] = [Fleet.make("A"), Fleet.make("B"), Fleet.make("C")]
  const servers = [a, b, c]
  const [thrift, grpc] = [new Traffic.Traffic("Thrift"), new Traffic.Traffic("gRPC")]
  const traffics = [thrift, grpc]
  yield* Effect.forkScoped(tellOfRegistry(registry, screen))
  yield* Effect.forEach(servers, (server) => Fleet.start(server, registry), { concurrency: "unbounded" })

  screen.event(`${callers} callers over Thrift and ${callers} over gRPC call GetItem, one call after the other`)
  const started = performance.now()
  const calling = yield* Effect.forkScoped(
    Effect.all([callOverThrift(registry, thrift), callOverGrpc(registry, grpc)], { concurrency: "unbounded" })
  )
  yield* Effect.forkScoped(show(screen, servers, traffics))
  yield* Effect.sleep("2500 millis")
  yield* crash(screen, registry, b, traffics)
  yield* Effect.sleep("2500 millis")
  if (performance.now() < latestRestart) yield* restart(screen, registry, c)
  yield* Effect.sleep("2 seconds")
  for (const traffic of traffics) traffic.isOver = true
  yield* Fiber.join(calling)

  const good = traffics.every((traffic) => traffic.calls > 0 && traffic.lost === 0)
  const seconds = (performance.now() - started) / 1000
  screen.end(good, traffics.map((traffic) => summary(traffic, seconds)).join("\n  "))
  return good
})

/** Milliseconds after which the second act is left out, so that a slow machine too is done within 20 seconds. */
const latestRestart = 12_500

const crash = Effect.fnUntraced(function* (
  screen: Screen,
  registry: Memory.Memory,
  server: Fleet.Server,
  traffics: ReadonlyArray<Traffic.Traffic>
) {
  const { name } = server
  const sum = (key: "lost" | "retried") => traffics.reduce((total, traffic) => total + traffic[key], 0)
  const before = sum("retried")
  screen.event(`kill -9 ${server.process?.pid}: ${name} is gone, with the calls that were in flight there`)
  yield* Fleet.kill(server)
  yield* Effect.sleep("3 seconds")
  const retried = sum("retried") - before
  screen.event(`${retried} attempts failed and were made again elsewhere, ${sum("lost")} calls were lost`)
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
  `${traffic.protocol}: ${traffic.calls.toLocaleString("en-US")} calls in ${seconds.toFixed(1)} s, with instances killed and restarted: ` +
  `${traffic.retried} retried, ${traffic.lost} lost` +
  (traffic.lost === 0 ? "." : `. The last one: ${traffic.lastLoss}`)

const tellOfRegistry = (registry: Memory.Memory, screen: Screen) =>
  Stream.runForEach(registry.resolver.watch(Fleet.targets.thrift), ({ instances }) =>
    Effect.sync(() => {
      const keys = instances.map(({ key }) => key)
      screen.event(`the registry knows ${keys.length === 0 ? "no instance yet" : keys.join(", ")}`)
    })
  )
