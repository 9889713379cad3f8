/**
 * gRPC's service config, a JSON document that says how a service is to be called: time, retries, waiting and balancing for
 * each method (github.com/grpc/grpc/blob/master/doc/service_config.md; retries are gRFC A6). `parse` reads it, `layer` makes
 * the middleware that does what it says, and `policy` the balancing policy.
 *
 * ```ts
 * import { P2c } from "volant/balancing"
 * import { ServiceConfig } from "volant/grpc"
 *
 * const config = ServiceConfig.parseUnsafe(`{
 *   "loadBalancingConfig": [{ "round_robin": {} }],
 *   "methodConfig": [{ "name": [{ "service": "acme.Items" }], "timeout": "1s" }]
 * }`)
 * export const middleware = ServiceConfig.layer(config)
 * export const policy = ServiceConfig.policy(config, P2c.policy)
 * ```
 */
export * from "./ServiceConfigDocument.ts"
export { InvalidServiceConfig } from "./ServiceConfigJson.ts"
export { layer, layerChanges } from "./ServiceConfigLayer.ts"
