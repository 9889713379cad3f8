/** A socket to a Thrift server for bytes of any kind: what it answers, and when it closes. */
import { connect, type Socket } from "node:net"
import * as Framing from "../../src/thrift/Framing.ts"
import * as Message from "../../src/thrift/Message.ts"
import { Inbox } from "../../src/transport/Inbox.ts"
import { Reader } from "../../src/wire/Reader.ts"

/** Milliseconds after which a server that neither answers nor closes has hung. */
const patience = 10_000

export class RawConnection {
  /** Sequence ids and types of what was answered, in order. */
  readonly answers: Array<Message.Message> = []
  isClosed = false
  private readonly socket: Socket
  private readonly protocol: Message.Protocol
  private readonly framing: Framing.Framing
  private readonly inbox = new Inbox()
  private readonly reader = new Reader()
  private wake: () => void = () => {}
  private broken: unknown

  constructor(port: number, protocol: Message.Protocol, framing: Framing.Kind) {
    this.protocol = protocol
    this.framing = Framing.make(framing, protocol)
    this.socket = connect({ host: "127.0.0.1", port, noDelay: true })
    this.socket.on("error", () => {})
    this.socket.on("data", (chunk: Buffer) => this.receive(chunk))
    this.socket.on("close", () => {
      this.isClosed = true
      this.wake()
    })
  }

  send(bytes: Buffer): void {
    this.socket.write(bytes)
  }

  /** Sends no more. */
  end(bytes: Buffer): void {
    this.socket.end(bytes)
  }

  destroy(): void {
    this.socket.destroy()
  }

  /** Waits for the answer with this sequence id; false when the server closed instead. */
  answered(seqid: number): Promise<boolean> {
    return this.until(() => this.answers.at(-1)?.seqid === seqid || this.isClosed).then(() => !this.isClosed)
  }

  closed(): Promise<void> {
    return this.until(() => this.isClosed)
  }

  private until(isDone: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`neither an answer nor the end within ${patience} ms`)), patience)
      this.wake = () => {
        if (this.broken === undefined && !isDone()) return
        clearTimeout(timer)
        this.wake = () => {}
        if (this.broken === undefined) resolve()
        else reject(new Error("the server's answer makes no sense", { cause: this.broken }))
      }
      this.wake()
    })
  }

  private receive(chunk: Buffer): void {
    try {
      this.inbox.push(chunk)
      while (this.framing.next(this.inbox, this.reader)) this.answers.push(Message.read(this.reader, this.protocol))
    } catch (error) {
      this.broken = error
    }
    this.wake()
  }
}

/** A message in a frame. */
export const frame = (message: Buffer): Buffer => {
  const framed = Buffer.allocUnsafe(message.length + 4)
  framed.writeInt32BE(message.length)
  message.copy(framed, 4)
  return framed
}
