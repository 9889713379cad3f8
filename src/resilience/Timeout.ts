/** Bounds calls in time. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Call from "../Call.ts"
import * as Layer from "../Layer.ts"
import { DeadlineExceeded } from "../RpcError.ts"
import type { Service } from "../Service.ts"

/**
 * Gives each call a deadline this long from now, unless its own is earlier. The layer only writes the deadline; what waits
 * holds to it: the transport for the reply, a Retry for its pause, the server for its handler. They fail with an RpcError
 * whose reason is `DeadlineExceeded`. Over a Retry it bounds all attempts, below one each attempt.
 * An infinite timeout sets no deadline.
 */
export const layer = (timeout: Duration.Input): Layer.Middleware => {
  const millis = Duration.toMillis(timeout)
  return Layer.middleware((inner) =>
    Effect.map(Clock.Clock, (clock) =>
      millis === Infinity
        ? inner
        : (call: Call.Call) => inner(Call.withDeadline(call, clock.currentTimeMillisUnsafe() + millis))
    )
  )
}

/**
 * The value form, for a service of any kind: interrupts it after this long and fails with `DeadlineExceeded`. It has to race
 * the service, which costs some microseconds a call; in front of an Endpoint the layer does the same for next to nothing.
 */
export const wrap = (timeout: Duration.Input) => {
  const millis = Duration.toMillis(timeout)
  return <Req, Res, E, R>(self: Service<Req, Res, E, R>): Service<Req, Res, E | DeadlineExceeded, R> =>
    (request) =>
      Effect.flatMap(Clock.currentTimeMillis, (start) =>
        Effect.timeoutOrElse(self(request), {
          duration: millis,
          orElse: () => Effect.fail(new DeadlineExceeded({ deadline: start + millis }))
        })
      )
}
