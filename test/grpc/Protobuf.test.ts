import { assert, describe, it } from "@effect/vitest"
import { CodecError, type CodecReason } from "../../src/Codec.ts"
import * as Protobuf from "../../src/grpc/Protobuf.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"

const reader = (hex: string): Reader => new Reader(Buffer.from(hex, "hex"), Protobuf.limits)

const written = (write: (writer: Writer) => void): string => {
  const writer = new Writer(1)
  write(writer)
  return writer.toBytes().toString("hex")
}

const reasonOf = (run: () => unknown): CodecReason | undefined => {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof CodecError) return error.reason
    throw error
  }
}

describe("integers", () => {
  it.each([
    [0, "00"],
    [1, "01"],
    [127, "7f"],
    [128, "8001"],
    [2 ** 31 - 1, "ffffffff07"],
    [-1, "ffffffffffffffffff01"],
    [-(2 ** 31), "80808080f8ffffffff01"]
  ])("int32 %d", (value, hex) => {
    assert.strictEqual(
      written((writer) => Protobuf.writeInt32(writer, value)),
      hex
    )
    assert.strictEqual(Protobuf.readInt32(reader(hex)), value)
  })

  it.each([
    [0n, "00"],
    [300n, "ac02"],
    [2n ** 63n - 1n, "ffffffffffffffff7f"],
    [-1n, "ffffffffffffffffff01"],
    [-(2n ** 63n), "80808080808080808001"]
  ])("int64 %d", (value, hex) => {
    assert.strictEqual(
      written((writer) => Protobuf.writeInt64(writer, value)),
      hex
    )
    assert.strictEqual(Protobuf.readInt64(reader(hex)), value)
  })

  it.each([
    [0, "00"],
    [-1, "01"],
    [1, "02"],
    [2 ** 31 - 1, "feffffff0f"],
    [-(2 ** 31), "ffffffff0f"]
  ])("sint32 %d", (value, hex) => {
    assert.strictEqual(
      written((writer) => Protobuf.writeSint32(writer, value)),
      hex
    )
    assert.strictEqual(Protobuf.readSint32(reader(hex)), value)
  })

  it.each([0, 1, -1, 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 32, -(2 ** 32), 4_294_967_295])(
    "64 bits as a number: %d",
    (value) => {
      const bytes = (write: (writer: Writer) => void) => reader(written(write))
      assert.strictEqual(Protobuf.readInt64Number(bytes((writer) => Protobuf.writeInt64Number(writer, value))), value)
      assert.strictEqual(Protobuf.readSint64Number(bytes((writer) => Protobuf.writeSint64Number(writer, value))), value)
      assert.strictEqual(
        Protobuf.readSfixed64Number(bytes((writer) => Protobuf.writeSfixed64Number(writer, value))),
        value
      )
      assert.strictEqual(Protobuf.readInt64(bytes((writer) => Protobuf.writeInt64Number(writer, value))), BigInt(value))
      if (value < 0) return
      assert.strictEqual(Protobuf.readUint64Number(bytes((writer) => Protobuf.writeUint64Number(writer, value))), value)
      assert.strictEqual(
        Protobuf.readFixed64Number(bytes((writer) => Protobuf.writeFixed64Number(writer, value))),
        value
      )
    }
  )

  it("a number that would not be exact is refused", () => {
    assert.strictEqual(
      reasonOf(() => Protobuf.readInt64Number(reader("ffffffffffffffff7f"))),
      "LimitExceeded"
    )
  })

  it("what is out of range does not wrap", () => {
    const writer = new Writer()
    for (const write of [
      () => Protobuf.writeInt32(writer, 2 ** 31),
      () => Protobuf.writeInt32(writer, 1.5),
      () => Protobuf.writeUint32(writer, -1),
      () => Protobuf.writeInt64(writer, 2n ** 63n),
      () => Protobuf.writeUint64(writer, -1n),
      () => Protobuf.writeInt64(writer, 1 as never),
      () => Protobuf.writeUint64Number(writer, -1),
      () => Protobuf.writeBool(writer, 1 as never),
      () => Protobuf.writeDouble(writer, "1" as never),
      () => Protobuf.writeString(writer, 1 as never)
    ]) {
      assert.strictEqual(reasonOf(write), "InvalidValue")
    }
  })

  it("bits beyond the type are cut, and more than ten bytes refused", () => {
    assert.strictEqual(Protobuf.readInt32(reader("ffffffffff7f")), -1)
    assert.isTrue(Protobuf.readBool(reader("80808080808080808001")))
    assert.strictEqual(
      reasonOf(() => Protobuf.readInt32(reader("ffffffffffffffffffff01"))),
      "Malformed"
    )
    assert.strictEqual(
      reasonOf(() => Protobuf.readInt64(reader("ffffffffffffffffffff01"))),
      "Malformed"
    )
    assert.strictEqual(
      reasonOf(() => Protobuf.readTag(reader("ffffffff1f"))),
      "Malformed"
    )
  })
})

