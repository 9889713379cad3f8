/** What a running server listens on. */
import * as Context from "effect/Context"
import type { Address } from "../discovery/Instance.ts"

/** The bound address: with the port that the system chose where 0 was asked for. A server's layer provides it. */
export class Listener extends Context.Service<Listener, { readonly address: Address }>()("volant/transport/Listener") {}
