import { CodecError } from "../Codec.ts"
import type { Inbox } from "../transport/Inbox.ts"
import type { Reader } from "../wire/Reader.ts"
import type { Writer } from "../wire/Writer.ts"
import type { Framing } from "./Framing.ts"

/** Each message behind its length: 32 bits, big-endian, signed (Apache Thrift, doc/specs/thrift-rpc.md). */
export class Framed implements Framing {
  private readonly messageSize: number

  constructor(messageSize: number) {
    this.messageSize = messageSize
  }

  next(inbox: Inbox, reader: Reader): boolean {
    const { bytes, end, start } = inbox
    if (end - start < 4) return false
    const size = (bytes[start]! << 24) | (bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!
    // Checked before the message is waited for, so that a length alone makes nobody keep memory for it.
    if (size < 0) throw new CodecError("Malformed", `a frame announces ${size} bytes`)
    if (size > this.messageSize) {
      throw new CodecError("LimitExceeded", `a frame announces ${size} bytes; at most ${this.messageSize} are accepted`)
    }
    const messageEnd = start + 4 + size
    if (messageEnd > end) return false
    inbox.skip(4 + size)
    reader.reset(bytes, start + 4, messageEnd)
    return true
  }

  begin(writer: Writer): number {
    const start = writer.position
    writer.reserve(4)
    writer.position = start + 4
    return start
  }

  end(writer: Writer, start: number): void {
    writer.view.setInt32(start, writer.position - start - 4)
  }
}
