/** Our client as tests use it: connections and whole exchanges as promises. */
import * as Net from "node:net"
import type { Headers } from "../../../src/transport/http2/Headers.ts"
import { ClientSession } from "../../../src/transport/http2/ClientSession.ts"
import type { ClientStream, ResponseHandler } from "../../../src/transport/http2/ClientStream.ts"
import type { GoAway } from "../../../src/transport/http2/GoAway.ts"
import * as HpackEncoder from "../../../src/transport/http2/HpackEncoder.ts"
import type { Ended, Environment } from "../../../src/transport/http2/Http2Connection.ts"
import type { StreamFault } from "../../../src/transport/http2/Http2Error.ts"
import { environment } from "./Environment.ts"

export interface Connected {
  readonly session: ClientSession
  readonly socket: Net.Socket
  readonly ready: Promise<void>
  readonly closed: Promise<Ended>
  readonly goAways: Array<GoAway>
  /** Calls of `onRoom`. */
  rooms: number
}

/** A session over a socket that is connected or about to be. */
export const over = (socket: Net.Socket, shared: Environment = environment()): Connected => {
  const ready = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<Ended>()
  const connected: Connected = {
    session: new ClientSession(socket, shared, {
      onReady: () => ready.resolve(),
      onRoom: () => void connected.rooms++,
      onGoAway: (goAway) => void connected.goAways.push(goAway),
      onClose: closed.resolve
    }),
    socket,
    ready: ready.promise,
    closed: closed.promise,
    goAways: [],
    rooms: 0
  }
  return connected
}

export const connect = (port: number, shared?: Environment): Connected =>
  over(Net.connect({ port, host: "127.0.0.1", noDelay: true }), shared)

export class Reset extends Error {
  readonly fault: StreamFault

  constructor(fault: StreamFault) {
    super(fault.detail)
    this.fault = fault
  }
}

/** One exchange. Its body is consumed as it comes unless `isHeld`. */
export class Exchange implements ResponseHandler {
  stream: ClientStream | undefined
  headers: Headers | undefined
  trailers: Headers | undefined
  readonly informational: Array<string> = []
  readonly chunks: Array<Buffer> = []
  received = 0
  isHeld = false
  drains = 0
  resets = 0
  fault: StreamFault | undefined
  private readonly done = Promise.withResolvers<Exchange>()
  private readonly responded = Promise.withResolvers<Headers>()
  /** Waiting for a number of octets, and for a drain. */
  private wanted: { readonly size: number; readonly resolve: () => void } | undefined
  private draining: (() => void) | undefined

  constructor() {
    this.done.promise.catch(() => {})
    this.responded.promise.catch(() => {})
  }

  /** The complete response; fails with `Reset`. */
  get end(): Promise<Exchange> {
    return this.done.promise
  }

  get response(): Promise<Headers> {
    return this.responded.promise
  }

  get body(): Buffer {
    return Buffer.concat(this.chunks)
  }

  has(size: number): Promise<void> {
    if (this.received >= size) return Promise.resolve()
    return new Promise((resolve) => {
      this.wanted = { size, resolve }
    })
  }

  get drained(): Promise<void> {
    return new Promise((resolve) => {
      this.draining = resolve
    })
  }

  onInformational(headers: Headers): void {
    this.informational.push(headers.status!)
  }

  onHeaders(headers: Headers): void {
    this.headers = headers
    this.responded.resolve(headers)
  }

  onData(bytes: Buffer, start: number, end: number): void {
    this.chunks.push(bytes.subarray(start, end))
    this.received += end - start
    if (!this.isHeld) this.stream?.consume(end - start)
    if (this.wanted === undefined || this.received < this.wanted.size) return
    this.wanted.resolve()
    this.wanted = undefined
  }

  onEnd(trailers: Headers | undefined): void {
    this.trailers = trailers
    this.done.resolve(this)
  }

  onReset(fault: StreamFault): void {
    this.resets++
    this.fault = fault
    this.done.reject(new Reset(fault))
    this.responded.reject(new Reset(fault))
  }

  onDrain(): void {
    this.drains++
    this.draining?.()
  }
}

const common = [":scheme", "http", ":authority", "localhost"]

export const get = HpackEncoder.prepare([":method", "GET", ...common, ":path", "/"])
export const head = HpackEncoder.prepare([":method", "HEAD", ...common, ":path", "/"])
export const post = HpackEncoder.prepare([":method", "POST", ...common, ":path", "/"])

/** Begins a request. Without a body it is a GET that is complete. */
export const begin = (
  session: ClientSession,
  prepared: HpackEncoder.Prepared = get,
  list?: ReadonlyArray<string>,
  isLast = prepared.method !== "POST"
): Exchange => {
  const exchange = new Exchange()
  exchange.stream = session.request(exchange, prepared, list, isLast)
  if (exchange.stream === undefined) throw new Error("the session takes no request")
  return exchange
}

/** A whole exchange. */
export const call = (session: ClientSession, body?: Buffer): Promise<Exchange> => {
  const exchange = begin(session, body === undefined ? get : post)
  if (body !== undefined) exchange.stream!.write(body, true)
  return exchange.end
}
