import { assert, describe, it } from "@effect/vitest"
import { isCodecError } from "../../src/Codec.ts"
import * as Detection from "../../src/thrift/Detection.ts"
import * as Framing from "../../src/thrift/Framing.ts"
import type * as Message from "../../src/thrift/Message.ts"
import { Inbox } from "../../src/transport/Inbox.ts"
import { Reader } from "../../src/wire/Reader.ts"
import * as Budget from "./Budget.ts"
import { mutate } from "./Mutation.ts"
import { Random } from "./Random.ts"
import * as Seeds from "./Seeds.ts"

const seed = 20_261
const limits: Framing.Limits = { messageSize: 4096, depth: 64 }

/** Messages of one protocol, bare and in a frame, one and two in a row. */
const streams = (protocol: Message.Protocol): ReadonlyArray<Buffer> => {
  const messages = Seeds.vectors
    .filter((vector) => vector.kind === "message" && vector.protocol === protocol && vector.framed !== true)
    .map(Seeds.toBytes)
  const framed = messages.map((message) => {
    const length = Buffer.alloc(4)
    length.writeInt32BE(message.length)
    return Buffer.concat([length, message])
  })
  return [...messages, ...framed, ...messages.map((message) => Buffer.concat([message, messages[0]!]))]
}

/** The sizes of the messages found, and how the connection ended. */
const split = (input: Buffer, chunks: ReadonlyArray<number>): { sizes: Array<number>; end: string } => {
  const inbox = new Inbox()
  const reader = new Reader()
  const sizes: Array<number> = []
  let framing: Framing.Framing | undefined
  let from = 0
  try {
    for (const chunk of [...chunks, input.length]) {
      if (chunk <= from) continue
      inbox.push(Buffer.from(input.subarray(from, chunk)))
      from = chunk
      if (framing === undefined) {
        const detected = Detection.detect(inbox.bytes, inbox.start, inbox.end)
        if (detected === undefined) continue
        framing = Framing.make(detected.framing, detected.protocol, limits)
      }
      while (framing.next(inbox, reader)) sizes.push(reader.end - reader.position)
    }
  } catch (error) {
    if (!isCodecError(error)) throw error
    return { sizes, end: error.reason }
  }
  return { sizes, end: framing === undefined ? "undetected" : `${inbox.length} bytes over` }
}

describe.each(["binary", "binary-nonstrict", "compact"] as const)("messages of %s in a stream", (protocol) => {
  it("are found at the same places however the stream is cut, or refused with a typed error", () => {
    const random = new Random(seed)
    const seeds = streams(protocol)
    assert.isAbove(seeds.length, 10)
    const ends: Record<string, number> = {}
    const outcome = Budget.run(
      seed,
      Budget.inputs,
      () => mutate(random, seeds),
      (input) => {
        const whole = split(input, [])
        const end = whole.end.endsWith("over") && whole.end !== "0 bytes over" ? "Truncated inside" : whole.end
        ends[end] = (ends[end] ?? 0) + 1
        ends["messages"] = (ends["messages"] ?? 0) + whole.sizes.length
        const cuts = Array.from({ length: random.below(6) }, () => random.below(input.length + 1))
        const pieces = split(
          input,
          cuts.toSorted((a, b) => a - b)
        )
        assert.deepStrictEqual(pieces.sizes.slice(0, whole.sizes.length), whole.sizes.slice(0, pieces.sizes.length))
        if (whole.end !== pieces.end) assert.fail(`${whole.end} as a whole, ${pieces.end} when cut at ${cuts.join()}`)
      }
    )
    Budget.report(`streams of ${protocol}`, ends)
    for (const end of ["messages", "Malformed", "Truncated inside"]) assert.isAbove(ends[end] ?? 0, 10, end)
    assert.isBelow(outcome.slowest, 1000)
  })
})
