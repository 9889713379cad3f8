/** Builds the call of a client method from its arguments, the call's options and the call being served, if any. */
import * as Clock from "effect/Clock"
import type * as Fiber from "effect/Fiber"
import * as Call from "./Call.ts"
import * as CallOptions from "./CallOptions.ts"
import * as Metainfo from "./Metainfo.ts"
import type * as Method from "./Method.ts"

/** The remaining deadline and the persistent metainfo of the current call flow on without being passed. */
export const make = (fiber: Fiber.Fiber<unknown, unknown>, method: Method.Any, payload: unknown): Call.Call => {
  const served = fiber.getRef(Call.Current)
  const options = fiber.getRef(CallOptions.CurrentOptions)
  if (served === undefined && options === CallOptions.none) return Call.make(method, payload)
  const own =
    options.timeout === undefined ? undefined : fiber.getRef(Clock.Clock).currentTimeMillisUnsafe() + options.timeout
  return {
    method,
    payload,
    metadata: options.metadata,
    metainfo:
      served === undefined ? options.metainfo : Metainfo.merge(Metainfo.next(served.metainfo), options.metainfo),
    deadline: earliest(served?.deadline, own),
    attempt: 0,
    tried: Call.noTried,
    hashKey: options.hashKey,
    tags: options.tags,
    instance: options.instance,
    peer: undefined,
    identity: undefined,
    inFlight: undefined
  }
}

const earliest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b)
