/**
 * Call options of calls that give a stream. `CallOptions` are for Effects:
 *
 * ```ts
 * import type * as Stream from "effect/Stream"
 * import { CallOptions } from "volant"
 * import { StreamOptions } from "volant/grpc"
 *
 * export const bounded = <A, E, R>(replies: Stream.Stream<A, E, R>) =>
 *   replies.pipe(StreamOptions.provide(CallOptions.withTimeout("1 minute"), CallOptions.withMetadata("key", "value")))
 * ```
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as CallOptions from "./CallOptions.ts"

/** Gives them to the calls that the stream makes, also those of streams that it was made of. */
export const provide =
  (...options: ReadonlyArray<CallOptions.Option>) =>
  <A, E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<A, E, R> => {
    const current: Effect.Effect<CallOptions.CallOptions> = CallOptions.CurrentOptions
    const together = options.reduce((effect, option) => option(effect), current)
    return Stream.unwrap(
      Effect.map(together, (updated) => Stream.provideService(self, CallOptions.CurrentOptions, updated))
    )
  }
