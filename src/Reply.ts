/** What travels back. A declared exception is a reply, not a failure of the transport. */
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Metadata from "./Metadata.ts"
import type * as Metainfo from "./Metainfo.ts"

/** The outcome of a call that reached its handler. Of a method that streams its answer the success is a Stream. */
export interface Reply {
  readonly result: Result.Result<unknown, unknown>
  readonly metadata: Metadata.Metadata
  /** Metainfo that returns to the caller. */
  readonly backward: Metainfo.Entries
  /** Metadata behind the last message, where the protocol has them. */
  readonly trailers: Metadata.Metadata
}

const noBackward: Metainfo.Entries = new Map()

/** A reply with nothing beside its result. */
export const make = (result: Result.Result<unknown, unknown>): Reply => ({
  result,
  metadata: Metadata.empty,
  backward: noBackward,
  trailers: Metadata.empty
})

/** A reply with a value, and nothing beside it. */
export const succeed = (value: unknown): Reply => make(Result.succeed(value))

/** A declared exception. */
export const fail = (error: unknown): Reply => make(Result.fail(error))

/** What the client function of a method with one reply gives. */
export const toEffect = (reply: Reply): Effect.Effect<unknown, unknown> =>
  Result.isSuccess(reply.result) ? Exit.succeed(reply.result.success) : Exit.fail(reply.result.failure)
