/**
 * Options of one call, or of every call in a region of a program: `items.getItem(req).pipe(CallOptions.withTimeout("50 millis"))`.
 * They do not pass on to the calls that the peer makes; deadline and persistent metainfo do. For calls that give a stream
 * there is `StreamOptions`.
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { noTags } from "./Call.ts"
import * as Metadata from "./Metadata.ts"
import * as Metainfo from "./Metainfo.ts"
import type { Reply } from "./Reply.ts"

/** All options of a call. Who makes a call sets them by the functions here; the defaults are those of `none`. */
export interface CallOptions {
  /** Milliseconds; undefined leaves the deadline to middleware and to the caller's own. */
  readonly timeout: number | undefined
  readonly metadata: Metadata.Metadata
  readonly metainfo: Metainfo.Metainfo
  readonly tags: ReadonlyMap<string, string>
  readonly hashKey: string | undefined
  /** false turns the Retry middleware off for the call. */
  readonly retry: boolean
  /** `host:port` or a socket path: this instance, whatever the balancer would choose. */
  readonly instance: string | undefined
  /** Hears of the reply. */
  readonly onReply: ((reply: Reply) => Effect.Effect<void>) | undefined
}

/** What each function here gives. */
export interface Option {
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
}

/** No option set: no timeout, no metadata or metainfo, no tags, retried where a Retry stands, any instance. */
export const none: CallOptions = {
  timeout: undefined,
  metadata: Metadata.empty,
  metainfo: Metainfo.empty,
  tags: noTags,
  hashKey: undefined,
  retry: true,
  instance: undefined,
  onReply: undefined
}

/** The options of the calls that the running fiber makes; `none` where nobody set any. */
export const CurrentOptions: Context.Reference<CallOptions> = Context.Reference<CallOptions>("volant/CallOptions", {
  defaultValue: () => none
})

const update =
  (f: (options: CallOptions) => CallOptions): Option =>
  (self) =>
    Effect.updateService(self, CurrentOptions, f)

/** Bounds the call. The earliest of all deadlines holds; an infinite timeout sets none. */
export const withTimeout = (timeout: Duration.Input) => {
  const millis = Duration.toMillis(timeout)
  return update((options) => (millis < (options.timeout ?? Infinity) ? { ...options, timeout: millis } : options))
}

/** Adds one entry of metadata. */
export const withMetadata = (key: string, value: Metadata.Value) =>
  update((options) => ({ ...options, metadata: Metadata.append(options.metadata, key, value) }))

/** Adds a metainfo entry that travels along the whole chain of calls. */
export const withPersistent = (key: string, value: string) =>
  update((options) => ({ ...options, metainfo: Metainfo.withPersistent(options.metainfo, key, value) }))

/** Adds a metainfo entry for the called service alone. */
export const withTransient = (key: string, value: string) =>
  update((options) => ({ ...options, metainfo: Metainfo.withTransient(options.metainfo, key, value) }))

/** Adds a label for routing and balancing on this side. */
export const withTag = (key: string, value: string) =>
  update((options) => ({ ...options, tags: new Map(options.tags).set(key, value) }))

/** What a hashing balancer hashes: equal keys go to the same instance. */
export const withHashKey = (hashKey: string) => update((options) => ({ ...options, hashKey }))

/** Switches the Retry middleware on (default) or off. */
export const withRetry = (retry: boolean) => update((options) => ({ ...options, retry }))

/** Sends to this instance and no other: `host:port` or a socket path. */
export const withInstance = (instance: string) => update((options) => ({ ...options, instance }))

/**
 * Runs `f` with the reply before the call ends, for the metadata that came with it and the metainfo that returned:
 * `CallOptions.withReply(({ metadata }) => Ref.set(seen, metadata))`. A streamed reply is one when its first message comes, or
 * its end; its trailers and the metainfo behind it are there once the stream has ended. A declared error is a reply as well;
 * of other failures `GrpcClient.metadata` and `GrpcClient.trailers` tell. Of several the innermost runs.
 */
export const withReply = (f: (reply: Reply) => Effect.Effect<void>) => update((options) => ({ ...options, onReply: f }))
