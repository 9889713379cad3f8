/** Announces a server in a registry for as long as it runs. */
import { networkInterfaces } from "node:os"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Instance from "../discovery/Instance.ts"
import { Registry, RegistryError } from "../discovery/Registry.ts"
import { Listener } from "./Listener.ts"

/** What is announced, and how long its end takes. */
export interface Options {
  /** What clients dial, where it is not what the server is bound to: behind a proxy or in a container. */
  readonly address?: string | undefined
  /** Relative share of calls; 0 takes none. Default 10. */
  readonly weight?: number | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
  /**
   * How long the server goes on accepting after it was taken from the registry, for clients to learn of it. Default none:
   * resolvers in the same process know at once, remote ones within a watch's latency or a polling interval.
   */
  readonly propagation?: Duration.Input | undefined
}

/**
 * Announces the bound address as `target`. It stands over the server, `Announce.layer("items").pipe(Layer.provide(server))`,
 * so on release the announcement goes first, then `propagation` passes, and only then the server stops to accept. A server
 * bound to all interfaces announces the first external IPv4 address of this machine, or loopback when there is none.
 */
export const layer = (target: string, options?: Options): Layer.Layer<never, RegistryError, Registry | Listener> =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const registry = yield* Registry
      const listener = yield* Listener
      const address = yield* advertised(target, listener.address, options?.address)
      const { propagation, tags, weight } = options ?? {}
      if (propagation !== undefined) yield* Effect.addFinalizer(() => Effect.sleep(propagation))
      yield* registry.announce(
        target,
        Instance.make(address, { weight, tags: tags === undefined ? undefined : new Map(Object.entries(tags)) })
      )
    })
  )

const advertised = (
  target: string,
  bound: Instance.Address,
  text: string | undefined
): Effect.Effect<Instance.Address, RegistryError> => {
  if (text === undefined) return Effect.sync(() => dialable(bound))
  const address = Instance.parseAddress(text)
  return address === undefined
    ? Effect.fail(
        new RegistryError({
          target,
          instance: text,
          detail: "this is no address; write host:port, [v6]:port or a socket path"
        })
      )
    : Effect.succeed(address)
}

const dialable = (bound: Instance.Address): Instance.Address => {
  if (bound._tag === "Unix" || (bound.host !== "0.0.0.0" && bound.host !== "::")) return bound
  const external = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find((address) => address.family === "IPv4" && !address.internal)
  return { ...bound, host: external?.address ?? "127.0.0.1" }
}
