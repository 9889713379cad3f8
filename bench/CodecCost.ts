/**
 * CPU nanoseconds to encode and to decode the order struct, ours and the peers' in turn in one process. Ours is written into a
 * Writer that is used again and copied out, as sending it would; thriftrw counts by the better of its two ways.
 */
import assert from "node:assert/strict"
import { Reader } from "../src/wire/Reader.ts"
import { Writer } from "../src/wire/Writer.ts"
import * as CodecRounds from "./CodecRounds.ts"
import type { Figure } from "./Figure.ts"
import * as generated from "./gen/order.ts"
import { order } from "./OrderValue.ts"
import * as Apache from "./peers/apache/Order.ts"
import * as ThriftRw from "./peers/thriftrw.ts"

const ours = (protocol: "binary" | "compact"): CodecRounds.Codec => {
  const codec = generated.Order.codec[protocol]
  const writer = new Writer()
  const encode = () => {
    writer.reset()
    codec.encode(writer, order)
    return writer.toBytes()
  }
  const bytes = encode()
  const reader = new Reader(bytes)
  const decode = () => {
    reader.reset(bytes, 0, bytes.length)
    return codec.decode(reader)
  }
  return { name: `volant ${protocol}`, encode, decode }
}

const codecs = (idl: string): ReadonlyArray<CodecRounds.Codec> => {
  const binary = ours("binary")
  const bytes = Buffer.from(binary.encode())
  const { Address, Item, Order } = generated
  const thriftrw = ThriftRw.make(idl, order as unknown as Record<string, unknown>)
  const apache = Apache.make([Address, Item, Order], order)
  const peer = (name: string, { decode, encode }: Apache.Peer): CodecRounds.Codec => {
    assert.deepEqual(Buffer.from(encode()), bytes, `${name} writes other bytes`)
    return { name, encode, decode: () => decode(bytes) }
  }
  return [
    binary,
    peer("thriftrw, new buffers", thriftrw.fresh),
    peer("thriftrw, one buffer", thriftrw.reused),
    peer("apache thrift", apache),
    ours("compact")
  ]
}

const costs = (rounds: number): ReadonlyArray<CodecRounds.Cost> =>
  CodecRounds.least(codecs(CodecRounds.textOf("order.thrift")), "codec", rounds)

const figure = (name: string, volant: CodecRounds.Cost, peer: number, goal?: number, stretch?: number): Figure => ({
  section: "codec",
  name: "order, encode + decode",
  against: name,
  unit: "ns",
  ours: volant.encode + volant.decode,
  peer,
  compare: "ratio",
  goal,
  stretch
})

export const measure = (rounds = 24): ReadonlyArray<Figure> => {
  const [binary, fresh, reused, apache, compact] = costs(rounds) as [
    CodecRounds.Cost,
    CodecRounds.Cost,
    CodecRounds.Cost,
    CodecRounds.Cost,
    CodecRounds.Cost
  ]
  const thriftrw = Math.min(fresh.encode, reused.encode) + Math.min(fresh.decode, reused.decode)
  return [
    figure("thriftrw, the better of its ways", binary, thriftrw, 0.4, 0.3),
    figure("apache thrift", binary, apache.encode + apache.decode, 0.16, 0.11),
    figure("ours in Compact", binary, compact.encode + compact.decode)
  ]
}

/** A line for each codec. */
export const table = (rounds = 24): string => CodecRounds.table(costs(rounds))
