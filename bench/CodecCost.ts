/**
 * CPU nanoseconds to encode and to decode the order struct, ours and the peers' in turn in one process. Ours is written into a
 * Writer that is used again and copied out, as sending it would; thriftrw counts by the better of its two ways.
 */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { Reader } from "../src/wire/Reader.ts"
import { Writer } from "../src/wire/Writer.ts"
import { ownCpu } from "./Cpu.ts"
import type { Figure } from "./Figure.ts"
import * as generated from "./gen/order.ts"
import { order } from "./OrderValue.ts"
import * as Apache from "./peers/apache/Order.ts"
import * as ThriftRw from "./peers/thriftrw.ts"
import { progress } from "./Progress.ts"

export interface Cost {
  readonly name: string
  /** Least nanoseconds of all rounds. */
  readonly encode: number
  readonly decode: number
}

interface Codec {
  readonly name: string
  readonly encode: () => Uint8Array
  readonly decode: () => unknown
}

const ours = (protocol: "binary" | "compact"): Codec => {
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

const codecs = (idl: string): ReadonlyArray<Codec> => {
  const binary = ours("binary")
  const bytes = Buffer.from(binary.encode())
  const { Address, Item, Order } = generated
  const thriftrw = ThriftRw.make(idl, order as unknown as Record<string, unknown>)
  const apache = Apache.make([Address, Item, Order], order)
  const peer = (name: string, { decode, encode }: Apache.Peer): Codec => {
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

const nanos = (run: () => unknown, times: number): number => {
  const start = ownCpu()
  for (let i = 0; i < times; i++) run()
  return ((ownCpu() - start) * 1000) / times
}

/** Every codec's least cost over the rounds; `idl` is the text of order.thrift. */
export const costs = (idl: string, rounds: number): ReadonlyArray<Cost> => {
  const all = codecs(idl)
  const least = all.map(({ name }) => ({ name, encode: Infinity, decode: Infinity }))
  for (let round = -2; round < rounds; round++) {
    progress(`codec, round ${round + 1}`)
    all.forEach((codec, index) => {
      const times = round < 0 ? 6000 : 3000
      const encode = nanos(codec.encode, times)
      const decode = nanos(codec.decode, times)
      if (round < 0) return
      const cost = least[index]!
      cost.encode = Math.min(cost.encode, encode)
      cost.decode = Math.min(cost.decode, decode)
    })
  }
  return least
}

const idlText = (): string => {
  for (const path of ["order.thrift", "../../../bench/order.thrift"]) {
    try {
      return readFileSync(new URL(path, import.meta.url), "utf8")
    } catch {
      // Compiled, this file stands three folders below the one that has the IDL.
    }
  }
  throw new Error("bench/order.thrift is not there")
}

const figure = (name: string, volant: Cost, peer: number, goal?: number, stretch?: number): Figure => ({
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

export const measure = async (rounds = 24): Promise<ReadonlyArray<Figure>> => {
  const [binary, fresh, reused, apache, compact] = costs(idlText(), rounds) as [Cost, Cost, Cost, Cost, Cost]
  const thriftrw = Math.min(fresh.encode, reused.encode) + Math.min(fresh.decode, reused.decode)
  return [
    figure("thriftrw, the better of its ways", binary, thriftrw, 0.4, 0.3),
    figure("apache thrift", binary, apache.encode + apache.decode, 0.16, 0.11),
    figure("ours in Compact", binary, compact.encode + compact.decode)
  ]
}

/** A line for each codec. */
export const table = (rounds = 24): string =>
  costs(idlText(), rounds)
    .map(({ decode, encode, name }) =>
      [name.padEnd(24), ...[encode, decode, encode + decode].map((each) => each.toFixed(0).padStart(8))].join("")
    )
    .join("\n")
