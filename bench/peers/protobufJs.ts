/** protobufjs: the functions that it generates when it starts are those of its static modules. */
import protobufjs from "protobufjs"

const orderOf = (idl: string): protobufjs.Type =>
  protobufjs.parse(idl, { keepCase: false }).root.resolveAll().lookupType("bench.Order")

/** Its codec of the order that `bytes` are. */
export const make = (idl: string, bytes: Uint8Array) => {
  const type = orderOf(idl)
  const order = type.decode(bytes)
  return { encode: () => type.encode(order).finish(), decode: (): unknown => type.decode(bytes) }
}
