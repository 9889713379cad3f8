/** The golden vectors, and how the JSON in them maps to generated values. */
import { readFileSync } from "node:fs"
import * as Json from "../../src/codegen/Json.ts"
import * as Type from "../../src/codegen/v1/Type.ts"
import type { Protocol } from "../../src/thrift/ThriftCodec.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"
import * as golden from "./gen/golden.ts"
import * as uuid from "./gen/uuid.ts"

export interface Vector {
  readonly name: string
  readonly kind: "struct" | "message" | "lenient" | "malformed"
  readonly idl: string
  readonly type: string
  readonly protocol: string
  readonly value: Json.Json
  readonly hex?: string
  readonly hexRepeat?: { readonly prefix: string; readonly unit: string; readonly times: number }
  readonly readAs?: string
  readonly readValue?: Json.Json
  readonly service?: string
  readonly method?: string
  readonly messageType?: "call" | "reply" | "exception" | "oneway"
  readonly seqid?: number
  readonly struct?: string
  readonly framed?: boolean
  readonly multiplexed?: string
}

const read = (name: string): ReadonlyArray<Vector> =>
  JSON.parse(readFileSync(new URL(`./thrift/${name}.json`, import.meta.url), "utf8"))

export const all: ReadonlyArray<Vector> = [...read("thrift"), ...read("thrift-uuid"), ...read("thrift-decode")]

export const bytesOf = ({ hex, hexRepeat }: Vector): Buffer =>
  Buffer.from(hexRepeat === undefined ? (hex ?? "") : hexRepeat.prefix + hexRepeat.unit.repeat(hexRepeat.times), "hex")

const modules: Record<string, Record<string, unknown>> = { "golden.thrift": golden, "uuid.thrift": uuid }

const isMessage = (u: unknown): u is Type.AnyMessage => typeof u === "object" && u !== null && "fields" in u

/** The generated message of a name; exceptions keep theirs in `idl`. */
export const messageOf = (idl: string, name: string): Type.AnyMessage => {
  const found = modules[idl]?.[name]
  const message = typeof found === "function" ? Reflect.get(found, "idl") : found
  if (!isMessage(message)) throw new Error(`${idl} has no message ${name}`)
  return message
}

export const protocolOf = (vector: Vector): Protocol => (vector.protocol === "compact" ? "compact" : "binary")

export const encode = (message: Type.AnyMessage, protocol: Protocol, json: Json.Json): Buffer => {
  const writer = new Writer(16)
  message.codec[protocol].encode(writer, Json.to(Type.message(message), json))
  return writer.toBytes()
}

export const decode = (message: Type.AnyMessage, protocol: Protocol, bytes: Uint8Array): Json.Json =>
  Json.of(Type.message(message), message.codec[protocol].decode(new Reader(bytes)))
