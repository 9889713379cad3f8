import { assert, describe, it } from "@effect/vitest"
import * as Metadata from "../../src/Metadata.ts"
import * as ContentType from "../../src/grpc/ContentType.ts"
import * as MetadataHeaders from "../../src/grpc/MetadataHeaders.ts"
import * as MetainfoHeaders from "../../src/grpc/MetainfoHeaders.ts"
import * as PercentEncoding from "../../src/grpc/PercentEncoding.ts"
import * as TimeoutHeader from "../../src/grpc/TimeoutHeader.ts"
import * as UserAgent from "../../src/grpc/UserAgent.ts"

describe("PercentEncoding", () => {
  it("leaves printable ASCII alone and encodes the rest", () => {
    const cases = [
      ["", ""],
      ["plain text!~", "plain text!~"],
      ["100%", "100%25"],
      [
        "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n",
        "%09%0Atest with whitespace%0D%0Aand Unicode BMP %E2%98%BA and non-BMP %F0%9F%98%88%09%0A"
      ],
      [" a ", "%20a%20"],
      ["\x7f", "%7F"]
    ] as const
    for (const [text, encoded] of cases) {
      assert.strictEqual(PercentEncoding.encode(text), encoded)
      assert.strictEqual(PercentEncoding.decode(encoded), text)
    }
    assert.strictEqual(PercentEncoding.encode("\ud800"), "%EF%BF%BD")
  })

  it("decoding never fails", () => {
    assert.strictEqual(PercentEncoding.decode("%"), "%")
    assert.strictEqual(PercentEncoding.decode("%4"), "%4")
    assert.strictEqual(PercentEncoding.decode("%zz%41"), "%zzA")
    assert.strictEqual(PercentEncoding.decode("%e2%98%ba"), "☺")
    assert.strictEqual(PercentEncoding.decode("%ff"), "\ufffd")
  })
})

describe("TimeoutHeader", () => {
  it("rounds up, into at most eight digits", () => {
    const cases: ReadonlyArray<readonly [number, string]> = [
      [1, "1m"],
      [1500, "1500m"],
      [99_999_999, "99999999m"],
      [100_000_000, "100000S"],
      [100_000_001, "100001S"],
      [99_999_999_000, "99999999S"],
      [99_999_999_001, "1666667M"],
      [1e13, "2777778H"],
      [1e20, "99999999H"],
      [0.5, "500u"],
      [0.0001, "1u"],
      [1.1, "1100u"],
      [1000.5, "1001m"],
      [0, "1n"],
      [-5, "1n"]
    ]
    for (const [millis, text] of cases) assert.strictEqual(TimeoutHeader.encode(millis), text, `${millis}`)
    assert.strictEqual(TimeoutHeader.encode(Infinity), undefined)
    for (let millis = 0.7; millis < 3e14; millis *= 1.7) {
      const text = TimeoutHeader.encode(millis)!
      assert.isAtMost(text.length, 9)
      assert.isAtLeast(TimeoutHeader.decode(text)! * (1 + 1e-9), millis)
    }
  })

  it("reads all units and nothing else", () => {
    const cases = { "1H": 3_600_000, "2M": 120_000, "3S": 3000, "4m": 4, "5u": 0.005, "6n": 0.000006, "0m": 0 }
    for (const [text, millis] of Object.entries(cases)) assert.closeTo(TimeoutHeader.decode(text)!, millis, 1e-9)
    assert.strictEqual(TimeoutHeader.decode("99999999S"), 99_999_999_000)
    for (const text of ["", "m", "1", "123456789m", "1s", "-1m", "1.5S", "1 m", " 1m", "1mm"]) {
      assert.strictEqual(TimeoutHeader.decode(text), undefined, text)
    }
  })
})

describe("ContentType", () => {
  it("knows gRPC and gRPC-Web", () => {
    const cases = [
      ["application/grpc", "grpc", "proto"],
      ["application/grpc+proto", "grpc", "proto"],
      ["application/grpc+json", "grpc", "json"],
      ["Application/gRPC;charset=utf-8", "grpc", "proto"],
      ["application/grpc-web", "web", "proto"],
      ["application/grpc-web+proto", "web", "proto"],
      ["application/grpc-web-text", "webText", "proto"],
      ["application/grpc-web-text+proto ; x", "webText", "proto"]
    ] as const
    for (const [text, framing, format] of cases) assert.deepStrictEqual(ContentType.parse(text), { framing, format })
    for (const text of [
      "",
      "application/json",
      "application/grpcx",
      "application/grpc-webx",
      "text/application/grpc"
    ]) {
      assert.strictEqual(ContentType.parse(text), undefined, text)
    }
  })
})

describe("UserAgent", () => {
  it("the application goes first", () => {
    assert.strictEqual(UserAgent.make("1.2.3"), "grpc-node-volant/1.2.3")
    assert.strictEqual(UserAgent.make("1.2.3", "shop/7"), "shop/7 grpc-node-volant/1.2.3")
  })
})

