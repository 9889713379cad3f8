/**
 * One connection of a Thrift server: from bytes to messages to calls, and the answers back, in one tick where handlers end
 * at once. Framing and protocol are detected by the first bytes; answers go in kind, in the order in which they are ready.
 */
import type { Socket } from "node:net"
import { type CodecError, isCodecError } from "../Codec.ts"
import type { Caller } from "../transport/Caller.ts"
import type { Timer } from "../transport/Deadlines.ts"
import { Inbox } from "../transport/Inbox.ts"
import { type Flow, Outbox } from "../transport/Outbox.ts"
import * as ApplicationException from "./ApplicationException.ts"
import * as Detection from "./Detection.ts"
import * as Framing from "./Framing.ts"
import * as Message from "./Message.ts"
import type { Named } from "./Names.ts"
import type { Served, Shared } from "./ServerShared.ts"
import { ThriftCall } from "./ThriftCall.ts"
import type * as ThriftCodec from "./ThriftCodec.ts"

/** How long a connection that this side ended may still be read, so that the last answer is not lost to a reset. */
const linger = 1000

const noName = Buffer.alloc(0)

/** One accepted socket. Its owner adds it to the server's connections and forgets it; it ends by itself. */
export class ServerConnection implements Flow {
  readonly caller: Caller
  /** Of all messages: what a sweep compares to see progress. */
  messages = 0
  private readonly socket: Socket
  private readonly shared: Shared
  private readonly inbox = new Inbox()
  private readonly outbox: Outbox
  private framing: Framing.Framing | undefined
  private protocol: Message.Protocol = "binary"
  private body: ThriftCodec.Protocol = "binary"
  private isPumping = false
  private isPaused = false
  /** Takes no further message: it is out of step, or at its end. */
  private isClosing = false
  private isEnded = false
  private lingering: Timer | undefined
  private received = true
  private quietSince = 0
  private stalledSince = 0
  private progress = -1

  constructor(socket: Socket, shared: Shared) {
    this.socket = socket
    this.shared = shared
    this.outbox = new Outbox(socket, shared.writers, this, shared.highWaterMark)
    this.caller = shared.dispatcher.caller(shared.addressOf(socket), () => this.onRoom())
    this.quietSince = this.stalledSince = shared.deadlines.now()
    socket
      .on("data", (chunk: Buffer) => this.onData(chunk))
      .on("drain", () => this.outbox.drained())
      .on("end", () => this.onEnd())
      // A close follows each error, and there is nobody else to tell.
      .on("error", () => {})
      .on("close", () => this.onClose())
  }

  onSlowReader(): void {
    // What comes behind the end is thrown away, so there is no need to hold it back.
    if (!this.isClosing) this.pause()
  }

  onDrained(): void {
    this.pump()
  }

  /** Answers with a result. */
  writeReply(named: Named<Served>, seqid: number, result: unknown): void {
    if (this.isEnded) return
    const writer = this.outbox.writer()
    const framing = this.framing!
    const before = writer.position
    const start = framing.begin(writer)
    Message.writeHead(writer, this.protocol, Message.reply, named.name, seqid)
    try {
      named.value.codec.result[this.body].encode(writer, result as never)
    } catch (error) {
      writer.position = before
      return this.writeUnencodable(named, seqid, result, error)
    }
    framing.end(writer, start)
    this.outbox.messageWritten()
  }

  /** Answers that there is no result. */
  writeException(name: Buffer, seqid: number, code: number, detail: string): void {
    if (this.isEnded) return
    const writer = this.outbox.writer()
    const framing = this.framing!
    const start = framing.begin(writer)
    Message.writeHead(writer, this.protocol, Message.exception, name, seqid)
    ApplicationException.write(writer, this.body, code, detail)
    framing.end(writer, start)
    this.outbox.messageWritten()
  }

  /** Closes it once nothing runs and nothing has come since the last look. For a server that drains. */
  endWhenQuiet(): void {
    if (this.received || this.caller.running > 0 || this.inbox.length > 0 || this.outbox.size > 0) this.received = false
    else this.close()
  }

  /** Takes no further call and closes once nothing runs. */
  close(): void {
    this.isClosing = true
    this.inbox.clear()
    // What still comes is read and thrown away: unread bytes would make the close a reset.
    this.resume()
    this.endIfIdle()
  }

  destroy(): void {
    this.socket.destroy()
  }

  /** To be called now and then: cuts off a peer that stalls, and one that has been silent for long. */
  check(now: number, stallTimeout: number, idleTimeout: number): void {
    const progress = this.messages + this.socket.bytesWritten - this.socket.writableLength
    const waits = this.isClosing || this.outbox.blocked || (this.inbox.length > 0 && !this.caller.isWaiting)
    if (this.received) this.quietSince = now
    if (!waits || progress !== this.progress) this.stalledSince = now
    this.received = false
    this.progress = progress
    if (now - this.stalledSince >= stallTimeout) this.destroy()
    else if (this.caller.running === 0 && now - this.quietSince >= idleTimeout && !this.isClosing) this.close()
  }

  private onData(chunk: Buffer): void {
    if (this.isClosing) return
    this.received = true
    this.inbox.push(chunk)
    this.pump()
  }

  private onRoom(): void {
    if (this.isClosing) this.endIfIdle()
    else this.pump()
  }