describe("what has a length", () => {
  it.each([0, 1, 127, 128, 16_383, 16_384, 2_100_000])("of %d bytes stands behind it", (size) => {
    const writer = new Writer(1)
    const start = Protobuf.begin(writer, 10)
    Protobuf.writeUnknown(writer, new Uint8Array(size).fill(7))
    Protobuf.end(writer, start)
    const read = new Reader(writer.toBytes(), Protobuf.limits)
    assert.strictEqual(Protobuf.readTag(read), 10)
    const outer = Protobuf.enter(read)
    assert.strictEqual(read.end - read.position, size)
    assert.isTrue(read.bytes.subarray(read.position, read.end).every((byte) => byte === 7))
    read.position = read.end
    Protobuf.leave(read, outer)
    assert.strictEqual(read.position, read.end)
  })

  it.each(["", "a", "é".repeat(41), "a".repeat(127), "é".repeat(64), "世".repeat(6000)])("text %#", (text) => {
    const hex = written((writer) => Protobuf.writeString(writer, text))
    assert.strictEqual(Protobuf.readString(reader(hex)), text)
  })

  it("text is read the same whether few or many strings stand together", () => {
    const texts = Array.from(
      { length: 300 },
      (_, index) => `${index}-${"x".repeat(index % 14)}${index % 7 === 0 ? "é" : ""}`
    )
    const hex = written((writer) => texts.forEach((text) => Protobuf.writeString(writer, text)))
    const read = reader(hex)
    assert.deepStrictEqual(
      texts.map(() => Protobuf.readString(read)),
      texts
    )
  })

  it("text cut from bytes that were read before is not that of a buffer used again", () => {
    const buffer = Buffer.alloc(64)
    const read = new Reader(buffer, Protobuf.limits)
    for (const letter of ["a", "b"]) {
      const bytes = Buffer.from(
        written((writer) => "12345678".split("").forEach((digit) => Protobuf.writeString(writer, letter + digit))),
        "hex"
      )
      bytes.copy(buffer)
      read.reset(read.bytes, 0, bytes.length)
      for (const digit of "12345678") assert.strictEqual(Protobuf.readString(read), letter + digit)
    }
  })

  it("text that is not UTF-8 is refused, long or short; U+FFFD itself is not", () => {
    for (const hex of ["01ff", "02c328", `14${"41".repeat(19)}ff`, "03eda080"]) {
      assert.strictEqual(
        reasonOf(() => Protobuf.readString(reader(hex))),
        "Malformed",
        hex
      )
      assert.include(Protobuf.readAnyString(reader(hex)), "\ufffd")
    }
    assert.strictEqual(Protobuf.readString(reader("03efbfbd")), "\ufffd")
  })

  it("bytes are a copy", () => {
    const read = reader("020102")
    const value = Protobuf.readBinary(read)
    read.bytes.fill(0)
    assert.deepStrictEqual(value, Uint8Array.of(1, 2))
  })

  it("a length beyond the end is refused", () => {
    assert.strictEqual(
      reasonOf(() => Protobuf.readString(reader("0561"))),
      "Truncated"
    )
    assert.strictEqual(
      reasonOf(() => Protobuf.enter(reader("ffffffff0f"))),
      "Truncated"
    )
  })
})

describe("unknown fields", () => {
  const keepAll = (hex: string): string => {
    const read = reader(hex)
    let unknown: Uint8Array | undefined
    Protobuf.start()
    while (read.position < read.end) unknown = Protobuf.keep(unknown, read, Protobuf.readTag(read))
    Protobuf.finish(read)
    return Buffer.from(unknown ?? []).toString("hex")
  }

  it.each(["0801", "090102030405060708", "120161", "130801120014", "0d01020304", "f8ffffff0f01"])(
    "%s is kept as it came",
    (hex) => {
      assert.strictEqual(keepAll(hex), hex)
      assert.strictEqual(keepAll(hex.repeat(50)), hex.repeat(50))
    }
  )

  it.each([
    ["00", "Malformed", "field number 0"],
    ["0001", "Malformed", "field number 0"],
    ["0e", "Malformed", "wire type 6"],
    ["0f", "Malformed", "wire type 7"],
    ["0c", "Malformed", "an end of group alone"],
    ["0b14", "Malformed", "the end of another group"],
    ["0b", "Truncated", "a group without end"],
    ["08", "Truncated", "no value"],
    ["0a02", "Truncated", "too few bytes"]
  ] as const)("%s is %s: %s", (hex, reason, _) => {
    assert.strictEqual(
      reasonOf(() => keepAll(hex)),
      reason
    )
  })

  it("groups nest as deep as messages may, and no deeper", () => {
    const nested = (levels: number): string => "0b".repeat(levels) + "0c".repeat(levels)
    assert.strictEqual(keepAll(nested(100)), nested(100))
    assert.strictEqual(
      reasonOf(() => keepAll(nested(101))),
      "LimitExceeded"
    )
  })
})
