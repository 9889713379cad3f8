import { assert, describe, it } from "vitest"
import { Inbox } from "../../src/transport/Inbox.ts"

describe("Inbox", () => {
  it("keeps what is not consumed, in order, whatever the pieces", () => {
    const inbox = new Inbox()
    const received: Array<number> = []
    let sent = 0
    for (let round = 0; round < 500; round++) {
      inbox.push(Buffer.from(Array.from({ length: round % 7 === 0 ? 300 : round % 5 }, () => sent++ & 255)))
      const take = Math.min(inbox.length, (round * 13) % 90)
      received.push(...inbox.bytes.subarray(inbox.start, inbox.start + take))
      inbox.skip(take)
    }
    received.push(...inbox.bytes.subarray(inbox.start, inbox.end))
    assert.strictEqual(received.length, sent)
    received.forEach((byte, i) => assert.strictEqual(byte, i & 255))
  })

  it("holds no memory when empty", () => {
    const inbox = new Inbox()
    inbox.push(Buffer.alloc(1000))
    inbox.skip(999)
    assert.isAbove(inbox.bytes.length, 0)
    inbox.skip(1)
    assert.strictEqual(inbox.bytes.length, 0)
  })

  it("does not copy a chunk that is consumed whole", () => {
    const inbox = new Inbox()
    const chunk = Buffer.alloc(64)
    inbox.push(chunk)
    assert.strictEqual(inbox.bytes, chunk)
  })

  it("copies a message in many pieces a constant number of times", () => {
    const inbox = new Inbox()
    const piece = Buffer.alloc(1024)
    const buffers = new Set<Buffer>()
    for (let i = 0; i < 4096; i++) {
      inbox.push(piece)
      buffers.add(inbox.bytes)
    }
    assert.strictEqual(inbox.length, 4096 * 1024)
    assert.isAtMost(buffers.size, 14)
  })

  it("leaves bytes alone that were handed out", () => {
    const inbox = new Inbox()
    inbox.push(Buffer.from("abc"))
    inbox.push(Buffer.from("def"))
    const view = inbox.bytes.subarray(inbox.start, inbox.start + 4)
    inbox.skip(4)
    for (let i = 0; i < 100; i++) {
      inbox.push(Buffer.from("xyz"))
      inbox.skip(2)
    }
    assert.strictEqual(view.toString(), "abcd")
  })
})
