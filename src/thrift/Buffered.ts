import type { Inbox } from "../transport/Inbox.ts"
import type { Reader } from "../wire/Reader.ts"
import type { Writer } from "../wire/Writer.ts"
import { BinaryScanner } from "./BinaryScanner.ts"
import { CompactScanner } from "./CompactScanner.ts"
import type { Framing, Limits } from "./Framing.ts"
import type * as Message from "./Message.ts"
import type { MessageScanner } from "./MessageScanner.ts"

/** Messages one behind the other (TBufferedTransport): where one ends is seen only by walking over its values. */
export class Buffered implements Framing {
  private readonly scanner: MessageScanner

  constructor(protocol: Message.Protocol, limits: Limits) {
    this.scanner = protocol === "compact" ? new CompactScanner(protocol, limits) : new BinaryScanner(protocol, limits)
  }

  next(inbox: Inbox, reader: Reader): boolean {
    const { bytes, end, start } = inbox
    if (start === end) return false
    const size = this.scanner.scan(bytes, start, end)
    if (size < 0) return false
    inbox.skip(size)
    reader.reset(bytes, start, start + size)
    return true
  }

  begin(writer: Writer): number {
    return writer.position
  }

  end(): void {}
}
