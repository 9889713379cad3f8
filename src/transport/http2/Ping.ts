/** PING (RFC 9113 section 6.7): ours, until they are answered, and the answers to the peer's. */
import type { Writer } from "../../wire/Writer.ts"
import * as Frame from "./Frame.ts"

/** Octets of the payload. */
export const size = 8

/** Answers the PING whose payload stands at `at` of `bytes`. */
export const writeAck = (writer: Writer, bytes: Buffer, at: number): void => {
  const payload = Frame.begin(writer, size, Frame.ping, Frame.ack, 0)
  bytes.copy(writer.bytes, payload, at, at + size)
}

/** Those that this side has sent and the peer has not answered. */
export class Pings {
  private outstanding: Map<number, () => void> | undefined
  private next = 1

  /** Sends one; `onAck` is called when it is answered. */
  write(writer: Writer, onAck: () => void): void {
    const number = this.next++
    const payload = Frame.begin(writer, size, Frame.ping, Frame.none, 0)
    Frame.writeUint32(writer.bytes, payload, 0)
    Frame.writeUint32(writer.bytes, payload + 4, number)
    this.outstanding ??= new Map()
    this.outstanding.set(number, onAck)
  }

  /** An answer has come. One to nothing is ignored. */
  onAck(bytes: Buffer, at: number): void {
    if (Frame.readUint32(bytes, at) !== 0) return
    const number = Frame.readUint32(bytes, at + 4)
    const onAck = this.outstanding?.get(number)
    if (onAck === undefined) return
    this.outstanding?.delete(number)
    onAck()
  }

  /** Those that have not been answered. */
  get pending(): number {
    return this.outstanding?.size ?? 0
  }

  clear(): void {
    this.outstanding = undefined
  }
}
