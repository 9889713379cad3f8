/** ts-proto, over the reader and writer of protobuf-es; 64-bit integers are bigints, which it does faster than its numbers. */
import { Order } from "./gen/orderTsProto.ts"

/** Its codec of the order that `bytes` are. */
export const make = (bytes: Uint8Array) => {
  const order = Order.decode(bytes)
  return { encode: () => Order.encode(order).finish(), decode: () => Order.decode(bytes) }
}
