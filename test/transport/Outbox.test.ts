import { Duplex } from "node:stream"
import { assert, describe, it } from "vitest"
import { Outbox, Writers } from "../../src/transport/Outbox.ts"

/** A socket whose writes end when the test says so, or at once. */
class Sink extends Duplex {
  readonly chunks: Array<Buffer> = []
  stalled: (() => void) | undefined
  stall = false
  override _read() {}
  override _write(chunk: Buffer, _encoding: string, done: () => void) {
    this.chunks.push(this.stall ? chunk : Buffer.from(chunk))
    if (this.stall) this.stalled = done
    else done()
  }
  release() {
    const done = this.stalled
    this.stalled = undefined
    done?.()
  }
}

const make = (highWaterMark?: number) => {
  const sink = new Sink()
  const writers = new Writers()
  const events: Array<string> = []
  const outbox = new Outbox(
    sink,
    writers,
    { onSlowReader: () => events.push("slow"), onDrained: () => events.push("drained") },
    highWaterMark
  )
  sink.on("drain", () => outbox.drained())
  const put = (text: string) => {
    const writer = outbox.writer()
    writer.reserve(text.length)
    writer.position += writer.bytes.write(text, writer.position)
  }
  return { sink, writers, outbox, events, put }
}

const tick = () => new Promise<void>((resolve) => setImmediate(resolve))

describe("Outbox", () => {
  it("sends what was written in one tick in one write", async () => {
    const { outbox, put, sink } = make()
    put("a")
    await Promise.resolve()
    put("b")
    assert.strictEqual(sink.chunks.length, 0)
    assert.strictEqual(outbox.flushes, 0)
    await tick()
    assert.deepStrictEqual(sink.chunks.map(String), ["ab"])
    assert.strictEqual(outbox.flushes, 1)
  })

  it("sends a batch at its end", () => {
    const { outbox, put, sink } = make()
    outbox.beginBatch()
    put("a")
    outbox.messageWritten()
    put("b")
    assert.strictEqual(sink.chunks.length, 0)
    outbox.endBatch()
    assert.deepStrictEqual(sink.chunks.map(String), ["ab"])
  })

  it("appended bytes keep their place, are not copied, and leave with the rest", async () => {
    const { outbox, put, sink } = make()
    const large = Buffer.alloc(20_000, "L")
    sink.stall = true
    put("a")
    outbox.append(large)
    put("b")
    assert.strictEqual(sink.chunks.length, 0)
    assert.strictEqual(outbox.size, 20_002)
    await tick()
    assert.strictEqual(outbox.flushes, 1)
    const written: Array<Buffer> = []
    for (let times = 0; times < 3; times++) {
      written.push(...sink.chunks.splice(0))
      sink.release()
      await tick()
    }
    assert.deepStrictEqual(written.map(String), ["a", large.toString(), "b"])
    assert.strictEqual(written[1], large)
    assert.strictEqual(outbox.size, 0)
  })

  it("what is written to a socket that is gone does not count as sent", async () => {
    const { outbox, put, sink } = make()
    put("a")
    sink.on("error", () => {}).destroy()
    await tick()
    assert.strictEqual(outbox.flushes, 0)
  })

  it("a large batch leaves in parts", () => {
    const { outbox, put, sink } = make()
    outbox.beginBatch()
    for (let i = 0; i < 3; i++) {
      put("x".repeat(100_000))
      outbox.messageWritten()
    }
    assert.strictEqual(sink.chunks.length, 3)
    outbox.endBatch()
    assert.strictEqual(sink.chunks.length, 3)
  })

  it("gives the writer back once the bytes have left, and never while they have not", async () => {
    const { outbox, put, sink, writers } = make()
    const first = writers.acquire()
    writers.release(first)
    put("a")
    assert.notStrictEqual(writers.acquire(), first)
    outbox.flush()
    assert.strictEqual(writers.acquire(), first)
    writers.release(first)
    sink.stall = true
    put("kept")
    outbox.flush()
    assert.notStrictEqual(writers.acquire(), first)
    put("copied")
    outbox.flush()
    outbox.writer().bytes.fill(0)
    sink.stall = false
    sink.release()
    await tick()
    assert.deepStrictEqual(sink.chunks.map(String), ["a", "kept", "copied"])
  })

  it("tells of a slow reader once, and of its recovery", async () => {
    const { events, outbox, put, sink } = make(100_000)
    sink.stall = true
    for (let i = 0; i < 4; i++) {
      put("x".repeat(60_000))
      outbox.flush()
    }
    assert.deepStrictEqual(events, ["slow"])
    assert.isTrue(outbox.blocked)
    sink.stall = false
    sink.release()
    await tick()
    assert.deepStrictEqual(events, ["slow", "drained"])
    assert.isFalse(outbox.blocked)
  })

  it("sends nothing after it was closed", async () => {
    const { outbox, put, sink } = make()
    put("a")
    outbox.close()
    put("b")
    await tick()
    assert.strictEqual(sink.chunks.length, 0)
    assert.strictEqual(outbox.flushes, 0)
  })
})
