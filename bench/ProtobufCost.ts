/**
 * CPU nanoseconds to encode and to decode the order message of protobuf, ours and the peers' in turn in one process. 64-bit
 * integers are bigints here, in protobuf-es and in ts-proto; protobufjs has them as `Long`s, which costs it less.
 */
import assert from "node:assert/strict"
import { Reader } from "../src/wire/Reader.ts"
import { Writer } from "../src/wire/Writer.ts"
import { limits } from "../src/grpc/ProtobufRead.ts"
import * as CodecRounds from "./CodecRounds.ts"
import type * as Message from "../src/grpc/ProtobufMessage.ts"
import type { Figure } from "./Figure.ts"
import { Order } from "./gen/proto/order.ts"
import { order as fields } from "./OrderValue.ts"
import * as ProtobufEs from "./peers/protobufEs.ts"
import * as ProtobufJs from "./peers/protobufJs.ts"
import * as TsProto from "./peers/tsProto.ts"

const ours = (order: Order): CodecRounds.Codec => {
  const writer = new Writer()
  const encode = () => {
    writer.reset()
    Order.codec.encode(writer, order)
    return writer.toBytes()
  }
  const bytes = encode()
  const reader = new Reader(bytes, limits)
  const decode = () => {
    reader.reset(bytes, 0, bytes.length)
    return Order.codec.decode(reader)
  }
  return { name: "volant protobuf", encode, decode }
}

// The order of the Thrift bench has all of these fields.
const theOrder = Order.make(fields as Message.Init<Order>)

const letters = "abcdefghijklmnopqrstuvwxyz0123456789"

/** The order with other letters and digits in all its text, another for each seed. */
const variant = (seed: number): Order => {
  let state = seed
  const next = (): string => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return letters[(state >>> 16) % letters.length]!
  }
  const vary = (value: unknown): unknown => {
    if (typeof value === "string") return value.replace(/[a-z0-9]/gi, next)
    if (value instanceof Map) return new Map([...value].map(([key, item]) => [vary(key), vary(item)]))
    if (Array.isArray(value)) return value.map(vary)
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, vary(item)]))
  }
  return Order.make(vary(fields) as Message.Init<Order>)
}

/** One codec after the other. */
const inTurn = (all: ReadonlyArray<CodecRounds.Codec>): CodecRounds.Codec => {
  let encoded = 0
  let decoded = 0
  return {
    name: all[0]!.name,
    encode: () => all[encoded++ % all.length]!.encode(),
    decode: () => all[decoded++ % all.length]!.decode()
  }
}

/**
 * Orders of which no text comes again: Volant keeps short strings that do, which an order that is measured again and again
 * flatters.
 */
const variants = (): ReadonlyArray<CodecRounds.Codec> => {
  const all = Array.from({ length: 256 }, (_, seed) => ours(variant(seed)))
  const named = (codec: Omit<CodecRounds.Codec, "name">) => ({ name: "protobufjs static", ...codec })
  return [inTurn(all), inTurn(all.map((codec) => named(ProtobufJs.make(Buffer.from(codec.encode())))))]
}

const codecs = (): ReadonlyArray<CodecRounds.Codec> => {
  const volant = ours(theOrder)
  const bytes = Buffer.from(volant.encode())
  return [
    volant,
    { name: "protobufjs static", ...ProtobufJs.make(bytes) },
    { name: "protobuf-es", ...ProtobufEs.make(bytes) },
    { name: "ts-proto", ...TsProto.make(bytes) }
  ].map((codec) => {
    assert.equal(codec.encode().length, bytes.length, `${codec.name} writes other bytes`)
    return codec
  })
}

const figure = (
  name: string,
  volant: CodecRounds.Cost,
  peer: CodecRounds.Cost,
  goal?: number,
  stretch?: number,
  what = "order, protobuf"
): Figure => ({
  section: "codec",
  name: what,
  against: name,
  unit: "ns",
  ours: volant.encode + volant.decode,
  peer: peer.encode + peer.decode,
  compare: "ratio",
  goal,
  stretch
})

const costs = (rounds: number): ReadonlyArray<CodecRounds.Cost> => [
  ...CodecRounds.least(codecs(), "protobuf", rounds),
  ...CodecRounds.least(variants(), "protobuf, no text twice", rounds)
]

export const measure = (rounds = 24): ReadonlyArray<Figure> => {
  const [volant, js, es, ts, fresh, freshJs] = costs(rounds) as [
    CodecRounds.Cost,
    CodecRounds.Cost,
    CodecRounds.Cost,
    CodecRounds.Cost,
    CodecRounds.Cost,
    CodecRounds.Cost
  ]
  return [
    figure(js.name, volant, js, 0.75, 0.55),
    figure(es.name, volant, es, 0.5, 0.33),
    figure(ts.name, volant, ts, 0.6, 0.42),
    figure(js.name, fresh, freshJs, undefined, undefined, "no text twice, protobuf")
  ]
}

/** A line for each codec. */
export const table = (rounds = 24): string => CodecRounds.table(costs(rounds))
