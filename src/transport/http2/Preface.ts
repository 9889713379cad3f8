/**
 * Tells HTTP/2 with prior knowledge from HTTP/1.1 by the first octets (RFC 9113 section 3.4), so that one port without TLS can
 * serve both. With TLS the answer is ALPN's, before anything is sent.
 */
import type { Socket } from "node:net"
import type { Deadlines } from "../Deadlines.ts"
import { Inbox } from "../Inbox.ts"
import * as Frame from "./Frame.ts"

/** Who takes the socket. What was read of it is there again. */
export interface Choice {
  readonly onHttp2: (socket: Socket) => void
  /** It is something else; HTTP/1.1, if it is anything. */
  readonly onOther: (socket: Socket) => void
}

/** No method of HTTP/1.1 begins like that. */
const enough = "PRI * HTTP/2.0".length

/** Whether the octets are the preface's; undefined while there are too few to tell. */
export const isHttp2 = (bytes: Buffer, start: number, end: number): boolean | undefined => {
  const size = Math.min(end - start, enough)
  if (bytes.compare(Frame.preface, 0, size, start, start + size) !== 0) return false
  return size === enough ? true : undefined
}

/** Waits for the first octets of an accepted socket. One that sends too few within `timeout` milliseconds is closed. */
export const choose = (socket: Socket, deadlines: Deadlines["Service"], timeout: number, choice: Choice): void => {
  const inbox = new Inbox()
  const timer = deadlines.schedule(deadlines.now() + timeout, () => socket.destroy())
  const release = (): void => {
    timer.cancel()
    socket.off("data", onData).off("end", giveUp).off("error", giveUp).off("close", release)
  }
  const giveUp = (): void => {
    release()
    socket.on("error", () => {}).destroy()
  }
  const onData = (chunk: Buffer): void => {
    inbox.push(chunk)
    const verdict = isHttp2(inbox.bytes, inbox.start, inbox.end)
    if (verdict === undefined) return
    release()
    socket.pause()
    socket.unshift(inbox.bytes.subarray(inbox.start, inbox.end))
    if (verdict) choice.onHttp2(socket)
    else choice.onOther(socket)
    socket.resume()
  }
  socket.on("data", onData).on("end", giveUp).on("error", giveUp).on("close", release)
}
