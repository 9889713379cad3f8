/** Whether the messages of one request are compressed: who calls may choose, and who serves may ask. */
import * as Effect from "effect/Effect"
import * as Call from "../Call.ts"
import * as ClientSender from "./ClientSender.ts"
import { GrpcCall } from "./GrpcCall.ts"

/**
 * For the messages that the running stream of requests gives from here on, where the call has an encoding
 * (`GrpcClient.withCompression`). Elsewhere it does nothing; whether a single request is compressed, its encoding says.
 *
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 * import { RequestCompression } from "volant/grpc"
 *
 * const photos = Stream.make({ name: "a.jpeg" }, { name: "b.jpeg" })
 * export const asTheyAre = Stream.mapEffect(photos, (photo) => Effect.as(RequestCompression.set(false), photo))
 * ```
 */
export const set = (compresses: boolean): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const sender = fiber.getRef(ClientSender.Current)
    if (sender !== undefined) sender.compresses = compresses
    return Effect.void
  })

/**
 * Whether the request of the running handler came compressed; of a stream, the message that was pulled last. false outside
 * of a handler, and of gRPC.
 */
export const isCompressed: Effect.Effect<boolean> = Effect.withFiber((fiber) => {
  const inFlight = fiber.getRef(Call.Current)?.inFlight
  return Effect.succeed(inFlight instanceof GrpcCall && inFlight.taken?.isCompressed === true)
})
