import { assert, describe, it } from "@effect/vitest"
import * as Data from "effect/Data"
import * as RpcError from "../../src/RpcError.ts"
import type { DeclaredError } from "../../src/grpc/GrpcCodec.ts"
import * as Protobuf from "../../src/grpc/Protobuf.ts"
import * as Status from "../../src/grpc/Status.ts"
import * as StatusCode from "../../src/grpc/StatusCode.ts"
import * as StatusDetails from "../../src/grpc/StatusDetails.ts"

class Refused extends Data.TaggedError("Refused")<{ readonly why: string }> {}

const refused: DeclaredError<Refused> = {
  typeName: "test.Refused",
  code: StatusCode.permissionDenied,
  is: (error) => error instanceof Refused,
  codec: {
    encode: (writer, value) => Protobuf.writeStringField(writer, 0x0a, value.why),
    decode: (reader) => {
      let why = ""
      while (reader.position < reader.end) {
        const tag = Protobuf.readTag(reader)
        if (tag === 0x0a) why = Protobuf.readString(reader)
        else Protobuf.skip(reader, tag)
      }
      return new Refused({ why })
    }
  }
}

describe("StatusCode", () => {
  it("names and numbers", () => {
    assert.strictEqual(StatusCode.nameOf(14), "UNAVAILABLE")
    assert.strictEqual(StatusCode.fromName("UNAUTHENTICATED"), 16)
    assert.strictEqual(StatusCode.fromName("unauthenticated"), undefined)
    assert.strictEqual(StatusCode.nameOf(99), "status 99")
    for (let code = 0; code <= 16; code++) assert.strictEqual(StatusCode.fromName(StatusCode.nameOf(code)), code)
  })

  it("parses what grpc-status says", () => {
    assert.strictEqual(StatusCode.parse("0"), 0)
    assert.strictEqual(StatusCode.parse("16"), 16)
    assert.strictEqual(StatusCode.parse("17"), StatusCode.unknown)
    for (const text of ["", "-1", "x", "1.5", "0x1"]) assert.strictEqual(StatusCode.parse(text), undefined)
  })

  it("HTTP statuses and reset codes, as the specification lists them", () => {
    const http = { 400: 13, 401: 16, 403: 7, 404: 12, 429: 14, 502: 14, 503: 14, 504: 14, 200: 2, 302: 2, 500: 2 }
    for (const [status, code] of Object.entries(http)) {
      assert.strictEqual(StatusCode.fromHttpStatus(Number(status)), code, status)
    }
    const reset = [13, 13, 13, 13, 13, 2, 13, 14, 1, 13, 13, 8, 7, 2]
    reset.forEach((code, http2) => assert.strictEqual(StatusCode.fromResetCode(http2), code, `${http2}`))
    assert.strictEqual(StatusCode.fromResetCode(0xff), 13)
  })
})

describe("Status", () => {
  it("what a peer is told of a failure", () => {
    const codeOf = (reason: RpcError.Reason) => Status.fromReason(reason).code
    assert.strictEqual(codeOf(new RpcError.DeadlineExceeded({ deadline: 0 })), 4)
    assert.strictEqual(codeOf(new RpcError.Unavailable({ unsent: true, detail: "" })), 14)
    assert.strictEqual(codeOf(new RpcError.Overloaded({ limit: "1" })), 8)
    assert.strictEqual(codeOf(new RpcError.CircuitOpen({ key: "k" })), 14)
    assert.strictEqual(codeOf(new RpcError.NoInstance({ target: "t" })), 14)
    assert.strictEqual(codeOf(new RpcError.ProtocolError({ detail: "" })), 13)
    assert.strictEqual(codeOf(new RpcError.ApplicationError({ code: 1, detail: "" })), 13)
    for (const code of [0, 17, -1]) assert.strictEqual(codeOf(new RpcError.StatusError({ code, detail: "" })), 2)
    const details = [StatusDetails.detail("a.B", Uint8Array.of(1))]
    assert.deepStrictEqual(
      Status.fromReason(new RpcError.StatusError({ code: 5, detail: "no such item", details })),
      Status.make(5, "no such item", details)
    )
    const biz = Status.fromReason(new RpcError.BizError({ code: 7, detail: "no", extra: new Map([["k", "v"]]) }))
    assert.deepStrictEqual(biz, {
      code: 13,
      message: "no",
      details: [],
      biz: { code: 7, extra: new Map([["k", "v"]]) }
    })
  })

  it("what a client makes of a status", () => {
    const reasonOf = (code: number, deadline?: number) => Status.toReason(Status.make(code, "m"), deadline)._tag
    assert.strictEqual(reasonOf(4, 5), "DeadlineExceeded")
    assert.strictEqual(reasonOf(4), "StatusError")
    assert.strictEqual(reasonOf(14), "Unavailable")
    assert.strictEqual(reasonOf(8), "StatusError")
    assert.isFalse(
      RpcError.isUnsent(new RpcError.RpcError({ method: "m", reason: Status.toReason(Status.make(14, ""), 1) }))
    )
    const biz = { code: 7, extra: new Map([["k", "v"]]) }
    const reason = Status.toReason({ ...Status.make(13, "no"), biz }, undefined) as RpcError.BizError
    assert.deepStrictEqual([reason._tag, reason.code, reason.detail, reason.extra], ["BizError", 7, "no", biz.extra])
  })

  it("declared errors travel in the details", () => {
    const status = Status.fromDeclared([refused], new Refused({ why: "é" }))!
    assert.strictEqual(status.code, 7)
    assert.strictEqual(status.details[0]?.typeUrl, "type.googleapis.com/test.Refused")
    const error = Status.toDeclared([refused], status)
    assert.instanceOf(error, Refused)
    assert.strictEqual((error as Refused).why, "é")
    assert.strictEqual(Status.fromDeclared([refused], new Error("other")), undefined)
    assert.strictEqual(Status.toDeclared([], status), undefined)
    assert.deepStrictEqual({ ...(error as Refused) }, { ...new Refused({ why: "é" }) })
    const damaged = Status.make(7, "", [{ typeUrl: "x/test.Refused", value: Uint8Array.of(0x0a, 9) }])
    assert.strictEqual(Status.toDeclared([refused], damaged), undefined)
  })
})

