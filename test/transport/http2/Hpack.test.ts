import { assert, it } from "@effect/vitest"
import { describe } from "vitest"
import { HpackDecoder } from "../../../src/transport/http2/HpackDecoder.ts"
import * as HpackEncoder from "../../../src/transport/http2/HpackEncoder.ts"
import * as HpackHuffman from "../../../src/transport/http2/HpackHuffman.ts"
import type { Headers } from "../../../src/transport/http2/Headers.ts"
import * as Http2Error from "../../../src/transport/http2/Http2Error.ts"
import { Writer } from "../../../src/wire/Writer.ts"

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s/g, ""), "hex")

const decode = (decoder: HpackDecoder, hex: string): Headers => {
  const bytes = bytesOf(hex)
  return decoder.decode(bytes, 0, bytes.length)
}

/** All fields, pseudo-headers first. */
const all = (headers: Headers): ReadonlyArray<string> => {
  const list: Array<string> = []
  for (const name of ["method", "scheme", "path", "authority", "status"] as const) {
    if (headers[name] !== undefined) list.push(`:${name}`, headers[name])
  }
  return [...list, ...headers.list]
}

const fails = (decoder: HpackDecoder, hex: string): string => {
  try {
    decode(decoder, hex)
  } catch (error) {
    assert.instanceOf(error, Http2Error.Http2Error)
    assert.strictEqual(error.code, Http2Error.compressionError)
    return error.detail
  }
  return assert.fail(`${hex} was decoded`)
}

const encode = (encoder: HpackEncoder.HpackEncoder, prepared: HpackEncoder.Prepared, list?: Array<string>): Buffer => {
  const writer = new Writer()
  encoder.encode(writer, prepared, list)
  return writer.toBytes()
}

const requests = [
  [":method", "GET", ":scheme", "http", ":path", "/", ":authority", "www.example.com"],
  [":method", "GET", ":scheme", "http", ":path", "/", ":authority", "www.example.com", "cache-control", "no-cache"],
  [
    ":method",
    "GET",
    ":scheme",
    "https",
    ":path",
    "/index.html",
    ":authority",
    "www.example.com",
    "custom-key",
    "custom-value"
  ]
]

const dates = ["Mon, 21 Oct 2013 20:13:21 GMT", "Mon, 21 Oct 2013 20:13:22 GMT"] as const
const shared = ["cache-control", "private", "date", dates[0], "location", "https://www.example.com"]
const responses = [
  [":status", "302", ...shared],
  [":status", "307", ...shared],
  [":status", "200", "cache-control", "private", "date", dates[1], "location", "https://www.example.com"].concat([
    "content-encoding",
    "gzip",
    "set-cookie",
    "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"
  ])
]

/** RFC 7541 appendix C.3 to C.6: header blocks of one connection each, in order. */
const sequences: ReadonlyArray<{
  readonly name: string
  readonly table: number
  readonly blocks: ReadonlyArray<string>
  readonly lists: ReadonlyArray<ReadonlyArray<string>>
}> = [
  {
    name: "C.3 requests",
    table: 4096,
    blocks: [
      "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
      "8286 84be 5808 6e6f 2d63 6163 6865",
      "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65"
    ],
    lists: requests
  },
  {
    name: "C.4 requests with the Huffman code",
    table: 4096,
    blocks: [
      "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
      "8286 84be 5886 a8eb 1064 9cbf",
      "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf"
    ],
    lists: requests
  },
  {
    name: "C.5 responses, with eviction",
    table: 256,
    blocks: [
      `4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 54
       6e17 6874 7470 733a 2f2f 7777 772e 6578 616d 706c 652e 636f 6d`,
      "4803 3330 37c1 c0bf",
      `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d
       4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572
       7369 6f6e 3d31`
    ],
    lists: responses
  },
  {
    name: "C.6 responses with the Huffman code, with eviction",
    table: 256,
    blocks: [
      `4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b
       97c8 e9ae 82ae 43d3`,
      "4883 640e ffc1 c0bf",
      `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf
       cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07`
    ],
    lists: responses
  }
]

