/** protobufjs, by the static module that its compiler writes; 64-bit integers are `Long`s, as they are when nothing is said. */
import { bench } from "./gen/orderProtobufJs.ts"

/** The part of the generated module that is measured; it has no types of its own. */
interface Static {
  encode(order: unknown): { finish(): Uint8Array }
  decode(bytes: Uint8Array): unknown
}

/** Its codec of the order that `bytes` are. */
export const make = (bytes: Uint8Array) => {
  const { Order } = bench as { readonly Order: Static }
  const order = Order.decode(bytes)
  return { encode: () => Order.encode(order).finish(), decode: () => Order.decode(bytes) }
}
