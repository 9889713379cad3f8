/** What the cases of the gRPC interop list have in common, from the client's side. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Client } from "../../../src/Contract.ts"
import * as Layer from "../../../src/Layer.ts"
import type { Reply } from "../../../src/Reply.ts"
import { RpcError } from "../../../src/RpcError.ts"
import { Payload, SimpleRequest } from "./gen/grpc/testing/messages.ts"
import type { TestService, UnimplementedService } from "./gen/grpc/testing/test.ts"
import type { Flags } from "./Tap.ts"

/** What a case is given. */
export interface Probe {
  readonly client: Client<typeof TestService.methods>
  readonly unimplemented: Client<typeof UnimplementedService.methods>
  /** A client with connections of its own, for `channel_soak`. */
  readonly another: Effect.Effect<Client<typeof TestService.methods>, never, Scope.Scope>
  /** Replies as middleware see them, the last one last. */
  readonly replies: Array<Reply>
  /** Which messages were compressed on the wire; undefined where nobody looks, or can. */
  readonly flags: Flags | undefined
  /** Calls of a soak. */
  readonly iterations: number
}

/** A middleware that keeps replies for the checks on metadata. */
export const recording = (replies: Array<Reply>) =>
  Layer.middleware((inner) => (call) => Effect.tap(inner(call), (reply) => Effect.sync(() => replies.push(reply))))

/** Fails with what is not as the list says. */
export type Check = (probe: Probe) => Effect.Effect<void, unknown, Scope.Scope>

export const equal = (what: string, actual: unknown, expected: unknown) =>
  Effect.suspend(() =>
    JSON.stringify(actual) === JSON.stringify(expected)
      ? Effect.void
      : Effect.fail(new Error(`${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`))
  )

export const body = (size: number) => Payload.make({ body: new Uint8Array(size) })

/** Of `large_unary`. */
export const sizes = { request: 271_828, reply: 314_159 }

export const large = SimpleRequest.make({ responseSize: sizes.reply, payload: body(sizes.request) })

/** The code of the failure; undefined where there is none, or one of another kind. */
export const codeOf = (error: unknown): number | undefined => {
  if (!(error instanceof RpcError)) return undefined
  switch (error.reason._tag) {
    case "StatusError":
      return error.reason.code
    case "DeadlineExceeded":
      return 4
    case "Unavailable":
      return 14
    default:
      return undefined
  }
}

export const detailOf = (error: unknown): string | undefined =>
  error instanceof RpcError && error.reason._tag === "StatusError" ? error.reason.detail : undefined
