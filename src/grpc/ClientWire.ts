/** How the calls of one link look: their header fields, and the messages that they send. */
import type { Call } from "../Call.ts"
import type * as Method from "../Method.ts"
import type { Prepared } from "../transport/http2/HpackEncoder.ts"
import * as HpackEncoder from "../transport/http2/HpackEncoder.ts"
import type { HeaderList } from "../transport/http2/Headers.ts"
import { Reader } from "../wire/Reader.ts"
import { Writer } from "../wire/Writer.ts"
import * as ClientOptions from "./ClientOptions.ts"
import * as Compression from "./Compression.ts"
import * as ContentType from "./ContentType.ts"
import * as Envelope from "./Envelope.ts"
import type { GrpcMethodCodec, ProtobufCodec } from "./GrpcCodec.ts"
import * as MetadataHeaders from "./MetadataHeaders.ts"
import * as MetainfoHeaders from "./MetainfoHeaders.ts"
import * as Protobuf from "./Protobuf.ts"
import * as Status from "./Status.ts"
import * as StatusCode from "./StatusCode.ts"
import * as TimeoutHeader from "./TimeoutHeader.ts"

/** As `GrpcClient.Options` has them, with defaults filled in. */
export interface Options {
  readonly framing: ContentType.Framing
  readonly userAgent: string
  /** What messages are compressed with; undefined is not at all. */
  readonly send: Compression.Encoding | undefined
  readonly accept: ReadonlyArray<Compression.Encoding>
  /** Messages of fewer bytes are not compressed. */
  readonly threshold: number
  readonly maxSendMessageSize: number
  readonly maxReceiveMessageSize: number
}

/** The header fields that are the same for all calls of a method, and what is known of its requests. */
export interface Form {
  readonly prepared: Prepared
  /** The last request was so large that it is better encoded on its own than among the others of its tick. */
  isLarge: boolean
}

/** Requests of so many bytes are large. */
export const large = 16 * 1024

/** A codec as it is seen by who does not know its types. */
export type AnyCodec = GrpcMethodCodec<unknown, unknown, unknown>

/** Header fields and messages of one link's calls; what all calls have in common is made once. */
export class ClientWire {
  readonly options: Options
  /** For one message at a time; decoding is synchronous. */
  readonly reader = new Reader(undefined, Protobuf.limits)
  private scratch = new Writer(1024)
  private readonly scheme: string
  private readonly authority: string
  private readonly forms = new Map<string, WeakMap<Method.Any, Form>>()

  constructor(options: Options, scheme: "http" | "https", authority: string) {
    this.options = options
    this.scheme = scheme
    this.authority = authority
  }

  /** The encoding of what a call sends. */
  encodingOf(call: Call): Compression.Encoding | undefined {
    const chosen = ClientOptions.compressionOf(call)
    if (chosen === undefined) return this.options.send
    return Compression.all.find((encoding) => encoding === chosen)
  }

  /** The same one for all calls of a method in an encoding. */
  formOf(method: Method.Any, encoding: Compression.Encoding | undefined): Form {
    const name = encoding ?? "identity"
    let forms = this.forms.get(name)
    if (forms === undefined) this.forms.set(name, (forms = new WeakMap()))
    let form = forms.get(method)
    if (form === undefined) forms.set(method, (form = { prepared: this.prepare(method, encoding), isLarge: false }))
    return form
  }

  /** The other fields. `now` is milliseconds since the epoch. Answers what is wrong when they cannot be sent. */
  fields(call: Call, now: number): HeaderList | undefined | Error {
    const { attempt, deadline, metadata, metainfo } = call
    const hasMetadata = metadata.entries.length > 0
    const hasMetainfo = metainfo.persistent.size > 0 || metainfo.transient.size > 0
    if (deadline === undefined && attempt === 0 && !hasMetadata && !hasMetainfo) return undefined
    const list: Array<string> = []
    const timeout = deadline === undefined ? undefined : TimeoutHeader.encode(deadline - now)
    if (timeout !== undefined) list.push("grpc-timeout", timeout)
    if (attempt > 0) list.push("grpc-previous-rpc-attempts", `${attempt}`)
    if (hasMetadata) {
      const fault = MetadataHeaders.append(list, metadata)
      if (fault !== undefined) return new Error(fault)
    }
    if (hasMetainfo) MetainfoHeaders.append(list, metainfo)
    return list
  }

