/** Fields of a message that its IDL does not know: where they are kept. */

/** Where a message keeps fields that its IDL does not know, as they were received. A symbol, so that no field has the name. */
export const unknownFields: unique symbol = Symbol.for("volant/protobuf/unknownFields")

/** The message, with the fields that its IDL does not know where there are any. */
export const keeping = <A extends object>(message: A, unknown: Uint8Array | undefined): A => {
  if (unknown !== undefined) Reflect.set(message, unknownFields, unknown)
  return message
}