  /** Serves what has arrived, as far as there is room for calls and answers. */
  private pump(): void {
    if (this.isPumping || this.isClosing) return
    this.isPumping = true
    this.outbox.beginBatch()
    try {
      while (this.canServe() && this.next()) this.serve()
    } catch (error) {
      if (isCodecError(error)) this.refuse(error)
      else this.abandon(error)
    } finally {
      this.isPumping = false
      this.outbox.endBatch()
    }
    if (this.isClosing) return
    if (!this.canServe()) this.pause()
    else if (this.isPaused) this.resume()
  }

  private pause(): void {
    this.isPaused = true
    this.socket.pause()
  }

  private resume(): void {
    this.isPaused = false
    this.socket.resume()
  }

  private canServe(): boolean {
    return !this.isClosing && !this.outbox.blocked && this.caller.hasRoom()
  }

  /** Puts the reader on the next message. */
  private next(): boolean {
    return (this.framing ?? this.detect())?.next(this.inbox, this.shared.reader) ?? false
  }

  private detect(): Framing.Framing | undefined {
    const { bytes, end, start } = this.inbox
    const detected = Detection.detect(bytes, start, end)
    if (detected === undefined) return undefined
    this.protocol = detected.protocol
    this.body = Message.bodyProtocol(detected.protocol)
    return (this.framing = Framing.make(detected.framing, detected.protocol, this.shared.limits))
  }

  private serve(): void {
    const { dispatcher, head, names, reader } = this.shared
    this.messages++
    Message.readHead(reader, this.protocol, head)
    const { seqid, type } = head
    if (type !== Message.call && type !== Message.oneway) return this.rejectType(seqid, type)
    const named = names.find(reader, head)
    if (named === undefined) return this.rejectMethod(seqid, type)
    const { codec, context, method } = named.value
    let payload: unknown
    try {
      payload = codec.arguments[this.body].decode(reader)
    } catch (error) {
      return this.rejectArguments(named, seqid, type, error)
    }
    const isAwaited = type === Message.call && method.kind !== "oneway"
    dispatcher.run(new ThriftCall(this, named, seqid, isAwaited, payload), context)
  }

  private rejectType(seqid: number, type: number): void {
    const name = this.nameOfHead()
    const detail = `a server takes messages of the types 1 (call) and 4 (oneway), not ${type}`
    this.writeException(Message.encodeName(name), seqid, ApplicationException.invalidMessageType, detail)
  }

  private rejectMethod(seqid: number, type: number): void {
    if (type === Message.oneway) return
    const name = this.nameOfHead()
    const detail = `unknown method "${name.slice(0, 200)}"`
    const { method } = Message.splitName(name)
    this.writeException(Message.encodeName(method), seqid, ApplicationException.unknownMethod, detail)
  }

  private nameOfHead(): string {
    return Message.decodeName(this.shared.reader, this.shared.head)
  }

  private rejectArguments(named: Named<Served>, seqid: number, type: number, error: unknown): void {
    if (!isCodecError(error)) throw error
    if (type === Message.oneway) return
    const detail = `the arguments of ${named.value.method.fullName} cannot be decoded: ${error.message}`
    this.writeException(named.name, seqid, ApplicationException.protocolError, detail)
  }

  /** A codec or this very code is broken. Other connections go on. */
  private abandon(defect: unknown): void {
    this.shared.logError(`${this.caller.address}: a message broke the server's code; the connection is closed`, defect)
    this.destroy()
  }

  private writeUnencodable(named: Named<Served>, seqid: number, result: unknown, error: unknown): void {
    const { method } = named.value
    const { code, detail } = ThriftCall.unencodable(method, result, error)
    this.shared.logError(detail, isCodecError(error) ? undefined : error)
    this.writeException(named.name, seqid, code, detail)
  }

  /** This is no Thrift, or no longer: says so where it can, and closes. */
  private refuse(error: CodecError): void {
    const { bytes, start } = this.inbox
    this.shared.logDebug(`${this.caller.address}: ${error.message}; the connection is closed`)
    if (this.framing !== undefined) {
      this.writeException(noName, 0, ApplicationException.protocolError, error.message)
    } else if (Detection.isHttp(bytes, start)) {
      this.outbox.flush()
      this.socket.write(`HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\nThis port speaks Thrift, not HTTP.\n`)
    }
    this.outbox.flush()
    this.close()
  }

  private endIfIdle(): void {
    if (this.caller.running > 0) {
      // Makes the end of the next call come back here.
      this.caller.waitsForOwn = true
      return
    }
    if (this.isEnded) return
    this.outbox.flush()
    this.isEnded = true
    this.socket.end()
    this.lingerOn()
  }

  /** Waits for the peer to close, too. One that is still reading what it was sent is given time; `check` limits it. */
  private lingerOn(): void {
    const { deadlines } = this.shared
    this.lingering = deadlines.schedule(deadlines.now() + linger, () => {
      if (this.socket.writableLength > 0) this.lingerOn()
      else this.destroy()
    })
  }

  /** The peer sends no more. */
  private onEnd(): void {
    if (this.shared.interruptOnDisconnect) this.caller.leave(true)
    this.isClosing = true
    this.inbox.clear()
    this.endIfIdle()
  }

  private onClose(): void {
    this.isClosing = this.isEnded = true
    this.lingering?.cancel()
    this.inbox.clear()
    this.outbox.close()
    this.caller.leave(this.shared.interruptOnDisconnect)
    this.shared.onClose(this)
  }
}
