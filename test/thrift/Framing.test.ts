import { assert, describe, it } from "vitest"
import { CodecError } from "../../src/Codec.ts"
import * as Framing from "../../src/thrift/Framing.ts"
import * as Message from "../../src/thrift/Message.ts"
import { Inbox } from "../../src/transport/Inbox.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"
import * as Values from "../fixtures/ThriftValues.ts"

type Case = readonly [Framing.Kind, Message.Protocol]

const cases: ReadonlyArray<Case> = [
  ["framed", "binary"],
  ["buffered", "binary"],
  ["buffered", "binary-nonstrict"],
  ["buffered", "compact"]
]

const head = (protocol: Message.Protocol, seqid: number) => {
  const writer = new Writer()
  Message.write(writer, protocol, { name: "method", type: Message.call, seqid })
  return writer.toBytes()
}

/** The messages of a connection, without frames. */
const messages = (protocol: Message.Protocol, seed: number, count: number): ReadonlyArray<Buffer> => {
  const next = Values.seeded(seed)
  const encode = protocol === "compact" ? Values.compact : Values.binary
  return Array.from({ length: count }, (_, i) =>
    Buffer.concat([head(protocol, i), Buffer.from(encode(Values.random(next, "struct")))])
  )
}

const wire = ([kind, protocol]: Case, bodies: ReadonlyArray<Buffer>): Buffer => {
  const framing = Framing.make(kind, protocol)
  const writer = new Writer(1)
  for (const body of bodies) {
    const start = framing.begin(writer)
    writer.reserve(body.length)
    writer.position += body.copy(writer.bytes, writer.position)
    framing.end(writer, start)
  }
  return writer.toBytes()
}

/** What arrives in the given pieces. */
const split = (framing: Framing.Framing, pieces: Iterable<Buffer>): Array<string> => {
  const inbox = new Inbox()
  const reader = new Reader()
  const found: Array<string> = []
  for (const piece of pieces) {
    inbox.push(piece)
    while (framing.next(inbox, reader)) found.push(reader.bytes.subarray(reader.position, reader.end).toString("hex"))
  }
  return found
}

function* inPieces(bytes: Buffer, size: () => number) {
  for (let at = 0; at < bytes.length;) {
    const length = size()
    yield bytes.subarray(at, at + length)
    at += length
  }
}

describe("Framing", () => {
  for (const at of cases) {
    const [kind, protocol] = at
    describe(`${kind} ${protocol}`, () => {
      it("finds every message, whatever pieces they come in", () => {
        for (let seed = 1; seed <= 40; seed++) {
          const bodies = messages(protocol, seed, 12)
          const bytes = wire(at, bodies)
          const expected = bodies.map((body) => body.toString("hex"))
          const next = Values.seeded(seed)
          const sizes = [() => 1, () => bytes.length, () => 1 + Math.floor(next() * 100)]
          for (const size of sizes) {
            assert.deepStrictEqual(split(Framing.make(kind, protocol), inPieces(bytes, size)), expected)
          }
        }
      })

      it("finds none in a strict prefix of a message", () => {
        for (const body of messages(protocol, 7, 5)) {
          const bytes = wire(at, [body])
          for (let length = 0; length < bytes.length; length++) {
            assert.deepStrictEqual(split(Framing.make(kind, protocol), [bytes.subarray(0, length)]), [])
          }
        }
      })

      it("refuses a message over the limit before it is there", () => {
        const bytes = wire(at, [Buffer.concat([head(protocol, 0), oneString(protocol, 1 << 20)])])
        const framing = () => Framing.make(kind, protocol, { messageSize: 1000, depth: 64 })
        assert.throws(() => split(framing(), [bytes.subarray(0, 60)]), CodecError, "1000")
        assert.throws(
          () =>
            split(
              framing(),
              inPieces(bytes, () => 1)
            ),
          CodecError,
          "1000"
        )
      })

      it("survives arbitrary bytes with nothing but CodecErrors", () => {
        const next = Values.seeded(99)
        const bodies = messages(protocol, 3, 20)
        for (let i = 0; i < 2000; i++) {
          const bytes = Buffer.from(wire(at, [bodies[i % 20]!, bodies[(i + 1) % 20]!]))
          for (let flips = 0; flips < 3; flips++) bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256)
          try {
            split(
              Framing.make(kind, protocol),
              inPieces(bytes, () => 64)
            )
          } catch (error) {
            assert.instanceOf(error, CodecError)
          }
        }
      })
    })
  }

  for (const protocol of ["binary", "compact"] as const) {
    it(`bounds the depth of a buffered ${protocol} message`, () => {
      // A list of one list of one list ...
      const nested = (levels: number): ReadonlyArray<number> =>
        protocol === "compact"
          ? [0x19, ...new Array<number>(levels).fill(0x19), 0x03, 0]
          : [15, 0, 1, ...new Array<number>(levels).fill(0).flatMap(() => [15, 0, 0, 0, 1]), 3, 0, 0, 0, 0, 0]
      const message = (levels: number) => [Buffer.concat([head(protocol, 0), Buffer.from(nested(levels))])]
      assert.strictEqual(split(Framing.make("buffered", protocol), message(60)).length, 1)
      assert.throws(() => split(Framing.make("buffered", protocol), message(100)), CodecError, "64 levels")
    })

    it(`walks over a buffered ${protocol} message in pieces once`, () => {
      // Reading a byte is what walking costs: a message in pieces must not read more than a constant times its size.
      const body = Values.random(Values.seeded(5), "struct", 6)
      const values: Values.Value = { type: "list", of: "struct", values: new Array(200).fill(body) }
      const encode = protocol === "compact" ? Values.compact : Values.binary
      const bytes = Buffer.concat([head(protocol, 1), Buffer.from(encode({ type: "struct", fields: [[1, values]] }))])
      let reads = 0
      const counted = new Proxy(bytes, {
        get: (target, key) => {
          if (typeof key === "string" && /^\d+$|^read/.test(key)) reads++
          const value: unknown = Reflect.get(target, key)
          return typeof value === "function" ? value.bind(target) : value
        }
      })
      const inbox = new Inbox()
      const framing = Framing.make("buffered", protocol)
      let found = 0
      for (let end = 1; end <= bytes.length; end++) {
        inbox.bytes = counted
        inbox.end = end
        // `reset` of the header's reader needs real memory; it is skipped once the header was seen.
        if (end < 40) inbox.bytes = bytes
        if (framing.next(inbox, deaf)) found++
      }
      assert.strictEqual(found, 1)
      assert.isAtMost(reads, bytes.length * 6)
    })
  }

  it("refuses a frame of negative length", () => {
    assert.throws(() => split(Framing.make("framed", "binary"), [Buffer.from("ffffffff80010001", "hex")]), CodecError)
  })

  it("accepts a frame at the limit and refuses one byte more", () => {
    const framing = () => Framing.make("framed", "binary", { messageSize: 8, depth: 64 })
    assert.strictEqual(split(framing(), [Buffer.from("000000080102030405060708", "hex")]).length, 1)
    assert.throws(() => split(framing(), [Buffer.from("00000009", "hex")]), CodecError, "at most 8")
  })
})

/** A reader that does not look. */
const deaf = new (class extends Reader {
  override reset() {}
})()

const oneString = (protocol: Message.Protocol, length: number): Buffer =>
  Buffer.from(
    (protocol === "compact" ? Values.compact : Values.binary)({
      type: "struct",
      fields: [[1, { type: "string", length }]]
    })
  )
