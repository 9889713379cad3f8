/** Carries out jobs: bytes to JSON and JSON to bytes, by the IDL alone. */
import { CodecError } from "../Codec.ts"
import * as Dynamic from "../codegen/Dynamic.ts"
import type * as Ir from "../codegen/Ir.ts"
import { Framed } from "../thrift/Framed.ts"
import { defaultLimits } from "../thrift/Framing.ts"
import * as Message from "../thrift/Message.ts"
import { Inbox } from "../transport/Inbox.ts"
import { Reader } from "../wire/Reader.ts"
import { Writer } from "../wire/Writer.ts"
import * as Body from "./Body.ts"
import * as Idl from "./Idl.ts"
import type * as Job from "./Job.ts"
import { invalidJob } from "./JobError.ts"
import * as TranscodeProto from "./TranscodeProto.ts"

/** What the bytes of a message say beside `value`. */
export interface Decoded {
  readonly value: unknown
  readonly service?: string
  readonly method?: string
  readonly messageType?: Job.MessageType
  readonly seqid?: number
  readonly framed?: boolean
  readonly multiplexed?: string
}

const framing = new Framed(defaultLimits.messageSize)

/** Throws `JobError` and `CodecError`. */
export const decode = (idl: Idl.Idl, job: Job.DecodeJob): Decoded => {
  if (!isThrift(job.protocol)) return TranscodeProto.decode(idl.proto, job)
  const file = idl(thriftFile(job))
  const reader = open(job)
  const protocol = Message.bodyProtocol(job.protocol)
  if (job.type !== undefined) return { value: Dynamic.decode(reader, protocol, Idl.message(file, job.type)) }
  const named = job.message.service === undefined ? undefined : Idl.service(file, job.message.service)
  const head = Message.read(reader, job.protocol)
  const { contract, method } = Message.splitName(head.name)
  const service = named ?? serviceOf(file, contract)
  const messageType = nameOf(head.type)
  const value = Dynamic.decode(reader, protocol, bodyOf(file, service, method, messageType))
  return {
    value,
    service: job.message.service ?? service.name,
    method,
    messageType,
    seqid: head.seqid,
    framed: job.framed,
    ...(contract === undefined ? {} : { multiplexed: contract })
  }
}

/** Throws `JobError` and `CodecError`. */
export const encode = (idl: Idl.Idl, job: Job.EncodeJob): Uint8Array => {
  const { protocol } = job
  if (!isThrift(protocol)) return TranscodeProto.encode(idl.proto, job)
  const file = idl(thriftFile(job))
  const writer = new Writer(256)
  const start = job.framed ? framing.begin(writer) : 0
  const body = job.type === undefined ? writeHead(file, job, protocol, writer) : Idl.message(file, job.type)
  Dynamic.encode(writer, Message.bodyProtocol(protocol), body, job.value)
  if (job.framed) framing.end(writer, start)
  return writer.toBytes()
}

const isThrift = (protocol: Job.Protocol): protocol is Message.Protocol =>
  protocol !== "protobuf" && protocol !== "json"

const thriftFile = ({ idl, protocol }: Job.Form): string => {
  if (idl.endsWith(".proto")) throw invalidJob(`${protocol} takes .thrift files; a .proto file takes protobuf or json`)
  return idl
}

/** Writes a message's header and returns what comes behind it. */
const writeHead = (
  file: Ir.File,
  { message }: Job.EncodeJob,
  protocol: Message.Protocol,
  writer: Writer
): Ir.Message => {
  if (message.method === undefined) throw invalidJob('"method" is missing: a message has one')
  const service = serviceOf(file, message.service ?? message.multiplexed)
  const messageType = message.messageType ?? typeOf(Idl.method(service, message.method))
  const name = Message.joinName(message.multiplexed, message.method)
  Message.write(writer, protocol, { name, type: Message[messageType], seqid: message.seqid })
  return bodyOf(file, service, message.method, messageType)
}

const typeOf = (method: Ir.Method): Job.MessageType => (method.oneway ? "oneway" : "call")

const bodyOf = (file: Ir.File, service: Ir.Service, method: string, type: Job.MessageType): Ir.Message => {
  // The exception may well say that there is no such method.
  if (type === "exception") return Body.applicationException(file)
  const found = Idl.method(service, method)
  return type === "reply" ? Body.resultOf(file, found) : Body.argumentsOf(file, found)
}

const names: ReadonlyArray<Job.MessageType> = ["call", "reply", "exception", "oneway"]

const nameOf = (type: Message.Type): Job.MessageType => names[type - 1] ?? "call"

/** A file's only service need not be named. */
const serviceOf = (file: Ir.File, name: string | undefined): Ir.Service => {
  if (name !== undefined) return Idl.service(file, name)
  const [only, ...others] = file.services
  if (only !== undefined && others.length === 0) return only
  throw invalidJob(`"service" is missing, and ${file.source} has ${file.services.length} services`)
}

/** A reader on the struct or the message's header, behind the frame's length. */
const open = ({ bytes, framed }: Job.DecodeJob): Reader => {
  const reader = new Reader(bytes)
  if (!framed) return reader
  const inbox = new Inbox()
  inbox.push(reader.bytes)
  if (!framing.next(inbox, reader)) {
    throw new CodecError("Truncated", `${bytes.length} bytes are less than the frame's length announces`)
  }
  return reader
}
