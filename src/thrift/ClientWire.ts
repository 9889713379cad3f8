/** How the messages of one client look: writes requests, reads replies. Its connections share it and its memory. */
import { isCodecError } from "../Codec.ts"
import type * as Method from "../Method.ts"
import * as Reply from "../Reply.ts"
import { ProtocolError, type Reason } from "../RpcError.ts"
import { describe } from "../transport/Dial.ts"
import type { Exchange } from "../transport/Exchange.ts"
import { Reader } from "../wire/Reader.ts"
import type { Writer } from "../wire/Writer.ts"
import * as ApplicationException from "./ApplicationException.ts"
import type * as Framing from "./Framing.ts"
import * as Message from "./Message.ts"
import type * as ThriftCodec from "./ThriftCodec.ts"

/** As `ThriftClient.Options` has them, with defaults filled in. */
export interface Options {
  readonly protocol: ThriftCodec.Protocol
  readonly framing: Framing.Kind
  readonly limits: Framing.Limits
  /** What stands before the method's name in a message. */
  readonly prefixOf: (contract: string) => string | undefined
}

/** What a received message says of its call. */
export type Outcome =
  | { readonly _tag: "Reply"; readonly reply: Reply.Reply }
  | { readonly _tag: "Failure"; readonly reason: Reason }

/** Encoding and decoding are synchronous, and neither throws but `readHead`. */
export class ClientWire {
  readonly options: Options
  /** For one event: what it points at afterwards is of no meaning. */
  readonly reader: Reader
  readonly head = new Message.Head()
  private readonly names = new WeakMap<Method.Any, Uint8Array>()

  constructor(options: Options) {
    this.options = options
    this.reader = new Reader(undefined, options.limits)
  }

  /** Writes a request behind what the writer has, or returns why it cannot, and then the writer is as it was. */
  encode(exchange: Exchange, framing: Framing.Framing, writer: Writer): Reason | undefined {
    const { limits, protocol } = this.options
    const { method, payload } = exchange.call
    const { position } = writer
    try {
      const start = framing.begin(writer)
      const messageStart = writer.position
      const type = method.kind === "oneway" ? Message.oneway : Message.call
      Message.writeHead(writer, protocol, type, this.nameOf(method), exchange.sequenceId)
      codecOf(method).arguments[protocol].encode(writer, payload)
      const size = writer.position - messageStart
      if (size > limits.messageSize) {
        writer.position = position
        return new ProtocolError({ detail: `the request has ${size} bytes; at most ${limits.messageSize} are sent` })
      }
      framing.end(writer, start)
      return undefined
    } catch (error) {
      // Also what is no CodecError: a value that is not of its type may trip an encoder anywhere.
      writer.position = position
      return new ProtocolError({ detail: `the request cannot be encoded: ${describe(error)}` })
    }
  }

  /** Throws `CodecError` when there is no header; afterwards `head` has it. */
  readHead(): void {
    Message.readHead(this.reader, this.options.protocol, this.head)
  }

  /** The name in `head`. */
  get name(): string {
    return Message.decodeName(this.reader, this.head)
  }

  /** Reads what stands behind `head`, as the reply to this exchange. */
  decode({ call: { method } }: Exchange): Outcome {
    const { head, reader } = this
    const { protocol } = this.options
    try {
      if (head.type === Message.exception) return failure(ApplicationException.read(reader, protocol))
      if (head.type !== Message.reply) return malformed(`its message type is ${head.type}; 2 or 3 is expected`)
      if (!this.isNamed(method)) return malformed(`it is one to the method "${this.name}", which was not called`)
      return { _tag: "Reply", reply: Reply.make(codecOf(method).result[protocol].decode(reader)) }
    } catch (error) {
      if (!isCodecError(error)) throw error
      return malformed(`it cannot be decoded: ${error.message}`)
    }
  }

  private nameOf(method: Method.Any): Uint8Array {
    const known = this.names.get(method)
    if (known !== undefined) return known
    const name = Message.encodeName(Message.joinName(this.options.prefixOf(method.contract), method.name))
    this.names.set(method, name)
    return name
  }

  /** Servers of several contracts answer with or without the contract's name. */
  private isNamed(method: Method.Any): boolean {
    const { nameEnd, nameStart } = this.head
    const { bytes } = this.reader
    const name = this.nameOf(method)
    const length = nameEnd - nameStart
    const skipped = name.length - length
    if (skipped < 0 || (skipped > 0 && name[skipped - 1] !== colon)) return false
    for (let i = 0; i < length; i++) if (bytes[nameStart + i] !== name[skipped + i]) return false
    return true
  }
}

const failure = (reason: Reason): Outcome => ({ _tag: "Failure", reason })

const malformed = (detail: string): Outcome =>
  failure(new ProtocolError({ detail: `the reply is of no use: ${detail}` }))

const codecOf = (method: Method.Any) => method.codec as ThriftCodec.ThriftMethodCodec<unknown, unknown, unknown>

const colon = 0x3a
