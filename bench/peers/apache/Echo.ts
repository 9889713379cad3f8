/** The echo service as Apache's compiler would have it for Node: the same calls of the protocol in the same order. */
import { type Output, type Protocol, thrift } from "./Thrift.ts"

const { STOP, STRING, STRUCT } = thrift.Thrift.Type
const { CALL, REPLY } = thrift.Thrift.MessageType

interface Fields {
  readonly action: string | null
  readonly msg: string | null
}

/** Request and Response of echo.thrift have the same fields. */
class Message {
  action: string | null = null
  msg: string | null = null
  readonly name: string

  constructor(name: string, fields?: Fields) {
    this.name = name
    if (fields === undefined) return
    this.action = fields.action
    this.msg = fields.msg
  }

  read(input: Protocol): void {
    input.readStructBegin()
    for (;;) {
      const { ftype, fid } = input.readFieldBegin()
      if (ftype === STOP) break
      if (fid === 1 && ftype === STRING) this.action = input.readString()
      else if (fid === 2 && ftype === STRING) this.msg = input.readString()
      else input.skip(ftype)
      input.readFieldEnd()
    }
    input.readStructEnd()
  }

  write(output: Protocol): void {
    output.writeStructBegin(this.name)
    if (this.action !== null) writeString(output, "action", 1, this.action)
    if (this.msg !== null) writeString(output, "msg", 2, this.msg)
    output.writeFieldStop()
    output.writeStructEnd()
  }
}

const writeString = (output: Protocol, name: string, id: number, value: string): void => {
  output.writeFieldBegin(name, STRING, id)
  output.writeString(value)
  output.writeFieldEnd()
}

/** The struct of arguments (field 1) or of results (field 0): one message in it. */
const readWrapped = (input: Protocol, name: string, id: number): Message | null => {
  let message: Message | null = null
  input.readStructBegin()
  for (;;) {
    const { ftype, fid } = input.readFieldBegin()
    if (ftype === STOP) break
    if (fid === id && ftype === STRUCT) {
      message = new Message(name)
      message.read(input)
    } else input.skip(ftype)
    input.readFieldEnd()
  }
  input.readStructEnd()
  return message
}

const writeWrapped = (output: Protocol, struct: string, field: string, id: number, message: Message): void => {
  output.writeStructBegin(struct)
  output.writeFieldBegin(field, STRUCT, id)
  message.write(output)
  output.writeFieldEnd()
  output.writeFieldStop()
  output.writeStructEnd()
}

type Callback = (error: unknown, response?: Fields) => void

/** Returns the reply; or, when it has a second parameter, calls that with it. Generated code tells them apart the same way. */
export interface Handler {
  readonly Echo: (request: Fields, result: Callback) => Fields | undefined
}

export class Processor {
  private readonly handler: Handler
  constructor(handler: Handler) {
    this.handler = handler
  }

  process(input: Protocol, output: Protocol): void {
    const { fname, rseqid } = input.readMessageBegin()
    if (fname !== "Echo") throw new Error(`the echo service has no method ${fname}`)
    const request = readWrapped(input, "Request", 1)
    input.readMessageEnd()
    if (request === null) throw new Error("Echo was called without its argument")
    const { Echo } = this.handler
    const result: Callback = (error, response) => {
      if (response === undefined) throw error
      reply(output, rseqid, response)
    }
    if (Echo.length > 1) Echo(request, result)
    else void Promise.resolve(Echo(request, result)).then((response) => result(null, response))
  }
}

const reply = (output: Protocol, seqid: number, response: Fields): void => {
  output.writeMessageBegin("Echo", REPLY, seqid)
  writeWrapped(output, "EchoServer_Echo_result", "success", 0, new Message("Response", response))
  output.writeMessageEnd()
  output.flush()
}

/** `_seqid`, `_reqs`, `seqid`, `new_seqid` and `recv_Echo` are what the library's connection looks for. */
export class Client {
  private readonly output: Output
  private readonly protocol: new (output: Output) => Protocol
  _seqid = 0
  _reqs: Record<number, Callback> = {}

  constructor(output: Output, protocol: new (output: Output) => Protocol) {
    this.output = output
    this.protocol = protocol
  }

  seqid(): number {
    return this._seqid
  }

  new_seqid(): number {
    return (this._seqid += 1)
  }

  Echo(request: Fields, callback: Callback): void {
    this._reqs[this.new_seqid()] = callback
    const output = new this.protocol(this.output)
    output.writeMessageBegin("Echo", CALL, this.seqid())
    writeWrapped(output, "EchoServer_Echo_args", "req", 1, new Message("Request", request))
    output.writeMessageEnd()
    this.output.flush()
  }

  recv_Echo(input: Protocol, mtype: number, rseqid: number): void {
    const callback = this._reqs[rseqid]
    delete this._reqs[rseqid]
    const response = mtype === REPLY ? readWrapped(input, "Response", 0) : null
    input.readMessageEnd()
    if (response === null) callback?.(new Error("Echo failed"))
    else callback?.(null, response)
  }
}
