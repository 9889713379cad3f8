/**
 * What a handler sends beside its reply: metadata before it, trailers behind it, metainfo that returns to the caller.
 * `ReplyMetadata.append("served-by", "a")` inside a handler; outside of one it does nothing. Protocols without metadata
 * (plain Thrift) drop it.
 */
import * as Effect from "effect/Effect"
import * as Call from "./Call.ts"
import * as Metadata from "./Metadata.ts"
import type * as Metainfo from "./Metainfo.ts"
import type { Reply } from "./Reply.ts"

/** Collected while a handler runs. */
export class Outgoing {
  metadata: Metadata.Metadata = Metadata.empty
  trailers: Metadata.Metadata = Metadata.empty
  readonly backward = new Map<string, string>()
  /** Sends the metadata at once. Set by protocols that can. */
  flush: (() => void) | undefined = undefined

  /** A reply with what was collected behind its own. */
  addTo(reply: Reply): Reply {
    return {
      result: reply.result,
      metadata: Metadata.concat(reply.metadata, this.metadata),
      backward:
        this.backward.size === 0
          ? reply.backward
          : (new Map([...reply.backward, ...this.backward]) as Metainfo.Entries),
      trailers: Metadata.concat(reply.trailers, this.trailers)
    }
  }
}

const change = (f: (outgoing: Outgoing) => void): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const inFlight = fiber.getRef(Call.Current)?.inFlight
    if (inFlight !== undefined) f(inFlight.outgoing())
    return Effect.void
  })

/** Adds an entry to the metadata before the reply. Too late, and without effect, when that was sent already. */
export const append = (key: string, value: Metadata.Value): Effect.Effect<void> =>
  change((outgoing) => {
    outgoing.metadata = Metadata.append(outgoing.metadata, key, value)
  })

/** Adds an entry to the metadata behind the reply. */
export const appendTrailer = (key: string, value: Metadata.Value): Effect.Effect<void> =>
  change((outgoing) => {
    outgoing.trailers = Metadata.append(outgoing.trailers, key, value)
  })

/** Sets a metainfo entry that returns to the caller. */
export const setBackward = (key: string, value: string): Effect.Effect<void> =>
  change((outgoing) => {
    outgoing.backward.set(key, value)
  })

/** Sends the metadata now, and not with the first message: for a stream whose caller waits for it. */
export const flush: Effect.Effect<void> = change((outgoing) => outgoing.flush?.())
