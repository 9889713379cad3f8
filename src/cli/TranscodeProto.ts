/**
 * Carries out jobs on .proto files. `value` is canonical JSON with the names of the IDL, as for Thrift; the bytes are
 * protobuf's encoding, or the text of canonical JSON with its own names.
 */
import { CodecError } from "../Codec.ts"
import * as Json from "../grpc/ProtobufJson.ts"
import * as Message from "../grpc/ProtobufMessage.ts"
import { limits } from "../grpc/ProtobufRead.ts"
import { Reader } from "../wire/Reader.ts"
import { Writer } from "../wire/Writer.ts"
import * as IdlProto from "./IdlProto.ts"
import type * as Job from "./Job.ts"
import { invalidJob } from "./JobError.ts"

/** Throws `JobError` and `CodecError`. */
export const decode = (idl: IdlProto.IdlProto, job: Job.DecodeJob): { readonly value: unknown } => {
  const { message, registry } = target(idl, job)
  const value =
    job.protocol === "json"
      ? Json.fromText(message, toText(job.bytes), { registry })
      : message.codec.decode(new Reader(job.bytes, limits))
  return { value: Json.toJson(message, value, { registry, idlNames: true }) }
}

/** Equal values give equal bytes: map entries are in the order of their keys. Throws `JobError` and `CodecError`. */
export const encode = (idl: IdlProto.IdlProto, job: Job.EncodeJob): Uint8Array => {
  const { message, registry } = target(idl, job)
  const value = Json.fromJson(message, job.value, { registry })
  if (job.protocol === "json") return Buffer.from(Json.toText(message, value, { registry }))
  const writer = new Writer(256)
  Message.deterministic(message).encode(writer, value)
  return writer.toBytes()
}

const target = (idl: IdlProto.IdlProto, { framed, idl: path, type }: Job.Form) => {
  if (!path.endsWith(".proto")) throw invalidJob(`protobuf and json take .proto files, ${path} is none`)
  if (type === undefined || framed) throw invalidJob('a job of protobuf has "type", and neither "service" nor "framed"')
  const proto = idl(path)
  return { message: IdlProto.message(proto, type), registry: proto.registry }
}

const toText = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    throw new CodecError("Malformed", "the JSON is not UTF-8")
  }
}
