import { assert, describe, it } from "vitest"
import { CodecError } from "../../src/Codec.ts"
import * as Message from "../../src/thrift/Message.ts"
import { Names } from "../../src/thrift/Names.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"

/** Headers only, as Apache Thrift writes them. */
const vectors: ReadonlyArray<readonly [Message.Protocol, Message.Message, string]> = [
  ["binary", { name: "ping", type: Message.call, seqid: 0 }, "800100010000000470696e6700000000"],
  ["binary-nonstrict", { name: "ping", type: Message.reply, seqid: 9 }, "0000000470696e670200000009"],
  ["compact", { name: "ping", type: Message.reply, seqid: 0 }, "8241000470696e67"],
  ["compact", { name: "fire", type: Message.oneway, seqid: 7 }, "82810704" + "66697265"],
  ["compact", { name: "echo", type: Message.call, seqid: 2147483647 }, "8221ffffffff07046563686f"],
  ["compact", { name: "echo", type: Message.exception, seqid: -1 }, "8261ffffffff0f046563686f"],
  ["binary", { name: "Svc:ids", type: Message.exception, seqid: -2 }, "80010003000000075376633a696473fffffffe"],
  ["binary", { name: "", type: Message.call, seqid: 1 }, "800100010000000000000001"]
]

const decode = (protocol: Message.Protocol, bytes: Uint8Array) => Message.read(new Reader(bytes), protocol)

describe("Message", () => {
  for (const [protocol, message, hex] of vectors) {
    const bytes = Buffer.from(hex, "hex")

    it(`${protocol} ${message.name} ${message.type} ${message.seqid}`, () => {
      const writer = new Writer(1)
      Message.write(writer, protocol, message)
      assert.strictEqual(writer.toBytes().toString("hex"), hex)
      assert.deepStrictEqual(decode(protocol, bytes), message)
    })

    it(`no strict prefix of ${hex} is a header`, () => {
      for (let length = 0; length < bytes.length; length++) {
        assert.throws(() => decode(protocol, bytes.subarray(0, length)), CodecError)
      }
    })
  }

  for (const [why, protocol, hex] of [
    ["a version that there is not", "binary", "80020001000000016100000000"],
    ["a name longer than the input", "binary", "800100017fffffff61"],
    ["a name of negative length", "binary", "80010001ffffffff6100000000"],
    ["HTTP", "binary", "474554202f20485454502f312e310d0a"],
    ["HTTP as a name's length", "binary-nonstrict", "474554202f20485454502f312e310d0a"],
    ["another protocol id", "compact", "8321000161"],
    ["another version", "compact", "8222000161"],
    ["a varint of 36 bits", "compact", "8221ffffffff1f0161"],
    ["a varint without end", "compact", "8221ffffffffffffffff0161"],
    ["type 0", "binary", "80010000000000016100000000"],
    ["type 5", "compact", "82a1000161"]
  ] as const) {
    it(`${why} is refused`, () => {
      assert.throws(() => decode(protocol, Buffer.from(hex, "hex")), CodecError)
    })
  }

  it("long names are written whole", () => {
    const message = { name: "Ünïted.".repeat(40), type: Message.call, seqid: 3 } as const
    for (const protocol of ["binary", "binary-nonstrict", "compact"] as const) {
      const writer = new Writer(8)
      Message.write(writer, protocol, message)
      assert.deepStrictEqual(decode(protocol, writer.toBytes()), message)
    }
  })

  it("multiplexed names", () => {
    assert.deepStrictEqual(Message.splitName("Svc:ids"), { contract: "Svc", method: "ids" })
    assert.deepStrictEqual(Message.splitName("ids"), { contract: undefined, method: "ids" })
    assert.strictEqual(Message.joinName("Svc", "ids"), "Svc:ids")
  })
})

describe("Names", () => {
  const find = (names: Names<number>, name: string) => {
    const reader = new Reader(Buffer.from(`..${name}..`))
    const head = new Message.Head()
    head.nameStart = 2
    head.nameEnd = 2 + Buffer.byteLength(name)
    return names.find(reader, head)
  }

  it("looks a name up once, whatever order names come in", () => {
    const asked: Array<string> = []
    const names = new Names((name) => {
      asked.push(name)
      return name === "a" ? 1 : name === "bé" ? 2 : undefined
    })
    for (const name of ["a", "a", "bé", "a", "bé", "b"]) {
      const found = find(names, name)
      assert.strictEqual(found?.value, name === "a" ? 1 : name === "bé" ? 2 : undefined)
      if (found !== undefined) assert.strictEqual(found.name.toString(), name)
    }
    assert.deepStrictEqual(asked, ["a", "bé", "b"])
  })
})
