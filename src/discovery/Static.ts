/** A resolver over a fixed list, for services whose addresses are known when the program is written or configured. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Instance from "./Instance.ts"
import { ResolveError, Resolver, type Snapshot } from "./Resolver.ts"

/** An address (`host:port`, `[v6]:port`, a socket path), alone or with what the balancer should know of it. */
export type Entry =
  | string
  | {
      readonly address: string
      /** Relative share of calls; 0 takes none. Default 10. */
      readonly weight?: number | undefined
      readonly tags?: Readonly<Record<string, string>> | undefined
    }

/** The entries of each target by name. */
export type Targets = Readonly<Record<string, ReadonlyArray<Entry>>>

/**
 * `Static.layer({ "item-service": ["127.0.0.1:8080", { address: "127.0.0.1:8081", weight: 5 }] })`. Building it fails on
 * an entry that is no address; watching a target that is not listed fails with the names that are.
 */
export const layer = (targets: Targets): Layer.Layer<Resolver, ResolveError> =>
  Layer.effect(
    Resolver,
    Effect.gen(function* () {
      const snapshots = new Map<string, Snapshot>()
      for (const [target, entries] of Object.entries(targets)) {
        const instances = yield* Effect.forEach(entries, (entry) => fromEntry(target, entry))
        snapshots.set(target, { revision: 1, instances })
      }
      return Resolver.of({
        watch: (target) => {
          const snapshot = snapshots.get(target)
          return snapshot === undefined
            ? Stream.fail(new ResolveError({ target, detail: notListed(snapshots.keys()) }))
            : Stream.concat(Stream.succeed(snapshot), Stream.never)
        }
      })
    })
  )

const fromEntry = (target: string, entry: Entry): Effect.Effect<Instance.Instance, ResolveError> => {
  const { address: text, weight, tags } = typeof entry === "string" ? { address: entry } : entry
  const address = Instance.parseAddress(text)
  if (address === undefined) {
    return Effect.fail(
      new ResolveError({ target, detail: `"${text}" is no address; write host:port, [v6]:port or a socket path` })
    )
  }
  if (weight !== undefined && !(weight >= 0 && weight < Infinity)) {
    return Effect.fail(
      new ResolveError({
        target,
        detail: `the weight of ${text} is ${weight}; it has to be a finite number, 0 or more`
      })
    )
  }
  return Effect.succeed(
    Instance.make(address, { weight, tags: tags === undefined ? undefined : new Map(Object.entries(tags)) })
  )
}

const notListed = (names: Iterable<string>): string => {
  const known = Array.from(names, (name) => `"${name}"`).join(", ")
  return `it is not in the static list, which has ${known === "" ? "no target" : known}`
}
