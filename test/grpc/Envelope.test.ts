import * as Zlib from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import * as Compression from "../../src/grpc/Compression.ts"
import * as Envelope from "../../src/grpc/Envelope.ts"
import { Writer } from "../../src/wire/Writer.ts"

const envelope = (bytes: Uint8Array, isCompressed = false): Buffer => {
  const writer = new Writer(16)
  const start = Envelope.begin(writer)
  writer.reserve(bytes.length)
  writer.bytes.set(bytes, writer.position)
  writer.position += bytes.length
  Envelope.end(writer, start, isCompressed)
  return writer.toBytes()
}

const split = (chunks: ReadonlyArray<Buffer>, maxSize = 1_000_000) => {
  const splitter = new Envelope.Splitter(maxSize)
  const messages: Array<Envelope.Message> = []
  for (const chunk of chunks) splitter.push(chunk, messages)
  return { splitter, messages }
}

const statusOf = (run: () => unknown): number | undefined => {
  try {
    run()
  } catch (error) {
    if (error instanceof Envelope.EnvelopeError) return error.status.code
    throw error
  }
  return undefined
}

describe("Envelope", () => {
  const sent = [0, 1, 5, 300, 70_000, 0].map((size, i) => Buffer.alloc(size, i + 1))
  const bytes = Buffer.concat(sent.map((message, i) => envelope(message, i % 2 === 1)))

  it("messages come out whole, however the bytes are cut", () => {
    for (const size of [1, 2, 3, 4, 5, 6, 7, 11, 1000, 16_384, bytes.length]) {
      const chunks: Array<Buffer> = []
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
      const { messages, splitter } = split(chunks)
      assert.strictEqual(messages.length, sent.length, `${size}`)
      messages.forEach((message, i) => {
        assert.isTrue(Envelope.bytesOf(message).equals(sent[i]!), `${size}: ${i}`)
        assert.strictEqual(message.isCompressed, i % 2 === 1)
      })
      assert.isFalse(splitter.isMidway)
    }
  })

  it("all messages of a chunk come at once, as views of it", () => {
    const { messages } = split([bytes])
    assert.strictEqual(messages.length, sent.length)
    assert.strictEqual(messages[3]!.bytes.buffer, bytes.buffer)
  })

  it("a message that has begun shows", () => {
    for (let size = 1; size < 8; size++) {
      assert.isTrue(split([envelope(Buffer.alloc(3)).subarray(0, size)]).splitter.isMidway)
    }
  })

  it("a size over the limit is refused before its bytes come, and so is a strange flag", () => {
    assert.strictEqual(
      statusOf(() => split([Buffer.from([0, 0, 0, 0, 11])], 10)),
      8
    )
    assert.strictEqual(
      statusOf(() => split([Buffer.from([0]), Buffer.from([255, 255, 255, 255])], 10)),
      8
    )
    assert.strictEqual(
      statusOf(() => split([Buffer.from([0, 0, 0, 0, 10])], 10)),
      undefined
    )
    assert.strictEqual(
      statusOf(() => split([Buffer.from([2, 0, 0, 0, 0])])),
      13
    )
  })

  it("memory grows with what has come, not with what was announced", () => {
    const before = process.memoryUsage().arrayBuffers
    const splitters = Array.from({ length: 100 }, () => split([Buffer.from([0, 0x40, 0, 0, 0, 1])], 2 ** 31).splitter)
    assert.isBelow(process.memoryUsage().arrayBuffers - before, 10_000_000)
    assert.isTrue(splitters.every((splitter) => splitter.isMidway))
  })

  it("memory is six times what has come at most, however much was announced", () => {
    const come = 1 << 20
    const chunks = [Buffer.from([0, 0x40, 0, 0, 0]), ...Array.from({ length: 64 }, () => Buffer.alloc(come / 64))]
    const before = process.memoryUsage().arrayBuffers
    const splitters = Array.from({ length: 10 }, () => split(chunks, 2 ** 31).splitter)
    // Twice, since what growing left behind may not have been collected.
    assert.isBelow(process.memoryUsage().arrayBuffers - before, 2 * splitters.length * 6 * come)
    assert.isTrue(splitters.every((splitter) => splitter.isMidway))
  })

  it("a large message in pieces of any size is put together", () => {
    const body = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251))
    for (const piece of [1000, 4096, 16_384, 65_536, 299_999]) {
      const bytes = Buffer.concat([Buffer.from([0, 0, 0x04, 0x93, 0xe0]), body, Buffer.from([0, 0, 0, 0, 0])])
      const chunks: Array<Buffer> = []
      for (let at = 0; at < bytes.length; at += piece) chunks.push(bytes.subarray(at, at + piece))
      const { messages } = split(chunks)
      assert.lengthOf(messages, 2)
      assert.isTrue(Envelope.bytesOf(messages[0]!).equals(body))
    }
  })
})

