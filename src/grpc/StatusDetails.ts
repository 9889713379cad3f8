/**
 * `google.rpc.Status` and its `Any`s, the content of `grpc-status-details-bin`, written by hand: it is needed without generated
 * code. A detail has the form of `WellKnown.Any`, whose `pack` and `unpack` make and read one of a generated message.
 */
import { isCodecError } from "../Codec.ts"
import { isRpcError, type StatusDetail } from "../RpcError.ts"
import { Reader } from "../wire/Reader.ts"
import { Writer } from "../wire/Writer.ts"
import * as Protobuf from "./Protobuf.ts"
import type { StatusCode } from "./StatusCode.ts"

/** A `google.rpc.Status`. */
export interface StatusDetails {
  readonly code: StatusCode
  readonly message: string
  readonly details: ReadonlyArray<StatusDetail>
}

/** What precedes a message's full name in the type URL of an `Any`. */
const urlPrefix = "type.googleapis.com/"

/** The full name of a message in a type URL. */
export const typeNameOf = (typeUrl: string): string => typeUrl.slice(typeUrl.lastIndexOf("/") + 1)

/** A detail of a message type, by its full name. */
export const detail = (typeName: string, value: Uint8Array): StatusDetail => ({ typeUrl: urlPrefix + typeName, value })

/** Where an error that its method declares keeps the status that it travels with. */
const carried: unique symbol = Symbol.for("volant/grpc/StatusDetails")

/**
 * The status that an error came with, with all of its details: those of a `StatusError`, and those of an error that its
 * method declares, whose own message is one of them. undefined where it came with none.
 */
export const of = (error: unknown): StatusDetails | undefined => {
  if (!isRpcError(error)) return (error as { readonly [carried]?: StatusDetails } | undefined)?.[carried]
  const { reason } = error
  if (reason._tag !== "StatusError") return undefined
  return { code: reason.code, message: reason.detail, details: reason.details ?? [] }
}

/**
 * Gives an error that its method declares further details to travel with, behind its own message, and answers with it:
 * `Effect.fail(StatusDetails.add(new Busy({ left: 0 }), [WellKnown.Any.pack(RetryInfo, { retryDelay })]))`.
 */
export const add = <E extends object>(error: E, details: ReadonlyArray<StatusDetail>): E => {
  const { code = 0, details: before = [], message = "" } = of(error) ?? {}
  return carry(error, { code, message, details: [...before, ...details] })
}

/** The same error, with this status. Not to be seen by what compares, prints or copies errors. */
export const carry = <E extends object>(error: E, status: StatusDetails): E =>
  Object.defineProperty(error, carried, { value: status, configurable: true, enumerable: false })

/** The bytes of a `google.rpc.Status`. */
export const encode = ({ code, details, message }: StatusDetails): Buffer => {
  const writer = new Writer(256)
  if (code !== 0) Protobuf.writeInt32Field(writer, 0x08, code)
  if (message !== "") Protobuf.writeStringField(writer, 0x12, message)
  for (const { typeUrl, value } of details) {
    const start = Protobuf.begin(writer, 0x1a)
    if (typeUrl !== "") Protobuf.writeStringField(writer, 0x0a, typeUrl)
    if (value.length > 0) Protobuf.writeBinaryField(writer, 0x12, value)
    Protobuf.end(writer, start)
  }
  return writer.toBytes()
}

/** undefined when the bytes are no `google.rpc.Status`. */
export const decode = (bytes: Uint8Array): StatusDetails | undefined => {
  try {
    return decodeStatus(new Reader(bytes, Protobuf.limits))
  } catch (error) {
    if (isCodecError(error)) return undefined
    throw error
  }
}

const decodeStatus = (reader: Reader): StatusDetails => {
  let code = 0
  let message = ""
  const details: Array<StatusDetail> = []
  while (reader.position < reader.end) {
    const tag = Protobuf.readTag(reader)
    if (tag === 0x08) code = Protobuf.readInt32(reader)
    else if (tag === 0x12) message = Protobuf.readAnyString(reader)
    else if (tag === 0x1a) details.push(decodeAny(reader))
    else Protobuf.skip(reader, tag)
  }
  return { code, message, details }
}

const decodeAny = (reader: Reader): StatusDetail => {
  const outer = Protobuf.enter(reader)
  let typeUrl = ""
  let value: Uint8Array = new Uint8Array(0)
  while (reader.position < reader.end) {
    const tag = Protobuf.readTag(reader)
    if (tag === 0x0a) typeUrl = Protobuf.readAnyString(reader)
    else if (tag === 0x12) value = Protobuf.readBinary(reader)
    else Protobuf.skip(reader, tag)
  }
  Protobuf.leave(reader, outer)
  return { typeUrl, value }
}
