/** A peer that tests steer frame by frame, as right or as wrong as they like. */
import * as Net from "node:net"
import * as Frame from "../../../src/transport/http2/Frame.ts"
import * as HpackEncoder from "../../../src/transport/http2/HpackEncoder.ts"
import { Inbox } from "../../../src/transport/Inbox.ts"
import { Writer } from "../../../src/wire/Writer.ts"

export interface Received {
  readonly type: number
  readonly flags: number
  readonly id: number
  readonly payload: Buffer
}

export const frame = (type: number, flags: number, id: number, payload: Buffer | string = ""): Buffer => {
  const bytes = typeof payload === "string" ? Buffer.from(payload.replaceAll(" ", ""), "hex") : payload
  const head = Buffer.alloc(Frame.headSize)
  Frame.writeHead(head, 0, bytes.length, type, flags, id)
  return Buffer.concat([head, bytes])
}

export const uint32 = (...values: ReadonlyArray<number>): Buffer => {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, 4 * at)
  return bytes
}

/** A header block that leaves the dynamic table alone. */
export const block = (list: ReadonlyArray<string>): Buffer => {
  const writer = new Writer()
  new HpackEncoder.HpackEncoder().encode(writer, new HpackEncoder.Prepared([]), list)
  return writer.toBytes()
}

export const post = block([":method", "POST", ":scheme", "http", ":path", "/", ":authority", "localhost"])
export const get = block([":method", "GET", ":scheme", "http", ":path", "/", ":authority", "localhost"])

export const settings = frame(Frame.settings, 0, 0)

/** HEADERS of a request, complete but for its body. */
export const request = (id: number, isLast = false, headers = isLast ? get : post): Buffer =>
  frame(Frame.headers, Frame.endHeaders | (isLast ? Frame.endStream : 0), id, headers)

export class RawPeer {
  readonly socket: Net.Socket
  readonly received: Array<Received> = []
  readonly closed: Promise<void>
  private readonly inbox = new Inbox()
  private readonly waiting: Array<{
    readonly is: (frame: Received) => boolean
    readonly resolve: (frame: Received) => void
  }> = []

  constructor(socket: Net.Socket) {
    this.socket = socket
    this.closed = new Promise((resolve) => {
      socket.on("close", () => resolve())
    })
    socket.on("data", (chunk: Buffer) => this.onData(chunk)).on("error", () => {})
  }

  static connect(port: number): RawPeer {
    return new RawPeer(Net.connect({ port, host: "127.0.0.1", noDelay: true }))
  }

  /** A client that has said hello. */
  static client(port: number): RawPeer {
    const peer = RawPeer.connect(port)
    peer.send(Frame.preface, settings)
    return peer
  }

  send(...frames: ReadonlyArray<Buffer>): void {
    if (!this.socket.destroyed) this.socket.write(Buffer.concat(frames))
  }

  /** The first frame, come or to come, that is this. */
  async find(is: (frame: Received) => boolean): Promise<Received> {
    const found = this.received.find(is)
    if (found !== undefined) return found
    const later = await Promise.race([
      new Promise<Received>((resolve) => {
        this.waiting.push({ is, resolve })
      }),
      this.closed
    ])
    if (typeof later === "object") return later
    throw new Error(
      `closed after ${this.received
        .slice(-20)
        .map(({ id, type }) => `${type}/${id}`)
        .join(" ")}`
    )
  }

  /** Everything that was sent before has been looked at. */
  async sync(): Promise<void> {
    const mark = uint32(1, Math.floor(this.received.length) + 1)
    this.send(frame(Frame.ping, 0, 0, mark))
    await this.find(({ flags, payload, type }) => type === Frame.ping && flags === Frame.ack && payload.equals(mark))
  }

  /** The error code of GOAWAY. */
  async goAway(): Promise<number> {
    const { payload } = await this.find(({ type }) => type === Frame.goAway)
    return payload.readUInt32BE(4)
  }

  /** The error code by which a stream was reset. */
  async reset(id: number): Promise<number> {
    const { payload } = await this.find((frame) => frame.type === Frame.rstStream && frame.id === id)
    return payload.readUInt32BE(0)
  }

  count(type: number): number {
    return this.received.filter((frame) => frame.type === type).length
  }

  private onData(chunk: Buffer): void {
    const { inbox } = this
    inbox.push(chunk)
    while (inbox.length >= Frame.headSize) {
      const { bytes, start } = inbox
      const length = bytes.readUIntBE(start, 3)
      if (inbox.length < Frame.headSize + length) return
      const payload = Buffer.from(bytes.subarray(start + Frame.headSize, start + Frame.headSize + length))
      const id = Frame.readUint31(bytes, start + 5)
      this.take({ type: bytes[start + 3]!, flags: bytes[start + 4]!, id, payload })
      inbox.skip(Frame.headSize + length)
    }
  }

  private take(frame: Received): void {
    this.received.push(frame)
    for (const waiter of this.waiting.slice()) {
      if (!waiter.is(frame)) continue
      this.waiting.splice(this.waiting.indexOf(waiter), 1)
      waiter.resolve(frame)
    }
  }
}
