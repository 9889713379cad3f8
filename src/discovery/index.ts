/** Finding the instances of a service, and announcing one's own. */
export * as Instance from "./Instance.ts"
export * as Memory from "./Memory.ts"
export { Registry, RegistryError } from "./Registry.ts"
export { ResolveError, Resolver, type Snapshot } from "./Resolver.ts"
export * as Static from "./Static.ts"
