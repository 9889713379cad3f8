/** Sends calls over one of Effect's own protocols: an endpoint for the contract's client, with or without middleware over it. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Call } from "../Call.ts"
import type { Endpoint } from "../Endpoint.ts"
import * as MetainfoHeaders from "../grpc/MetainfoHeaders.ts"
import type * as Method from "../Method.ts"
import * as Reply from "../Reply.ts"
import {
  ApplicationError,
  DeadlineExceeded,
  isRpcError,
  ProtocolError,
  type Reason,
  RpcError,
  Unavailable
} from "../RpcError.ts"
import * as ApplicationException from "../thrift/ApplicationException.ts"
import type { MethodSchemas } from "./MethodSchemas.ts"

/** A flat client of a group. */
export type FlatClient = (
  tag: string,
  payload: unknown,
  options: { readonly headers: ReadonlyArray<readonly [string, string]>; readonly discard?: true }
) => Effect.Effect<unknown, unknown> | Stream.Stream<unknown, unknown>

/** A method, its name in the client's group, and what it takes. */
export interface Member {
  readonly method: Method.Any
  readonly tag: string
  readonly schemas: Pick<MethodSchemas, "request">
}

/** Calls of other methods than the members fail. */
export const make = (members: ReadonlyArray<Member>, client: FlatClient): Endpoint["Service"] => {
  const prepared = new Map(
    members.map(({ method, schemas, tag }) => [method, { tag, check: checkOf(schemas.request) }])
  )
  return (call) => {
    const member = prepared.get(call.method)
    if (member === undefined) return Effect.fail(failure(call, unknownMethod))
    const wrong = member.check(call.payload)
    if (wrong !== undefined) return Effect.fail(failure(call, new ProtocolError({ detail: wrong })))
    const sent = Effect.suspend(() => {
      const headers = headersOf(call)
      // Discarded, a call succeeds when its handler begins.
      const isOneway = call.method.kind === "oneway"
      const out = client(member.tag, call.payload, isOneway ? { headers, discard: true } : { headers })
      if (Stream.isStream(out)) return Effect.succeed(Reply.succeed(bodyOf(call, out)))
      return Effect.matchEffect(Effect.catchDefect(out, onDefect), {
        onSuccess: (value) => Effect.succeed(Reply.succeed(value)),
        onFailure: (error) => {
          const own = toOwn(call, error)
          return isRpcError(own) ? Effect.fail(own) : Effect.succeed(Reply.fail(own))
        }
      })
    })
    return call.deadline === undefined ? sent : within(call, call.deadline, sent)
  }
}

/** Says what is wrong with a request, before Effect's client throws. */
const checkOf = (request: Schema.Codec<any, any>) => {
  const decode = Schema.decodeUnknownResult(Schema.toType(request))
  return (payload: unknown): string | undefined => {
    const decoded = decode(payload)
    return Result.isFailure(decoded) ? `the request is not of its type: ${String(decoded.failure)}` : undefined
  }
}

const bodyOf = (call: Call, out: Stream.Stream<unknown, unknown>): Stream.Stream<unknown, unknown> => {
  const body = Stream.mapError(
    Stream.catchCause(out, (cause) => Stream.fromEffect(Effect.catchDefect(Effect.failCause(cause), onDefect))),
    (error) => toOwn(call, error)
  )
  return call.deadline === undefined ? body : Stream.interruptWhen(body, expiry(call, call.deadline))
}

const within = (
  call: Call,
  deadline: number,
  sent: Effect.Effect<Reply.Reply, RpcError>
): Effect.Effect<Reply.Reply, RpcError> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    now >= deadline ? Effect.fail(expired(call, deadline)) : Effect.raceFirst(sent, expiry(call, deadline))
  )

/** Fails once the deadline has passed. */
const expiry = (call: Call, deadline: number): Effect.Effect<never, RpcError> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.delay(Effect.fail(expired(call, deadline)), Math.max(0, deadline - now))
  )

const expired = (call: Call, deadline: number): RpcError => failure(call, new DeadlineExceeded({ deadline }))

/** Text goes; a header holds no bytes. */
const headersOf = (call: Call): ReadonlyArray<readonly [string, string]> => {
  const fields = call.metadata.entries.flatMap(([key, value]) =>
    typeof value === "string" ? [[key, value] as const] : []
  )
  const metainfo: Array<string> = []
  MetainfoHeaders.append(metainfo, call.metainfo)
  for (let i = 0; i < metainfo.length; i += 2) fields.push([metainfo[i]!, metainfo[i + 1]!])
  return fields
}

/** The protocol's own failures, as ours. */
const toOwn = (call: Call, error: unknown): unknown => {
  if (Predicate.isTagged(error, "RpcClientError")) {
    return failure(
      call,
      new Unavailable({ unsent: false, detail: String(Reflect.get(error, "message")), cause: error })
    )
  }
  return error instanceof Broken ? failure(call, error.reason) : error
}

/** The peer answered with a defect. */
class Broken {
  readonly reason: ApplicationError
  constructor(defect: unknown) {
    // Effect's server has no other word for it.
    const isUnknown = String(defect).startsWith("Unknown request tag")
    this.reason = new ApplicationError({
      code: isUnknown ? ApplicationException.unknownMethod : ApplicationException.internalError,
      detail: isUnknown ? "the peer does not have the method" : "the peer broke while it handled the call"
    })
  }
}

const onDefect = (defect: unknown): Effect.Effect<never, Broken> => Effect.fail(new Broken(defect))

const unknownMethod = new ApplicationError({
  code: ApplicationException.unknownMethod,
  detail: "the method is not in the group; requests that stream cannot be"
})

const failure = (call: Call, reason: Reason): RpcError => new RpcError({ method: call.method.fullName, reason })
