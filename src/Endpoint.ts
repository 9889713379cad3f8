import * as Context from "effect/Context"
import type { Call } from "./Call.ts"
import type { Reply } from "./Reply.ts"
import type { RpcError } from "./RpcError.ts"
import type { Service } from "./Service.ts"

/** The erased service that every middleware wraps, on the client and on the server. Never an address. */
export class Endpoint extends Context.Service<Endpoint, Service<Call, Reply, RpcError>>()("volant/Endpoint") {}
