/** Takes in the trailers of a gRPC-Web response: the last message of its body, and nothing may stand behind it. */
import { Headers } from "../transport/http2/Headers.ts"
import * as Compression from "./Compression.ts"
import * as Envelope from "./Envelope.ts"
import * as WebTrailers from "./WebTrailers.ts"

/** Of one response. */
export class WebClientTrailers {
  /** Octets of fields, before and after decompression. */
  private readonly maxSize: number
  private readonly prefix = Buffer.alloc(Envelope.prefixSize)
  private readonly parts: Array<Buffer> = []
  /** Of the prefix and the fields. */
  private filled = 0

  constructor(maxSize: number) {
    this.maxSize = maxSize
  }

  /** All of it is here. */
  get isWhole(): boolean {
    return this.filled >= Envelope.prefixSize && this.filled === Envelope.prefixSize + this.size
  }

  /** Answers why what has come is no trailers; undefined where it may be. */
  push(bytes: Buffer, start: number, end: number): string | undefined {
    let at = start
    while (at < end && this.filled < Envelope.prefixSize) this.prefix[this.filled++] = bytes[at++]!
    if (this.filled < Envelope.prefixSize) return undefined
    const flag = this.prefix[0]!
    if ((flag | 1) !== (WebTrailers.flag | 1)) return `a message begins with the flag ${flag}, which means nothing`
    if (this.size > this.maxSize) {
      return `the trailers have ${this.size} bytes, where at most ${this.maxSize} are taken (http2.maxHeaderListSize)`
    }
    if (this.filled + end - at > Envelope.prefixSize + this.size) return "the body goes on behind the trailers"
    if (end > at) this.parts.push(bytes.subarray(at, end))
    this.filled += end - at
    return undefined
  }

  /** When they are whole: hands the fields over, or why there are none. At once, or later where much is to be decompressed. */
  finish(encoding: Compression.Encoding | "identity", done: (headers: Headers | string) => void): void {
    const block = this.parts.length === 1 ? this.parts[0]! : Buffer.concat(this.parts)
    if (this.prefix[0] === WebTrailers.flag) return done(parse(block))
    Compression.decompress(encoding, block, this.maxSize, {
      onBytes: (bytes) => done(parse(bytes)),
      onFault: (error) => done(error.message)
    })
  }

  private get size(): number {
    return Envelope.sizeAt(this.prefix, 0)
  }
}

const parse = (block: Buffer): Headers | string => {
  const headers = new Headers()
  try {
    headers.list.push(...WebTrailers.decode(block))
  } catch (error) {
    return (error as Error).message
  }
  return headers
}
