/**
 * One job of `volant decode` or `volant encode`: which bytes or which value, of which type, in which form. A job is a
 * struct (`type`) or a whole message (`service` and what stands in a message's header).
 */
import type * as Message from "../thrift/Message.ts"
import { invalidJob } from "./JobError.ts"

/** As the JSON of jobs and answers names the types of a Thrift message. */
export type MessageType = "call" | "reply" | "exception" | "oneway"

/** What a job says about the form of its bytes, whichever way it goes. */
export interface Form {
  /** Path of the IDL file, relative to the working folder. */
  readonly idl: string
  readonly protocol: Protocol
  /** A length of 32 bits stands in front. */
  readonly framed: boolean
  /** A struct, union or exception; undefined for a message. */
  readonly type: string | undefined
  /** A message, unless `type` is there. */
  readonly message: Header
}

/** Of a message. When decoding only `service` is asked for; the rest is in the bytes. */
export interface Header {
  /** Plain, or behind the namespace or the file's name: `Items`, `acme.Items`. */
  readonly service: string | undefined
  readonly method: string | undefined
  readonly messageType: MessageType | undefined
  readonly seqid: number
  /** The name in front of the method's where several services share a connection. */
  readonly multiplexed: string | undefined
}

/** Bytes to read: a struct or a message, behind a frame's length where `framed` says so. */
export interface DecodeJob extends Form {
  readonly bytes: Uint8Array
}

/** A value to write, in the JSON of `codegen/Json.ts`. */
export interface EncodeJob extends Form {
  readonly value: unknown
}

/** Of Thrift; the old Binary without version differs from Binary in messages alone. And two of protobuf. */
export type Protocol = Message.Protocol | "protobuf" | "json"

/** What `protocol` may say. */
export const protocols: ReadonlyArray<Protocol> = ["binary", "binary-nonstrict", "compact", "protobuf", "json"]

/** What `messageType` may say. */
export const messageTypes: ReadonlyArray<MessageType> = ["call", "reply", "exception", "oneway"]

type Entries = Readonly<Record<string, unknown>>

/** A job from one line of JSON. Throws `JobError`. */
export const parseDecode = (line: string): DecodeJob => {
  const entries = parseEntries(line)
  return { ...form(entries), bytes: fromHex(text(entries, "hex")) }
}

/** A job from one line of JSON. Throws `JobError`. */
export const parseEncode = (line: string): EncodeJob => {
  const entries = parseEntries(line)
  if (!Object.hasOwn(entries, "value")) throw invalidJob('"value" is missing')
  return { ...form(entries), value: entries["value"] }
}

/** Bytes from hexadecimal digits; white space between them does not count. Throws `JobError`. */
export const fromHex = (text: string): Uint8Array => {
  const digits = text.replaceAll(/\s+/g, "")
  if (digits.length % 2 !== 0) throw invalidJob(`"hex" has ${digits.length} digits; a byte takes two`)
  const wrong = /[^0-9a-fA-F]/.exec(digits)
  if (wrong !== null) throw invalidJob(`"hex" has ${JSON.stringify(wrong[0])} at ${wrong.index}, no hexadecimal digit`)
  return Buffer.from(digits, "hex")
}

const parseEntries = (line: string): Entries => {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch (cause) {
    throw invalidJob(`the line is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw invalidJob(
      "the line is no JSON object; a job looks like " + '{"idl":"a.thrift","type":"T","protocol":"binary"}'
    )
  }
  return parsed as Entries
}

const form = (entries: Entries): Form => {
  const type = optionalText(entries, "type")
  const message = header(entries)
  if (type === undefined && message.service === undefined && message.method === undefined) {
    throw invalidJob('"type" is missing, or "service" and "method" for a whole message')
  }
  return {
    idl: text(entries, "idl"),
    protocol: oneOf(entries, "protocol", protocols) ?? missing("protocol"),
    framed: flag(entries, "framed"),
    type: message.service === undefined && message.method === undefined ? type : undefined,
    message
  }
}

const header = (entries: Entries): Header => ({
  service: optionalText(entries, "service"),
  method: optionalText(entries, "method"),
  messageType: oneOf(entries, "messageType", messageTypes),
  seqid: seqid(entries["seqid"]),
  multiplexed: optionalText(entries, "multiplexed")
})

const seqid = (value: unknown): number => {
  if (value === undefined || value === null) return 0
  if (typeof value === "number" && (value | 0) === value) return value
  throw invalidJob(`"seqid" is ${JSON.stringify(value)}, no whole number of 32 bits`)
}

const missing = (key: string): never => {
  throw invalidJob(`"${key}" is missing`)
}

const text = (entries: Entries, key: string): string => optionalText(entries, key) ?? missing(key)

/** null counts as absent, as many writers of JSON have it. */
const optionalText = (entries: Entries, key: string): string | undefined => {
  const value = Object.hasOwn(entries, key) ? entries[key] : undefined
  if (value === undefined || value === null) return undefined
  if (typeof value === "string") return value
  throw invalidJob(`"${key}" is ${JSON.stringify(value)}, no string`)
}

const oneOf = <A extends string>(entries: Entries, key: string, all: ReadonlyArray<A>): A | undefined => {
  const value = optionalText(entries, key)
  if (value === undefined) return undefined
  const found = all.find((each) => each === value)
  if (found === undefined) throw invalidJob(`"${key}" is ${JSON.stringify(value)}, none of ${all.join(", ")}`)
  return found
}

const flag = (entries: Entries, key: string): boolean => {
  const value = entries[key]
  if (value === undefined || value === null) return false
  if (typeof value === "boolean") return value
  throw invalidJob(`"${key}" is ${JSON.stringify(value)}, neither true nor false`)
}
