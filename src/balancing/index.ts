/** Spreading calls over the instances of a service. */
export * as Balancer from "./Balancer.ts"
export * as P2c from "./P2c.ts"
export type { Node, Picker, Policy } from "./Policy.ts"
export * as RoundRobin from "./RoundRobin.ts"
