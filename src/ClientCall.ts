/** Makes and sends the call of a client method, from its arguments, the call's options and the call being served, if any. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Call from "./Call.ts"
import * as CallOptions from "./CallOptions.ts"
import type { Endpoint } from "./Endpoint.ts"
import * as Metainfo from "./Metainfo.ts"
import type * as Method from "./Method.ts"

/** The remaining deadline and the persistent metainfo of the current call flow on without being passed. */
export const send = (
  fiber: Fiber.Fiber<unknown, unknown>,
  endpoint: Endpoint["Service"],
  method: Method.Any,
  payload: unknown
): ReturnType<Endpoint["Service"]> => {
  const served = fiber.getRef(Call.Current)
  const options = fiber.getRef(CallOptions.CurrentOptions)
  if (served === undefined && options === CallOptions.none) return endpoint(Call.make(method, payload))
  const { onReply } = options
  const sent = endpoint(make(fiber, served, options, method, payload))
  return onReply === undefined ? sent : Effect.tap(sent, onReply)
}

const make = (
  fiber: Fiber.Fiber<unknown, unknown>,
  served: Call.Call | undefined,
  options: CallOptions.CallOptions,
  method: Method.Any,
  payload: unknown
): Call.Call => {
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