describe("MetadataHeaders", () => {
  const sent = (entries: ReadonlyArray<readonly [string, Metadata.Value]>) => {
    const list: Array<string> = []
    const fault = MetadataHeaders.append(list, Metadata.fromEntries(entries))
    return fault ?? list
  }

  it("round trip: text, bytes, repeated keys, in order", () => {
    const entries = [
      ["a", "1"],
      ["key_with.all-9", "a ~"],
      ["a", ""],
      ["b-bin", Uint8Array.of(0, 255, 1)],
      ["b-bin", new Uint8Array(0)]
    ] as const
    const list = sent(entries)
    assert.deepStrictEqual(list, ["a", "1", "key_with.all-9", "a ~", "a", "", "b-bin", "AP8B", "b-bin", ""])
    assert.deepStrictEqual(MetadataHeaders.decode(list as Array<string>).metadata.entries, entries as never)
  })

  it("base64 with and without padding, joined by commas; what is none is left out", () => {
    const decode = (value: string) =>
      MetadataHeaders.decode(["k-bin", value]).metadata.entries.map(([, bytes]) => [...bytes])
    assert.deepStrictEqual(decode("AA"), [[0]] as never)
    assert.deepStrictEqual(decode("AA=="), [[0]] as never)
    assert.deepStrictEqual(decode("AAE=,Ag, Aw=="), [[0, 1], [2], [3]] as never)
    for (const value of ["A", "A===", "_-8", "A A", "é"]) assert.deepStrictEqual(decode(value), [])
  })

  it("what cannot be sent is refused", () => {
    const refused: ReadonlyArray<readonly [string, Metadata.Value]> = [
      ["grpc-status", "0"],
      ["te", "x"],
      ["content-type", "x"],
      [":path", "/"],
      ["", "x"],
      ["a b", "x"],
      ["ä", "x"],
      ["a", "x\n"],
      ["a", "ä"],
      ["a", " x"],
      ["a", "x "],
      ["a", Uint8Array.of(1)],
      ["a-bin", "text"],
      ["rpc-persist-x", "1"]
    ]
    for (const entry of refused) assert.isString(sent([entry]), entry[0])
  })

  it("the protocol's own fields are no metadata", () => {
    const list = [
      "te",
      "trailers",
      "grpc-timeout",
      "1S",
      "content-type",
      "application/grpc",
      "user-agent",
      "x",
      "a",
      "1"
    ]
    assert.deepStrictEqual(MetadataHeaders.decode(list).metadata.entries, [["a", "1"]])
  })
})

describe("MetainfoHeaders", () => {
  const keys = ["USER_ID", "zone", "Zone", "A", "X_BIN", "x-bin", "a.b", "ключ", "a b", "..5a", "9", "a_B-c", "%"]
  const values = ["1", "", "with blanks inside", " outside ", "é☺", "line\nend", "a,b;c", "AA=="]

  it("every key and value comes back as it was", () => {
    for (const key of keys) {
      for (const value of values) {
        const metainfo = { persistent: new Map([[key, value]]), transient: new Map([[`${key}T`, value]]) }
        const list: Array<string> = []
        MetainfoHeaders.append(list, metainfo)
        MetainfoHeaders.appendBackward(list, new Map([[key, value]]))
        for (let at = 0; at < list.length; at += 2) assert.match(list[at]!, /^[0-9a-z_.-]+$/)
        const decoded = MetadataHeaders.decode(list)
        assert.deepStrictEqual(decoded.metainfo, metainfo)
        assert.deepStrictEqual(decoded.backward, new Map([[key, value]]))
        assert.strictEqual(decoded.metadata, Metadata.empty)
      }
    }
  })

  it("the usual keys go as Volo and Kitex write them, and theirs are read", () => {
    const list: Array<string> = []
    MetainfoHeaders.append(list, { persistent: new Map([["USER_ID", "7"]]), transient: new Map([["HOP", "1"]]) })
    assert.deepStrictEqual(list, ["rpc-persist-user-id", "7", "rpc-transit-hop", "1"])
    const { metainfo } = MetadataHeaders.decode(["rpc-persist-user_id", "8", "rpc-persist-a-b", "9", "rpc-other", "x"])
    assert.deepStrictEqual(
      metainfo.persistent,
      new Map([
        ["USER_ID", "8"],
        ["A_B", "9"]
      ])
    )
  })

  it("keys that are empty are dropped", () => {
    const list: Array<string> = []
    MetainfoHeaders.append(list, { persistent: new Map([["", "7"]]), transient: new Map() })
    assert.deepStrictEqual(list, [])
    assert.strictEqual(MetadataHeaders.decode(["rpc-persist-", "x"]).metainfo.persistent.size, 0)
  })
})
