/**
 * The base64 that bodies of `application/grpc-web-text` are in (grpc/doc/PROTOCOL-WEB.md): any number of encoded pieces, one
 * behind the other, each with its own padding.
 */
import { CodecError } from "../Codec.ts"

/** One piece. */
export const encode = (bytes: Buffer, start = 0, end = bytes.length): Buffer =>
  Buffer.from(bytes.toString("base64", start, end), "latin1")

/** Takes a body in, in chunks that end wherever they do. Throws a `CodecError` where it is no base64, and is over then. */
export class Decoder {
  /** What of the last four characters has come. */
  private rest = ""

  /** The body may end here. */
  get isWhole(): boolean {
    return this.rest === ""
  }

  /** What can be decoded now. */
  push(bytes: Buffer, start: number, end: number): Buffer {
    const text = this.rest + bytes.toString("latin1", start, end)
    const whole = text.length - (text.length % 4)
    this.rest = text.slice(whole)
    const padding = text.indexOf("=")
    if (padding === -1 || padding >= whole) return decodePiece(text.slice(0, whole))
    const pieces: Array<Buffer> = []
    for (let from = 0; from < whole;) {
      const at = text.indexOf("=", from)
      const to = at === -1 || at >= whole ? whole : at - (at % 4) + 4
      pieces.push(decodePiece(text.slice(from, to)))
      from = to
    }
    return Buffer.concat(pieces)
  }
}

/**
 * What was received and not consumed of a body: whoever takes it counts the octets that it was decoded to, the peer those
 * that it has sent.
 */
export class Held {
  private encoded = 0
  private decoded = 0

  /** So many octets have come, and were decoded to so many. Answers how many of them nobody is going to consume. */
  add(encoded: number, decoded: number): number {
    this.encoded += encoded
    this.decoded += decoded
    return this.decoded === 0 ? this.consume(0) : 0
  }

  /** So many decoded octets are consumed. Answers how many those were when they came. */
  consume(size: number): number {
    const taken = size >= this.decoded ? this.encoded : Math.floor((this.encoded * size) / this.decoded)
    this.decoded = Math.max(0, this.decoded - size)
    this.encoded -= taken
    return taken
  }
}

/** Of whole groups of four characters; padding is at the end, if anywhere. */
const decodePiece = (text: string): Buffer => {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw malformed()
  return Buffer.from(text, "base64")
}

const malformed = () => new CodecError("Malformed", "a body of grpc-web-text is no base64")