describe("Compression", () => {
  const run = (go: (done: Compression.Done) => void) =>
    new Promise<Buffer | Envelope.EnvelopeError>((resolve) => go({ onBytes: resolve, onFault: resolve }))

  const text = Buffer.from("to be or not to be, ".repeat(20))

  for (const encoding of Compression.all) {
    it(`${encoding}: small and large messages round trip`, async () => {
      for (const bytes of [
        Buffer.alloc(0),
        text,
        Buffer.alloc(100_000, "x"),
        Buffer.from(Array.from({ length: 60_000 }, (_, i) => (i * 7919) & 255))
      ]) {
        const compressed = (await run((done) => Compression.compress(encoding, bytes, done))) as Buffer
        const back = await run((done) => Compression.decompress(encoding, compressed, 1_000_000, done))
        assert.isTrue(bytes.equals(back as Buffer))
      }
    })

    it(`${encoding}: a bomb is RESOURCE_EXHAUSTED, rubbish is INTERNAL`, async () => {
      const bomb = (await run((done) => Compression.compress(encoding, Buffer.alloc(10_000_000), done))) as Buffer
      const outcome = await run((done) => Compression.decompress(encoding, bomb, 1000, done))
      assert.strictEqual((outcome as Envelope.EnvelopeError).status.code, 8)
      for (const size of [10, 50_000]) {
        const rubbish = await run((done) => Compression.decompress(encoding, Buffer.alloc(size, 7), 1000, done))
        assert.strictEqual((rubbish as Envelope.EnvelopeError).status.code, 13)
      }
      const short = (await run((done) => Compression.compress(encoding, text, done))) as Buffer
      const cut = await run((done) => Compression.decompress(encoding, short.subarray(0, short.length - 3), 1000, done))
      assert.strictEqual((cut as Envelope.EnvelopeError).status.code, 13)
    })
  }

  it("gRPC's deflate is the zlib format", async () => {
    const compressed = await run((done) => Compression.compress("deflate", text, done))
    assert.isTrue(Zlib.inflateSync(compressed as Buffer).equals(text))
  })

  it("exactly the limit is taken, one byte more is not", async () => {
    const compressed = Zlib.gzipSync(Buffer.alloc(1000))
    assert.instanceOf(await run((done) => Compression.decompress("gzip", compressed, 1000, done)), Buffer)
    assert.instanceOf(
      await run((done) => Compression.decompress("gzip", compressed, 999, done)),
      Envelope.EnvelopeError
    )
  })

  it("compressed without an encoding is INTERNAL", async () => {
    const outcome = await run((done) => Compression.decompress("identity", text, 1000, done))
    assert.strictEqual((outcome as Envelope.EnvelopeError).status.code, 13)
  })

  it("negotiation", () => {
    assert.strictEqual(Compression.choose(["zstd", "gzip"], "identity, gzip"), "gzip")
    assert.strictEqual(Compression.choose(["zstd", "gzip"], "gzip,zstd"), "zstd")
    assert.strictEqual(Compression.choose([], "gzip"), undefined)
    assert.strictEqual(Compression.choose(["gzip"], undefined), undefined)
    assert.strictEqual(Compression.choose(["gzip"], "br"), undefined)
    assert.strictEqual(Compression.parse(undefined, []), "identity")
    assert.strictEqual(Compression.parse("gzip", ["gzip"]), "gzip")
    assert.strictEqual(Compression.parse("gzip", ["zstd"]), undefined)
    assert.strictEqual(Compression.acceptHeader(["gzip"]), "identity,gzip")
  })
})
