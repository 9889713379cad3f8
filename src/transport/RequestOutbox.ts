/** An outbox that tells when what was collected has been handed to the socket: then a oneway call is done. */
import type { Duplex } from "node:stream"
import { type Flow, Outbox, type Writers } from "./Outbox.ts"

/** The outbox of a client's connection. */
export class RequestOutbox extends Outbox {
  private readonly target: Duplex
  private readonly onWritten: () => void

  /** `onWritten` runs behind each write. */
  constructor(socket: Duplex, writers: Writers, flow: Flow, onWritten: () => void) {
    super(socket, writers, flow)
    this.target = socket
    this.onWritten = onWritten
  }

  override flush(): void {
    // A socket that is closed already takes nothing: its `close` event is on the way and finds these requests unsent.
    if (!this.target.writable) return
    super.flush()
    this.onWritten()
  }
}
