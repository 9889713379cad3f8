import { assert, describe, it } from "@effect/vitest"
import { isCodecError } from "../../src/Codec.ts"
import { Reader } from "../../src/wire/Reader.ts"
import * as Vectors from "../golden/Vectors.ts"

const structs = Vectors.all.filter((vector) => vector.kind === "struct")
const malformed = Vectors.all.filter((vector) => vector.kind === "malformed" && vector.type !== "message")

const failure = (run: () => unknown): unknown => {
  try {
    return { decoded: run() }
  } catch (error) {
    return error
  }
}

describe("golden structs, through generated code", () => {
  it.each(structs)("$name is written as its bytes", (vector) => {
    const message = Vectors.messageOf(vector.idl, vector.type)
    const bytes = Vectors.encode(message, Vectors.protocolOf(vector), vector.value)
    if (vector.name.startsWith("out-of-order")) {
      // Any order of fields is right: ours must read back as the same.
      assert.deepStrictEqual(Vectors.decode(message, Vectors.protocolOf(vector), bytes), vector.value)
    } else assert.strictEqual(bytes.toString("hex"), vector.hex)
  })

  it.each(structs)("$name is read as its value", (vector) => {
    const message = Vectors.messageOf(vector.idl, vector.type)
    const json = Vectors.decode(message, Vectors.protocolOf(vector), Vectors.bytesOf(vector))
    assert.deepStrictEqual(json, vector.value)
  })

  it.each(structs.filter((vector) => vector.readAs !== undefined))("$name is read as $readAs", (vector) => {
    const message = Vectors.messageOf(vector.idl, vector.readAs!)
    const json = Vectors.decode(message, Vectors.protocolOf(vector), Vectors.bytesOf(vector))
    assert.deepStrictEqual(json, vector.readValue)
  })

  it.each(structs)("no strict prefix of $name is a value", (vector) => {
    const { codec } = Vectors.messageOf(vector.idl, vector.type)
    const bytes = Vectors.bytesOf(vector)
    const reader = new Reader(bytes)
    for (let end = 0; end < bytes.length; end++) {
      // The bytes behind the end stay in memory, and must not be looked at.
      reader.reset(reader.bytes, 0, end)
      const error = failure(() => codec[Vectors.protocolOf(vector)].decode(reader))
      assert.isTrue(isCodecError(error), `${end} bytes of ${bytes.length}`)
    }
  })
})

describe("lenient", () => {
  it.each(Vectors.all.filter((vector) => vector.kind === "lenient"))("$name is accepted", (vector) => {
    const message = Vectors.messageOf(vector.idl, vector.type)
    const json = Vectors.decode(message, Vectors.protocolOf(vector), Vectors.bytesOf(vector))
    assert.deepStrictEqual(json, vector.value)
  })
})

describe("malformed", () => {
  it.each(malformed)("$name is refused at once", (vector) => {
    const { codec } = Vectors.messageOf(vector.idl, vector.type)
    const reader = new Reader(Vectors.bytesOf(vector))
    const start = process.memoryUsage.rss()
    const error = failure(() => codec[Vectors.protocolOf(vector)].decode(reader))
    assert.isTrue(isCodecError(error))
    assert.isBelow(process.memoryUsage.rss() - start, 64 * 1024 * 1024)
  })
})
