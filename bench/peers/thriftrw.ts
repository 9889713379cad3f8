/** The order struct over thriftrw, by both of its ways: into new buffers, and into one that is used again. */
import { createRequire } from "node:module"
import type { Peer } from "./apache/Order.ts"

const require = createRequire(import.meta.url)
const { Thrift } = require("thriftrw")
const Long = require("long")
const bufrw = require("bufrw")

const toPlain = (value: any): unknown => {
  if (typeof value === "bigint") return Long.fromString(String(value))
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, toPlain(item)]))
  if (Array.isArray(value)) return value.map(toPlain)
  if (typeof value !== "object") return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toPlain(item)]))
}

/** `order` is a value of the IDL's `Order`; `structs` are fields of it, or of list elements of it, that are structs. */
export const make = (source: string, order: Record<string, unknown>): { fresh: Peer; reused: Peer } => {
  const idl = new Thrift({ source, strict: false, allowOptionalArguments: true, defaultAsUndefined: true })
  const plain = toPlain(order) as Record<string, any>
  const value = new idl.Order({
    ...plain,
    ship: new idl.Address(plain["ship"]),
    bill: new idl.Address(plain["bill"]),
    items: plain["items"].map((item: unknown) => new idl.Item(item))
  })
  const { rw } = idl.Order
  const buffer = Buffer.alloc(65536)
  const done = (result: { err?: Error; value?: unknown; offset: number }) => {
    if (result.err) throw result.err
    return result
  }
  return {
    fresh: { encode: () => bufrw.toBuffer(rw, value), decode: (bytes) => bufrw.fromBuffer(rw, bytes) },
    reused: {
      encode: () => buffer.subarray(0, done(rw.writeInto(value, buffer, 0)).offset),
      decode: (bytes) => done(rw.readFrom(bytes, 0)).value
    }
  }
}
