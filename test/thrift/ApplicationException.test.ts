import { assert, describe, it } from "vitest"
import { CodecError } from "../../src/Codec.ts"
import { ApplicationError, BizError, DeadlineExceeded, Overloaded, ProtocolError } from "../../src/RpcError.ts"
import * as ApplicationException from "../../src/thrift/ApplicationException.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"

describe("ApplicationException", () => {
  for (const [protocol, hex] of [
    ["binary", "0b0001000000026e6f08000200000006" + "00"],
    ["compact", "18026e6f150c00"]
  ] as const) {
    const bytes = Buffer.from(hex, "hex")

    it(`${protocol} in both directions`, () => {
      const writer = new Writer()
      ApplicationException.write(writer, protocol, ApplicationException.internalError, "no")
      assert.strictEqual(writer.toBytes().toString("hex"), hex)
      const error = ApplicationException.read(new Reader(bytes), protocol)
      assert.strictEqual(error.code, 6)
      assert.strictEqual(error.detail, "no")
    })

    it(`no strict prefix in ${protocol} is one`, () => {
      for (let length = 0; length < bytes.length; length++) {
        assert.throws(() => ApplicationException.read(new Reader(bytes.subarray(0, length)), protocol), CodecError)
      }
    })
  }

  for (const [protocol, hex] of [
    ["binary", "02000901" + "0a0002000000000000000a" + "08000200000007" + "00"],
    ["compact", "91" + "04040a" + "05040e" + "00"]
  ] as const) {
    it(`${protocol}: unknown fields are skipped, and a message may be missing`, () => {
      const error = ApplicationException.read(new Reader(Buffer.from(hex, "hex")), protocol)
      assert.strictEqual(error.code, 7)
      assert.isNotEmpty(error.detail)
    })
  }

  it("codes by reason", () => {
    assert.strictEqual(ApplicationException.codeOf(new ApplicationError({ code: 42, detail: "x" })), 42)
    assert.strictEqual(ApplicationException.messageOf(new ApplicationError({ code: 42, detail: "x" })), "x")
    assert.strictEqual(ApplicationException.codeOf(new ProtocolError({ detail: "x" })), 7)
    for (const reason of [
      new DeadlineExceeded({ deadline: 0 }),
      new Overloaded({ limit: "10 calls" }),
      new BizError({ code: 1, detail: "x", extra: new Map() })
    ]) {
      assert.strictEqual(ApplicationException.codeOf(reason), 6)
      assert.strictEqual(ApplicationException.messageOf(reason), reason.message)
    }
  })
})