/** A block that sets the size of the table. */
const resize = (size: number): string => {
  const bytes = Buffer.alloc(8)
  return bytes.subarray(0, HpackEncoder.writeInteger(bytes, 0, 5, 0x20, size)).toString("hex")
}

describe("HPACK", () => {
  it("decodes the integers of RFC 7541 appendix C.1, and refuses larger ones", () => {
    const bytes = Buffer.alloc(8)
    assert.strictEqual(bytes.toString("hex", 0, HpackEncoder.writeInteger(bytes, 0, 5, 0, 10)), "0a")
    assert.strictEqual(bytes.toString("hex", 0, HpackEncoder.writeInteger(bytes, 0, 5, 0, 1337)), "1f9a0a")
    assert.strictEqual(bytes.toString("hex", 0, HpackEncoder.writeInteger(bytes, 0, 8, 0, 42)), "2a")
    assert.include(fails(new HpackDecoder(), "ff ff ff ff ff 0f"), "beyond all reason")
    assert.include(fails(new HpackDecoder(), "ff 80 80 80 80 80 80 80 00"), "beyond all reason")
    assert.include(fails(new HpackDecoder(), "ff ff"), "ends within an integer")
  })

  it("decodes the fields of appendix C.2", () => {
    const decoder = new HpackDecoder()
    const custom = decode(decoder, "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572")
    assert.deepStrictEqual(all(custom), ["custom-key", "custom-header"])
    assert.deepStrictEqual(all(decode(decoder, "040c 2f73 616d 706c 652f 7061 7468")), [":path", "/sample/path"])
    assert.deepStrictEqual(all(decode(decoder, "1008 7061 7373 776f 7264 0673 6563 7265 74")), ["password", "secret"])
    assert.deepStrictEqual(all(decode(decoder, "82")), [":method", "GET"])
    assert.deepStrictEqual(all(decode(decoder, "be")), ["custom-key", "custom-header"])
  })

  for (const { blocks, lists, name, table } of sequences) {
    it(`decodes the sequence of appendix ${name}`, () => {
      const decoder = new HpackDecoder()
      decode(decoder, resize(table))
      for (const [at, block] of blocks.entries()) assert.deepStrictEqual(all(decode(decoder, block)), [...lists[at]!])
    })
  }

  it("encodes the requests of appendix C.4 as they stand there", () => {
    const encoder = new HpackEncoder.HpackEncoder()
    for (const [at, list] of requests.entries()) {
      assert.strictEqual(
        encode(encoder, HpackEncoder.prepare(list)).toString("hex"),
        bytesOf(sequences[1]!.blocks[at]!).toString("hex")
      )
    }
  })

  it("gives equal blocks the same headers, until the table changes", () => {
    const decoder = new HpackDecoder()
    decode(decoder, sequences[0]!.blocks[0]!)
    const first = decode(decoder, "8286 84be")
    assert.strictEqual(decode(decoder, "8286 84be"), first)
    assert.notStrictEqual(decode(decoder, "8286 84"), first)
    assert.strictEqual(decode(decoder, "8286 84be"), first)
    // What the index stands for is another field now.
    decode(decoder, "5808 6e6f 2d63 6163 6865")
    const later = decode(decoder, "8286 84be")
    assert.notStrictEqual(later, first)
    assert.strictEqual(later.get("cache-control"), "no-cache")
    decode(decoder, resize(0))
    assert.include(fails(decoder, "8286 84be"), "index 62 stands for nothing")
  })

  it("refuses what is no block", () => {
    const bad = {
      "80": "index 0",
      be: "index 62",
      "40": "before a string",
      "400a 6375": "within a string",
      "82 3f": "behind a field",
      "3f e2 1f": "a table of 4097",
      "00 82 ffff 00": "no Huffman code",
      // EOS; a padding of eight bits; a padding with zeros.
      "00 84 ffff fffc 00": "no Huffman code",
      "00 82 1fff 00": "no Huffman code",
      "00 81 18 00": "no Huffman code"
    }
    for (const [hex, detail] of Object.entries(bad)) assert.include(fails(new HpackDecoder(), hex), detail)
    assert.strictEqual(decode(new HpackDecoder(), "00 81 1f 00").list[0], "a")
  })

  it("every prefix of a block either fails or lacks fields", () => {
    const block = bytesOf(sequences[3]!.blocks[2]!)
    for (let size = 1; size < block.length; size++) {
      const decoder = new HpackDecoder()
      for (const earlier of sequences[3]!.blocks.slice(0, 2)) decode(decoder, earlier)
      try {
        assert.isBelow(decoder.decode(block, 0, size).list.length, 10)
      } catch (error) {
        assert.instanceOf(error, Http2Error.Http2Error)
      }
    }
  })

  it("keeps no more than the limit, and the table in step", () => {
    const decoder = new HpackDecoder({ listSize: 100 })
    const list = ["a", "x".repeat(40), "b", "y".repeat(40), "c", "z"]
    const encoder = new HpackEncoder.HpackEncoder()
    const prepared = HpackEncoder.prepare(list)
    const block = encode(encoder, prepared)
    const headers = decoder.decode(block, 0, block.length)
    assert.isTrue(headers.isTooLarge)
    assert.deepStrictEqual(headers.list, list.slice(0, 2))
    const last = encode(encoder, HpackEncoder.prepare(list.slice(4)))
    assert.deepStrictEqual(decoder.decode(last, 0, last.length).list, ["c", "z"])
  })

  it("what is encoded decodes to the same, with every octet, over many blocks and changes of the table's size", () => {
    const encoder = new HpackEncoder.HpackEncoder()
    const decoder = new HpackDecoder()
    const octets = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join("")
    const allowed = octets.replaceAll(/[\0\n\r]/g, "")
    const prepared = [
      HpackEncoder.prepare([":status", "200", "content-type", "application/grpc", "all", `:${allowed}:`]),
      HpackEncoder.prepare(["grpc-status", "0", "long", "ä".repeat(3000)]),
      HpackEncoder.prepare(Array.from({ length: 100 }, (_, at) => [`name-${at}`, `value ${at}`]).flat())
    ]
    for (const size of [4096, 300, 0, 70_000, 4096]) {
      encoder.resize(size)
      for (let times = 0; times < 3; times++) {
        for (const each of prepared) {
          const extra = ["x-n", `${times}`, "x-empty", "", "content-length", `${size}`]
          const block = encode(encoder, each, extra)
          const headers = decoder.decode(block, 0, block.length)
          assert.deepStrictEqual(all(headers), [...each.fields.flatMap(({ name, value }) => [name, value]), ...extra])
        }
      }
    }
    assert.isAtMost(encode(encoder, prepared[0]!).length, 4)
  })

  it("the Huffman code of every octet is decoded, and its size is foretold", () => {
    for (let code = 0; code < 256; code++) {
      const text = String.fromCharCode(code).repeat(7)
      const coded = Buffer.alloc(40)
      const end = HpackHuffman.encode(text, coded, 0)
      assert.strictEqual(end, HpackHuffman.encodedSize(text))
      const decoded = Buffer.alloc(HpackHuffman.maxDecoded(end))
      assert.strictEqual(HpackHuffman.decode(coded, 0, end, decoded), 7, `octet ${code}`)
      assert.strictEqual(decoded.toString("latin1", 0, 7), text)
    }
  })

  it("finds fault with fields that cannot be sent", () => {
    assert.strictEqual(HpackEncoder.check(["a", "b", ":status", "200"]), undefined)
    for (const [name, value] of [
      ["A", ""],
      ["", ""],
      ["a b", ""],
      ["a", "\n"],
      ["a", "\0"],
      ["a", "\r"],
      ["a", "\u0100"]
    ]) {
      assert.isDefined(HpackEncoder.check([name!, value!]))
    }
    assert.isDefined(HpackEncoder.check(["a"]))
    assert.throws(() => HpackEncoder.prepare(["A", ""]), TypeError)
  })
})
