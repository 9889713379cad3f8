/** `google.rpc.Status` and its `Any`s, the content of `grpc-status-details-bin`, written by hand: it is needed without generated code. */
import { isCodecError } from "../Codec.ts"
import type { StatusDetail } from "../RpcError.ts"
import { Reader } from "../wire/Reader.ts"
import { Writer } from "../wire/Writer.ts"
import * as Protobuf from "./Protobuf.ts"
import type { StatusCode } from "./StatusCode.ts"

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
