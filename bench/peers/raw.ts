/**
 * The least that a Node server can do: frames are told apart by their length, and the calls of one read are sent back as
 * they are in one write. With `--reply` they become well-formed replies of `Echo`, for clients that look at them.
 */
import { createServer, type Socket } from "node:net"
import { answer } from "../Answers.ts"

const reply = process.argv.includes("--reply")

const serve = (socket: Socket): void => {
  let rest: Buffer | undefined
  socket.setNoDelay(true)
  socket.on("error", () => socket.destroy())
  socket.on("data", (chunk: Buffer) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk])
    const replies = Buffer.allocUnsafe(bytes.length)
    const end = echo(bytes, replies)
    rest = end < bytes.length ? bytes.subarray(end) : undefined
    if (end > 0) socket.write(replies.subarray(0, end))
  })
}

/** Copies complete frames and returns where the last one ends. */
const echo = (bytes: Buffer, replies: Buffer): number => {
  let at = 0
  while (bytes.length - at >= 4) {
    const end = at + 4 + bytes.readInt32BE(at)
    if (end > bytes.length) break
    bytes.copy(replies, at, at, end)
    if (reply) toReply(replies, at)
    at = end
  }
  return at
}

/** A call of `Echo` differs from its reply in the message type and in the id of the only field: 1 there, 0 here. */
const toReply = (bytes: Buffer, at: number): void => {
  bytes[at + 7] = 2
  bytes[at + 22] = 0
}

const server = createServer(serve)
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  if (address !== null && typeof address === "object") console.log(`listening on 127.0.0.1:${address.port}`)
})
answer()
