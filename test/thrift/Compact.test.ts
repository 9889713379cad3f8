import { assert, describe, it } from "@effect/vitest"
import * as Compact from "../../src/thrift/Compact.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"
import { assertTruncated, type Case, hex, holds, reader, reasonOf } from "../fixtures/WireBytes.ts"

const cases: ReadonlyArray<Case> = [
  ["true", (w) => Compact.writeBool(w, true), Compact.readBool, true, "01"],
  ["false", (w) => Compact.writeBool(w, false), Compact.readBool, false, "02"],
  ["i8", (w) => Compact.writeI8(w, -1), Compact.readI8, -1, "ff"],
  ["i16", (w) => Compact.writeI16(w, -32768), Compact.readI16, -32768, "ffff03"],
  ["i32", (w) => Compact.writeI32(w, -2147483648), Compact.readI32, -2147483648, "ffffffff0f"],
  ["i64", (w) => Compact.writeI64(w, -(2n ** 63n)), Compact.readI64, -(2n ** 63n), "ffffffffffffffffff01"],
  ["i64 as number", (w) => Compact.writeI64Number(w, -5), Compact.readI64Number, -5, "09"],
  ["double", (w) => Compact.writeDouble(w, 1.5), Compact.readDouble, 1.5, "000000000000f83f"],
  ["string", (w) => Compact.writeString(w, "hé"), Compact.readString, "hé", "0368c3a9"],
  ["binary", (w) => Compact.writeBinary(w, Uint8Array.of(7)), Compact.readBinary, Uint8Array.of(7), "0107"]
]

describe("Compact", () => {
  it.each(cases)("%s", holds)

  it("writes the size of any text before it", () => {
    for (const unit of ["a", "é", "世"]) {
      for (const length of [0, 41, 42, 43, 63, 64, 127, 128, 5461, 8191, 8192, 16383, 16384, 100_000]) {
        const text = unit.repeat(length)
        const writer = new Writer(1)
        Compact.writeString(writer, "before")
        Compact.writeString(writer, text)
        Compact.writeString(writer, "behind")
        const from = new Reader(writer.toBytes())
        assert.deepStrictEqual(
          [Compact.readString(from), Compact.readString(from) === text, Compact.readString(from)],
          ["before", true, "behind"]
        )
        assert.strictEqual(from.position, from.end)
      }
    }
  })

  it.each([
    [0, 1, "15"],
    [0, 15, "f5"],
    [0, 16, "0520"],
    [15, 16, "15"],
    [5, 5, "050a"],
    [5, 1, "0502"],
    [0, -1, "0501"],
    [32767, -32768, "05ffff03"]
  ])("a field behind id %s, with id %s", (last, id, bytes) => {
    assert.strictEqual(
      hex((writer) => Compact.writeFieldHeader(writer, last, 5, id)),
      bytes
    )
    const from = reader(bytes)
    assert.strictEqual(Compact.readFieldId(from, Compact.readFieldHead(from), last), id)
  })

  it("has the bool of a field in its type", () => {
    assert.strictEqual(
      hex((writer) => Compact.writeBoolField(writer, 0, 1, true)),
      "11"
    )
    assert.strictEqual(
      hex((writer) => Compact.writeBoolField(writer, 0, 1, false)),
      "12"
    )
  })

  it("takes 0 for false, and no byte over 2", () => {
    assert.isFalse(Compact.readBool(reader("00")))
    assert.strictEqual(
      reasonOf(() => Compact.readBool(reader("03"))),
      "Malformed"
    )
  })

  it("refuses integers that are too long or too large", () => {
    assert.strictEqual(
      reasonOf(() => Compact.readI64(reader("ffffffffffffffffffff01"))),
      "Malformed"
    )
    assert.strictEqual(
      reasonOf(() => Compact.readI32(reader("ffffffffff01"))),
      "Malformed"
    )
    assert.strictEqual(
      reasonOf(() => Compact.readI32(reader("ffffffff10"))),
      "Malformed"
    )
    assert.strictEqual(
      reasonOf(() => Compact.readI16(reader("808004"))),
      "Malformed"
    )
  })

  it("refuses containers of more elements than there are bytes for", () => {
    assert.strictEqual(Compact.readListBegin(reader("35 000000"), 5), 3)
    assert.strictEqual(
      reasonOf(() => Compact.readListBegin(reader("45 000000"), 5)),
      "Truncated"
    )
    assert.strictEqual(
      reasonOf(() => Compact.readListBegin(reader("27 0000000000000000"), 7)),
      "Truncated"
    )
    assert.strictEqual(
      reasonOf(() => Compact.readListBegin(reader("f5 ffffffff0f 00"), 5)),
      "Truncated"
    )
    assert.strictEqual(
      reasonOf(() => Compact.readMapBegin(reader("02 55 000000"), 5, 5)),
      "Truncated"
    )
  })

  it("tells elements of another type before it reads them", () => {
    assert.isFalse(Compact.isList(reader("18 00"), 5))
    assert.isTrue(Compact.isList(reader("08"), 5))
    assert.isTrue(Compact.isList(reader("12 01"), 1), "2 is bool too")
    assert.isFalse(Compact.isMap(reader("01 85 0000"), 5, 5))
    assert.isTrue(Compact.isMap(reader("00"), 5, 5))
    const from = reader("01 85 0000")
    Compact.isMap(from, 5, 5)
    assert.strictEqual(from.position, 0)
  })

  it.each([
    ["a true field", 1, ""],
    ["a false field", 2, ""],
    ["an i8", 3, "05"],
    ["an i16", 4, "ffff03"],
    ["an i32", 5, "ffffffff0f"],
    ["an i64", 6, "ffffffffffffffffff01"],
    ["a double", 7, "0000000000000000"],
    ["a string", 8, "026162"],
    ["a list", 9, "21 0102"],
    ["a list of booleans announced as 2", 9, "22 0102"],
    ["a long list", 9, "f3 0f 000102030405060708090a0b0c0d0e"],
    ["a set", 10, "18 0161"],
    ["a map", 11, "01 81 0161 01"],
    ["an empty map", 11, "00"],
    ["a struct", 12, "15 02 18 0161 01 40 12 00"],
    ["a uuid", 13, "00112233445566778899aabbccddeeff"]
  ])("passes over %s, and no further", (_, type, bytes) => {
    const from = reader(`${bytes} aabb`)
    Compact.skip(from, type)
    assert.strictEqual(from.end - from.position, 2)
    assertTruncated(from, (short) => Compact.skip(short, type))
  })

  it.each([0, 14, 15])("refuses to pass over type %s, which is none", (type) => {
    assert.strictEqual(
      reasonOf(() => Compact.skip(reader("00000000"), type)),
      "Malformed"
    )
    assert.strictEqual(
      reasonOf(() => Compact.skip(reader(`1${type.toString(16)} 00`), 9)),
      "Malformed"
    )
  })
})
