/**
 * Options of single gRPC calls, beside those of `CallOptions`. They are tags of the call, so middleware may set them too:
 * `greeter.sayHello(request).pipe(GrpcClient.withWaitForReady(true))`.
 */
import type { Call } from "../Call.ts"
import * as CallOptions from "../CallOptions.ts"
import type { Encoding } from "./Compression.ts"

const waitForReady = "grpc.wait-for-ready"
const compression = "grpc.encoding"
const maxSend = "grpc.max-send-message-size"
const maxReceive = "grpc.max-receive-message-size"

/** Whether the call waits, up to its deadline, while there is no connection, nor an instance. Otherwise it fails at once. */
export const withWaitForReady = (wait: boolean) => CallOptions.withTag(waitForReady, String(wait))

/** How the messages of the call are compressed: `identity` is not at all. */
export const withCompression = (encoding: Encoding | "identity") => CallOptions.withTag(compression, encoding)

/** Bytes of one message that the call sends, before compression. */
export const withMaxSendMessageSize = (bytes: number) => CallOptions.withTag(maxSend, String(bytes))

/** Bytes of one message that the call takes, after decompression. */
export const withMaxReceiveMessageSize = (bytes: number) => CallOptions.withTag(maxReceive, String(bytes))

/** undefined leaves it to the client's options. */
export const waitsForReady = (call: Call): boolean | undefined => {
  const value = call.tags.get(waitForReady)
  return value === undefined ? undefined : value === "true"
}

/** The encoding that the call asks for; undefined leaves it to the client's options. */
export const compressionOf = (call: Call): string | undefined => call.tags.get(compression)

/** Bytes that a message of the call may have; undefined leaves it to the client's options. */
export const maxSendOf = (call: Call): number | undefined => numberOf(call, maxSend)

/** Bytes that a message of the reply may have; undefined leaves it to the client's options. */
export const maxReceiveOf = (call: Call): number | undefined => numberOf(call, maxReceive)

const numberOf = (call: Call, name: string): number | undefined => {
  const value = call.tags.get(name)
  return value === undefined ? undefined : Number(value)
}

/** What a service config says of a method, for `withDefaults`. */
export interface Defaults {
  readonly waitForReady: boolean | undefined
  readonly maxSend: number | undefined
  readonly maxReceive: number | undefined
}

/** The tags that a call gets where nothing closer to it says otherwise. A smaller size always holds. Make one and keep it. */
export const tagsOf = (defaults: Defaults): ReadonlyMap<string, string> => {
  const tags = new Map<string, string>()
  if (defaults.waitForReady !== undefined) tags.set(waitForReady, String(defaults.waitForReady))
  if (defaults.maxSend !== undefined) tags.set(maxSend, String(defaults.maxSend))
  if (defaults.maxReceive !== undefined) tags.set(maxReceive, String(defaults.maxReceive))
  return tags
}

/** The call's own tags and, for what they do not say, these. */
export const withTags = (call: Call, tags: ReadonlyMap<string, string>): Call => {
  if (tags.size === 0) return call
  if (call.tags.size === 0) return { ...call, tags }
  const merged = new Map(tags)
  for (const [name, value] of call.tags) {
    const limit = name === maxSend || name === maxReceive ? Number(tags.get(name) ?? Infinity) : Infinity
    merged.set(name, Number(value) > limit ? String(limit) : value)
  }
  return { ...call, tags: merged }
}
