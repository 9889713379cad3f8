/**
 * A program that others wrote, which interop tests talk to. scripts/interop.ts installs what it needs, builds it into a cache
 * outside of the checkout and tells the tests where it lies.
 */
export interface Peer {
  readonly name: string
  /** Packages of Debian 12 to install. */
  readonly debian: ReadonlyArray<string>
  /** Builds the peer into `directory`, which exists. Throws with the reason if it can't. Runs again only when `revision` changes. */
  readonly prepare: (directory: string) => Promise<void> | void
  /** Part of the cache key: change it when `prepare` changes. Files that `prepare` reads are best hashed into it. */
  readonly revision: string
}

const variable = (name: string): string => `VOLANT_PEER_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`

/** What scripts/interop.ts sets for the tests. */
export const environment = (name: string, directory: string): Record<string, string> => ({
  [variable(name)]: directory
})

/** Where `prepare` built the peer; undefined when it could not (the runner has said why, and has failed in CI). */
export const directory = (name: string): string | undefined => process.env[variable(name)]
