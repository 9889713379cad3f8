/** The two wire formats that the load generator speaks: how a call looks, and how a reply is found and told apart. */
import { text } from "./Scenario.ts"

export interface Wire {
  /** One call; all calls are this with another id. */
  readonly call: Buffer
  /** Puts the id of a call into a copy of `call` that starts at `at`. Ids count from 1. */
  readonly putId: (bytes: Buffer, at: number, id: number) => void
  /** Where the reply that starts at `at` ends; -1 when it is not complete. */
  readonly endOf: (bytes: Buffer, at: number) => number
  readonly idOf: (bytes: Buffer, at: number) => number
}

/** Thrift Binary in frames; the id is the sequence id. */
export const framed = (message: number): Wire => ({
  call: framedCall(text(message)),
  putId: (bytes, at, id) => {
    bytes[at + 16] = id >>> 24
    bytes[at + 17] = id >>> 16
    bytes[at + 18] = id >>> 8
    bytes[at + 19] = id
  },
  endOf: (bytes, at) => {
    if (bytes.length - at < 4) return -1
    const end = at + 4 + int32(bytes, at)
    return end <= bytes.length ? end : -1
  },
  idOf: (bytes, at) => int32(bytes, at + 16)
})

const int32 = (bytes: Buffer, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!

const framedCall = (message: string): Buffer => {
  const hex = [
    "8001 0001 00000004",
    Buffer.from("Echo").toString("hex"),
    "00000000 0c 0001",
    stringField(1, "echo"),
    stringField(2, message),
    "00 00"
  ]
  const body = Buffer.from(hex.join("").replaceAll(" ", ""), "hex")
  const head = Buffer.alloc(4)
  head.writeInt32BE(body.length)
  return Buffer.concat([head, body])
}

const stringField = (id: number, value: string): string =>
  `0b 000${id} ${value.length.toString(16).padStart(8, "0")} ${Buffer.from(value).toString("hex")}`

const digits = 10
const firstId = 10 ** (digits - 1)

/** effect/rpc's NDJSON: a line a message; the id is a string of digits, here always of ten. */
export const ndjson = (message: number): Wire => {
  const request = {
    _tag: "Request",
    id: String(firstId),
    tag: "Echo",
    payload: { action: "echo", msg: text(message) },
    headers: []
  }
  const line = JSON.stringify(request) + "\n"
  const idAt = line.indexOf(String(firstId))
  // Replies of one server all have the id at the same place.
  let replyIdAt = -1
  return {
    call: Buffer.from(line),
    putId: (bytes, at, id) => {
      for (let place = idAt + digits - 1, rest = id; place > idAt; place--, rest = Math.trunc(rest / 10)) {
        bytes[at + place] = 48 + (rest % 10)
      }
    },
    endOf: (bytes, at) => bytes.indexOf(10, at) + 1 || -1,
    idOf: (bytes, at) => {
      if (replyIdAt < 0) replyIdAt = bytes.indexOf(`"requestId":"`, at) + 13 - at
      let id = 0
      for (let place = 1; place < digits; place++) id = id * 10 + bytes[at + replyIdAt + place]! - 48
      return id
    }
  }
}
