/**
 * The health service of gRPC (grpc/doc/health-checking.md): `Check`, `Watch` and `List`. A service is SERVING when the
 * router has it and nothing else was said; the empty name is the server as a whole.
 *
 * `Router.layer(ItemsLive, Health.serve)` with `Layer.provideMerge(Health.layer)` below.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Call from "../Call.ts"
import { type DuplicateRoute, Router } from "../Router.ts"
import { RpcError, StatusError } from "../RpcError.ts"
import * as Generated from "./gen/grpc/health/v1/health.ts"
import * as StatusCode from "./StatusCode.ts"

/** What a service can be said to be. */
export type Status = "SERVING" | "NOT_SERVING" | "UNKNOWN"

type Response = Generated.HealthCheckResponse

const values = Generated.HealthCheckResponse_ServingStatus

/** What a server tells of its services. */
export class Health extends Context.Service<
  Health,
  {
    /** Says it of a service, by its full name. */
    readonly set: (service: string, status: Status) => Effect.Effect<void>
    /** Takes back what was said. */
    readonly clear: (service: string) => Effect.Effect<void>
    /** Says NOT_SERVING of everything, whatever was or will be said. For a server that is about to end. */
    readonly shutdown: Effect.Effect<void>
    /** What was said of a service; undefined is nothing. */
    readonly get: (service: string) => Status | undefined
    /** What was said of any, by name. */
    readonly all: () => ReadonlyMap<string, Status>
    readonly isShutdown: () => boolean
    /** Counts the changes. */
    readonly version: () => number
    /** Succeeds once there is a later version. */
    readonly changed: (version: number) => Effect.Effect<void>
  }
>()("volant/grpc/Health") {}

/** Nothing is said of any service yet. */
export const layer: Layer.Layer<Health> = Layer.sync(Health, () => {
  const said = new Map<string, Status>()
  const waiting = new Set<() => void>()
  let isShutdown = false
  let version = 0
  const change = (f: () => void) =>
    Effect.sync(() => {
      f()
      version++
      for (const wake of Array.from(waiting)) wake()
    })
  return Health.of({
    set: (service, status) => change(() => said.set(service, status)),
    clear: (service) => change(() => said.delete(service)),
    shutdown: change(() => {
      isShutdown = true
    }),
    get: (service) => said.get(service),
    all: () => said,
    isShutdown: () => isShutdown,
    version: () => version,
    changed: (seen) =>
      Effect.callback((resume) => {
        if (version !== seen) return resume(Effect.void)
        const wake = () => {
          waiting.delete(wake)
          resume(Effect.void)
        }
        waiting.add(wake)
        return Effect.sync(() => void waiting.delete(wake))
      })
  })
})

interface Lookup {
  readonly health: Health["Service"]
  readonly router: Router["Service"]
}

/** undefined when nobody knows the service. */
const statusOf = ({ health, router }: Lookup, service: string): Response["status"] | undefined => {
  const said = health.get(service)
  if (said === undefined && service !== "" && !router.contracts().includes(service)) return undefined
  return health.isShutdown() ? values.NOT_SERVING : values[said ?? "SERVING"]
}

const check = (lookup: Lookup, service: string): Effect.Effect<Response, RpcError> => {
  const status = statusOf(lookup, service)
  if (status !== undefined) return Exit.succeed({ status })
  const detail = `unknown service "${service.slice(0, 200)}"`
  return Effect.fail(
    new RpcError({
      method: "grpc.health.v1.Health.Check",
      reason: new StatusError({ code: StatusCode.notFound, detail })
    })
  )
}

const list = ({ health, router }: Lookup): Effect.Effect<Generated.HealthListResponse> => {
  const services = new Set(["", ...router.contracts(), ...health.all().keys()])
  const statuses = Array.from(services, (service) => {
    const status = statusOf({ health, router }, service) ?? values.UNKNOWN
    return [service, { status }] as const
  })
  return Exit.succeed({ statuses: new Map(statuses) })
}

/** The status, and each other one that follows. A server that drains says NOT_SERVING and ends. */
const watch = (lookup: Lookup, service: string): Stream.Stream<Response> =>
  Stream.fromPull(
    Effect.map(Call.Current, (call) => {
      const draining = Effect.as(call?.inFlight?.draining ?? Effect.never, true)
      const { health } = lookup
      let last: number | undefined
      let ended = false
      const pull = Effect.suspend((): Effect.Effect<readonly [Response], Cause.Done> => {
        if (ended) return Cause.done()
        const version = health.version()
        const status = statusOf(lookup, service) ?? values.SERVICE_UNKNOWN
        if (status !== last) return Exit.succeed([{ status: (last = status) }])
        return Effect.flatMap(Effect.raceFirst(Effect.as(health.changed(version), false), draining), (drains) => {
          ended = drains
          const isNews = drains && last !== values.NOT_SERVING
          return isNews ? Exit.succeed<readonly [Response]>([{ status: values.NOT_SERVING }]) : pull
        })
      })
      return pull
    })
  )

/** Serves the health of all that the router serves, for `Router.layer`. */
export const serve: Layer.Layer<never, DuplicateRoute, Router | Health> = Layer.unwrap(
  Effect.gen(function* () {
    const lookup: Lookup = { health: yield* Health, router: yield* Router }
    return Generated.Health.serve({
      check: ({ service }) => check(lookup, service),
      watch: ({ service }) => watch(lookup, service),
      list: () => list(lookup)
    })
  })
)
