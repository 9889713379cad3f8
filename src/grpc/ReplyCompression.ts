/** Whether the messages of one answer are compressed, where server and caller agree on an encoding. */
import * as Effect from "effect/Effect"
import * as Call from "../Call.ts"
import { GrpcCall } from "./GrpcCall.ts"

/** For the messages that the running handler, or its stream, sends from here on. Outside of a handler, and of gRPC, it does nothing. */
export const set = (compresses: boolean): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const inFlight = fiber.getRef(Call.Current)?.inFlight
    if (inFlight instanceof GrpcCall) inFlight.compresses = compresses
    return Effect.void
  })
