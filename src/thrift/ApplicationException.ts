/**
 * What a server answers instead of a result when the call itself failed: TApplicationException, a struct of a message (1)
 * and a code (2). Declared exceptions are not this: they are results.
 */
import type { Reader } from "../wire/Reader.ts"
import type { Writer } from "../wire/Writer.ts"
import { ApplicationError, type Reason } from "../RpcError.ts"
import * as Binary from "./Binary.ts"
import * as Compact from "./Compact.ts"
import type * as ThriftCodec from "./ThriftCodec.ts"

/** The codes, as in Apache Thrift's TApplicationException. */
export const unknown = 0
/** The server has no such method. */
export const unknownMethod = 1
/** The message is neither a call nor oneway. */
export const invalidMessageType = 2
/** The reply is one to another method. */
export const wrongMethodName = 3
/** The reply has a sequence id that was not asked. */
export const badSequenceId = 4
/** The handler gave no result. */
export const missingResult = 5
/** Whatever else went wrong at the server. */
export const internalError = 6
/** The message cannot be decoded. */
export const protocolError = 7
/** The message was transformed in a way that the server does not know. */
export const invalidTransform = 8
/** The server does not speak the protocol. */
export const invalidProtocol = 9
/** The server does not take this kind of client. */
export const unsupportedClientType = 10

/** Writes the struct. */
export const write = (writer: Writer, protocol: ThriftCodec.Protocol, code: number, message: string): void => {
  if (protocol === "binary") {
    Binary.writeStringField(writer, 1, message)
    Binary.writeI32Field(writer, 2, code)
    Binary.writeStop(writer)
  } else {
    Compact.writeStringField(writer, 0, 1, message)
    Compact.writeI32Field(writer, 1, 2, code)
    Compact.writeStop(writer)
  }
}

/** Reads the struct; both fields may be missing. Throws `CodecError`. */
export const read = (reader: Reader, protocol: ThriftCodec.Protocol): ApplicationError =>
  protocol === "binary" ? readBinary(reader) : readCompact(reader)

const noMessage = "the server gave no message"

const readBinary = (reader: Reader): ApplicationError => {
  let detail = noMessage
  let code = unknown
  for (let type = Binary.readFieldType(reader); type !== 0; type = Binary.readFieldType(reader)) {
    const id = Binary.readFieldId(reader)
    if (id === 1 && type === 11) detail = Binary.readString(reader)
    else if (id === 2 && type === 8) code = Binary.readI32(reader)
    else Binary.skip(reader, type)
  }
  return new ApplicationError({ code, detail })
}

const readCompact = (reader: Reader): ApplicationError => {
  let detail = noMessage
  let code = unknown
  let id = 0
  for (let head = Compact.readFieldHead(reader); head !== 0; head = Compact.readFieldHead(reader)) {
    const type = head & 0x0f
    id = Compact.readFieldId(reader, head, id)
    if (id === 1 && type === 8) detail = Compact.readString(reader)
    else if (id === 2 && type === 5) code = Compact.readI32(reader)
    else if (type > 2) Compact.skip(reader, type)
  }
  return new ApplicationError({ code, detail })
}

/** The code that tells a peer best why a call failed here. */
export const codeOf = (reason: Reason): number =>
  reason._tag === "ApplicationError" ? reason.code : reason._tag === "ProtocolError" ? protocolError : internalError

/** The message beside it. */
export const messageOf = (reason: Reason): string =>
  // The message of Unavailable tells what it means for the caller of this side, not for the peer.
  reason._tag === "ApplicationError" || reason._tag === "Unavailable" ? reason.detail : reason.message
