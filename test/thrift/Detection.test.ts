import { assert, describe, it } from "vitest"
import { CodecError } from "../../src/Codec.ts"
import * as Detection from "../../src/thrift/Detection.ts"
import * as Framing from "../../src/thrift/Framing.ts"
import * as Message from "../../src/thrift/Message.ts"
import { Writer } from "../../src/wire/Writer.ts"

const detect = (bytes: Buffer) => Detection.detect(bytes, 0, bytes.length)

const wire = (kind: Framing.Kind, protocol: Message.Protocol, name: string) => {
  const writer = new Writer()
  const framing = Framing.make(kind, protocol)
  const start = framing.begin(writer)
  Message.write(writer, protocol, { name, type: Message.call, seqid: 0x7fffffff })
  writer.reserve(1)
  writer.bytes[writer.position++] = 0
  framing.end(writer, start)
  return writer.toBytes()
}

describe("Detection", () => {
  for (const framing of ["framed", "buffered"] as const) {
    for (const protocol of ["binary", "binary-nonstrict", "compact"] as const) {
      it(`${framing} ${protocol}`, () => {
        for (const name of ["echo", "x", "Svc:getItem"]) {
          const bytes = wire(framing, protocol, name)
          assert.deepStrictEqual(detect(bytes), { framing, protocol })
          let needed = 0
          while (detect(bytes.subarray(0, needed)) === undefined) needed++
          assert.isAtMost(needed, 6)
          assert.deepStrictEqual(detect(bytes.subarray(0, needed)), { framing, protocol })
        }
      })
    }
  }

  for (const [why, bytes, hint] of [
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\n"), "HTTP"],
    ["HTTP/2", Buffer.from("PRI * HTTP/2.0\r\n"), "HTTP"],
    ["a TLS hello", Buffer.from("160301020001000fc03030", "hex"), "TLS"],
    ["another version of Binary", Buffer.from("80020001000000016100000000", "hex"), "8002"],
    ["another version of Compact", Buffer.from("82220001", "hex"), "8222"],
    ["a negative frame", Buffer.from("ffffffff80010001", "hex"), "ffffffff"],
    ["a frame of another version", Buffer.from("0000001080020001", "hex"), "8002"],
    ["TTHeader", Buffer.from("0000002010000000000000010000", "hex"), "TTHeader"],
    ["SSH", Buffer.from("SSH-2.0-OpenSSH"), "5353482d"]
  ] as const) {
    it(`refuses ${why}, and says what it saw`, () => {
      assert.throws(() => detect(bytes), CodecError, hint)
    })
  }
})
