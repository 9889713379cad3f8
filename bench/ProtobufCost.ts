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

const ours = (): CodecRounds.Codec => {
  // The order of the Thrift bench has all of these fields.
  const order = Order.make(fields as Message.Init<Order>)
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

const codecs = (): ReadonlyArray<CodecRounds.Codec> => {
  const volant = ours()
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
  goal: number,
  stretch: number
): Figure => ({
  section: "codec",
  name: "order, protobuf",
  against: name,
  unit: "ns",
  ours: volant.encode + volant.decode,
  peer: peer.encode + peer.decode,
  compare: "ratio",
  goal,
  stretch
})

const costs = (rounds: number): ReadonlyArray<CodecRounds.Cost> => CodecRounds.least(codecs(), "protobuf", rounds)

export const measure = (rounds = 24): ReadonlyArray<Figure> => {
  const [volant, js, es, ts] = costs(rounds) as [CodecRounds.Cost, CodecRounds.Cost, CodecRounds.Cost, CodecRounds.Cost]
  return [
    figure(js.name, volant, js, 0.75, 0.55),
    figure(es.name, volant, es, 0.5, 0.33),
    figure(ts.name, volant, ts, 0.6, 0.42)
  ]
}

/** A line for each codec. */
export const table = (rounds = 24): string => CodecRounds.table(costs(rounds))