  /** Writes a message with its prefix. Throws `CodecError`, `EnvelopeError`, or whatever a value that is not of its type trips. */
  encode(writer: Writer, codec: ProtobufCodec<unknown>, value: unknown, maxSize: number): void {
    const start = Envelope.begin(writer)
    codec.encode(writer, value)
    const size = writer.position - start
    if (size > maxSize) throw tooLargeToSend(size, maxSize)
    Envelope.end(writer, start, false)
  }

  /** The message without its prefix, in memory of its own. Throws as `encode` does. */
  encodeMessage(codec: ProtobufCodec<unknown>, value: unknown, maxSize: number): Buffer {
    return this.encodeAlone(codec, value, maxSize).subarray(Envelope.prefixSize)
  }

  /** The message with its prefix, in memory of its own. Throws as `encode` does. */
  encodeAlone(codec: ProtobufCodec<unknown>, value: unknown, maxSize: number): Buffer {
    const { scratch } = this
    scratch.reset()
    this.encode(scratch, codec, value, maxSize)
    const bytes = scratch.toBytes()
    if (scratch.bytes.length > maxScratch) this.scratch = new Writer(1024)
    return bytes
  }

  /** Compresses a message, where that is worth it, and answers with it and its prefix. */
  compress(encoding: Compression.Encoding, bytes: Buffer, done: Compression.Done): void {
    if (bytes.length < this.options.threshold) return done.onBytes(withPrefix(bytes, false))
    Compression.compress(encoding, bytes, {
      onBytes: (compressed) => done.onBytes(withPrefix(compressed, true)),
      onFault: done.onFault
    })
  }

  /** Throws `CodecError`. */
  decode(codec: ProtobufCodec<unknown>, bytes: Buffer, start: number, end: number): unknown {
    const { reader } = this
    reader.reset(bytes, start, end)
    return codec.decode(reader)
  }

  private prepare(method: Method.Any, encoding: Compression.Encoding | undefined): Prepared {
    const { accept, framing, userAgent } = this.options
    return HpackEncoder.prepare([
      ":method",
      "POST",
      ":scheme",
      this.scheme,
      ":path",
      codecOf(method).path,
      ":authority",
      this.authority,
      ...framingFields[framing],
      "user-agent",
      userAgent,
      "grpc-accept-encoding",
      Compression.acceptHeader(accept),
      ...(encoding === undefined ? [] : ["grpc-encoding", encoding])
    ])
  }
}

/** Fields that say how messages travel. gRPC-Web names what it takes, too: from that servers know that it wants base64. */
const framingFields: { readonly [Framing in ContentType.Framing]: HeaderList } = {
  grpc: ["te", "trailers", "content-type", ContentType.grpc],
  web: ["content-type", ContentType.web, "accept", ContentType.web, "x-grpc-web", "1"],
  webText: ["content-type", ContentType.webText, "accept", ContentType.webText, "x-grpc-web", "1"]
}

/** Memory that is kept for the next large message. */
const maxScratch = 4 * 1024 * 1024

/** The gRPC codec of a method that has already been found to have one. */
export const codecOf = (method: Method.Any): AnyCodec => method.codec as AnyCodec

const withPrefix = (bytes: Buffer, isCompressed: boolean): Buffer => {
  const message = Buffer.allocUnsafe(Envelope.prefixSize + bytes.length)
  Envelope.writePrefix(message, 0, isCompressed, bytes.length)
  bytes.copy(message, Envelope.prefixSize)
  return message
}

const tooLargeToSend = (size: number, maxSize: number): Envelope.EnvelopeError =>
  new Envelope.EnvelopeError(
    Status.make(StatusCode.resourceExhausted, `the message has ${size} bytes; at most ${maxSize} are sent`)
  )