describe("StatusDetails", () => {
  const retry = { typeUrl: "type.googleapis.com/google.rpc.RetryInfo", value: Uint8Array.of(1, 2) }
  const help = { typeUrl: "type.googleapis.com/some.Help", value: Uint8Array.of(3) }

  it("of a declared error that nobody here knows go with it, from peer to peer", () => {
    const own = StatusDetails.detail("test.Refused", Uint8Array.of(0x0a, 1, 0x78))
    const status = Status.make(9, "no", [retry, own, help])
    const received = Status.toDeclared([refused], status) as Refused
    assert.strictEqual(received.why, "x")
    assert.deepStrictEqual(StatusDetails.of(received), { code: 9, message: "no", details: [retry, own, help] })
    const sent = Status.fromDeclared([refused], received)!
    assert.strictEqual(sent.code, 7)
    assert.deepStrictEqual(
      sent.details.map(({ typeUrl }) => typeUrl),
      [own.typeUrl, retry.typeUrl, help.typeUrl]
    )
  })

  it("may be added to a declared error", () => {
    const error = StatusDetails.add(StatusDetails.add(new Refused({ why: "x" }), [retry]), [help])
    assert.deepStrictEqual(Status.fromDeclared([refused], error)!.details.slice(1), [retry, help])
    assert.deepStrictEqual(JSON.parse(JSON.stringify(error)), JSON.parse(JSON.stringify(new Refused({ why: "x" }))))
  })

  it("of other errors are those of their status", () => {
    const reason = new RpcError.StatusError({ code: 9, detail: "no", details: [help] })
    const error = new RpcError.RpcError({ method: "m", reason })
    assert.deepStrictEqual(StatusDetails.of(error), { code: 9, message: "no", details: [help] })
    const overloaded = new RpcError.RpcError({ method: "m", reason: new RpcError.Overloaded({ limit: "1" }) })
    for (const none of [overloaded, new Error("x"), "x", undefined, null]) {
      assert.isUndefined(StatusDetails.of(none))
    }
  })

  const value = {
    code: 5,
    message: "käse",
    details: [StatusDetails.detail("a.B", Buffer.alloc(300, 7)), { typeUrl: "", value: new Uint8Array(0) }]
  }

  it("round trip, and the octets of google.rpc.Status", () => {
    const bytes = StatusDetails.encode(value)
    assert.deepEqual(StatusDetails.decode(bytes), {
      ...value,
      details: [{ ...value.details[0]!, value: new Uint8Array(300).fill(7) }, value.details[1]!]
    })
    assert.strictEqual(
      StatusDetails.encode({ code: 3, message: "m", details: [{ typeUrl: "t/a", value: Uint8Array.of(9) }] }).toString(
        "hex"
      ),
      "080312016d1a080a03742f61120109"
    )
  })

  it("unknown fields are passed over, and every strict prefix is nothing or shorter", () => {
    assert.deepStrictEqual(StatusDetails.decode(Buffer.from("2001080a", "hex")), { code: 10, message: "", details: [] })
    const bytes = StatusDetails.encode(value)
    for (let size = 0; size < bytes.length; size++) {
      const decoded = StatusDetails.decode(bytes.subarray(0, size))
      assert.isTrue(decoded === undefined || decoded.details.length < 2)
    }
    assert.strictEqual(StatusDetails.decode(Buffer.from("1a05", "hex")), undefined)
  })

  it("type URLs", () => {
    assert.strictEqual(StatusDetails.typeNameOf("https://example.com/x/a.B"), "a.B")
    assert.strictEqual(StatusDetails.typeNameOf("a.B"), "a.B")
  })
})
