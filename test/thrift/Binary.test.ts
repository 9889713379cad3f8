import { assert, describe, it } from "@effect/vitest"
import * as Binary from "../../src/thrift/Binary.ts"
import { assertTruncated, type Case, holds, reader, reasonOf } from "../fixtures/WireBytes.ts"

/** A value with its bytes, written and read. */
const cases: ReadonlyArray<Case> = [
  ["bool", (w) => Binary.writeBool(w, true), Binary.readBool, true, "01"],
  ["i8", (w) => Binary.writeI8(w, -128), Binary.readI8, -128, "80"],
  ["i16", (w) => Binary.writeI16(w, -2), Binary.readI16, -2, "fffe"],
  ["i32", (w) => Binary.writeI32(w, 0x01020304), Binary.readI32, 0x01020304, "01020304"],
  ["i64", (w) => Binary.writeI64(w, -(2n ** 63n)), Binary.readI64, -(2n ** 63n), "8000000000000000"],
  ["i64 as number", (w) => Binary.writeI64Number(w, -1), Binary.readI64Number, -1, "ffffffffffffffff"],
  [
    "the least safe number",
    (w) => Binary.writeI64Number(w, Number.MIN_SAFE_INTEGER),
    Binary.readI64Number,
    Number.MIN_SAFE_INTEGER,
    "ffe0000000000001"
  ],
  ["double", (w) => Binary.writeDouble(w, 1.5), Binary.readDouble, 1.5, "3ff8000000000000"],
  ["string", (w) => Binary.writeString(w, "hé"), Binary.readString, "hé", "0000000368c3a9"],
  ["binary", (w) => Binary.writeBinary(w, Uint8Array.of(1, 2)), Binary.readBinary, Uint8Array.of(1, 2), "000000020102"],
  [
    "uuid",
    (w) => Binary.writeUuid(w, "00112233-4455-6677-8899-AABBCCDDEEFF"),
    Binary.readUuid,
    "00112233-4455-6677-8899-aabbccddeeff",
    "00112233445566778899aabbccddeeff"
  ],
  [
    "a field",
    (w) => Binary.writeI16Field(w, -2, 5),
    (r) => (Binary.readFieldType(r), Binary.readFieldId(r)),
    -2,
    "06fffe0005"
  ]
]

describe("Binary", () => {
  it.each(cases)("%s", holds)

  it("takes any byte but 0 for true", () => assert.isTrue(Binary.readBool(reader("02"))))

  it("refuses negative sizes", () => {
    assert.strictEqual(
      reasonOf(() => Binary.readString(reader("ffffffff"))),
      "Malformed"
    )
    assert.strictEqual(
      reasonOf(() => Binary.readListBegin(reader("08 ffffffff"), 8)),
      "Malformed"
    )
    assert.strictEqual(
      reasonOf(() => Binary.readMapBegin(reader("0808 80000000"), 8, 8)),
      "Malformed"
    )
  })

  it("refuses containers of more elements than there are bytes for", () => {
    assert.strictEqual(Binary.readListBegin(reader("08 00000002 0000000000000000"), 8), 2)
    assert.strictEqual(
      reasonOf(() => Binary.readListBegin(reader("08 00000003 0000000000000000"), 8)),
      "Truncated"
    )
    assert.strictEqual(
      reasonOf(() => Binary.readMapBegin(reader("0803 00000002 000000000000000000"), 8, 3)),
      "Truncated"
    )
    assert.strictEqual(
      reasonOf(() => Binary.readListBegin(reader("0c 7fffffff 00"), 12)),
      "Truncated"
    )
  })

  it("tells elements of another type before it reads them; none are of any type", () => {
    assert.isFalse(Binary.isList(reader("0b 00000001 00000000"), 8))
    assert.isTrue(Binary.isList(reader("0b 00000000"), 8))
    assert.isFalse(Binary.isMap(reader("080b 00000001 0000000000000000"), 8, 8))
    assert.isTrue(Binary.isMap(reader("0000 00000000"), 8, 8))
    assert.strictEqual(
      reasonOf(() => Binary.readListBegin(reader("0b 00000001 00000000"), 8)),
      "Malformed"
    )
  })

  it.each([
    ["a bool", 2, "01"],
    ["an i8", 3, "01"],
    ["a double", 4, "0000000000000000"],
    ["an i16", 6, "0000"],
    ["an i32", 8, "00000000"],
    ["an i64", 10, "0000000000000000"],
    ["a string", 11, "00000002 6162"],
    ["a struct", 12, "08 0001 00000000 0b 0002 00000000 00"],
    ["a map", 13, "0b08 00000001 00000001 61 00000001"],
    ["an empty map", 13, "0000 00000000"],
    ["a set", 14, "03 00000003 010203"],
    ["a list", 15, "0c 00000002 00 00"],
    ["an empty list", 15, "00 00000000"],
    ["a uuid", 16, "00112233445566778899aabbccddeeff"]
  ])("passes over %s, and no further", (_, type, bytes) => {
    const from = reader(`${bytes} aabb`)
    Binary.skip(from, type)
    assert.strictEqual(from.end - from.position, 2)
    assertTruncated(from, (short) => Binary.skip(short, type))
  })

  it.each([0, 1, 5, 7, 9, 17, 255])("refuses to pass over type %s, which is none", (type) => {
    assert.strictEqual(
      reasonOf(() => Binary.skip(reader("00000000000000000000"), type)),
      "Malformed"
    )
    assert.strictEqual(
      reasonOf(() => Binary.skip(reader(`${type.toString(16).padStart(2, "0")} 00000001 00`), 15)),
      "Malformed"
    )
  })
})
