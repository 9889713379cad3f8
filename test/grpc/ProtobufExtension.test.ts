import { assert, describe, it } from "@effect/vitest"
import * as Extension from "../../src/grpc/ProtobufExtension.ts"
import { limits } from "../../src/grpc/ProtobufRead.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"
import { Ext, Scalars, Scope_xSelf, Scope, xInt, xMsg, xPacked, xRep } from "../golden/gen/golden2.ts"

const again = (value: Ext): Ext => {
  const writer = new Writer()
  Ext.codec.encode(writer, value)
  return Ext.codec.decode(new Reader(writer.toBytes(), limits))
}

describe("extensions", () => {
  const plain = Ext.make({ a: 1 })

  it("are absent until they are set, and survive the wire", () => {
    assert.isUndefined(Extension.get(plain, xInt))
    assert.isFalse(Extension.has(plain, xInt))
    const set = Extension.set(plain, xInt, -5)
    assert.strictEqual(Extension.get(set, xInt), -5)
    assert.strictEqual(Extension.get(again(set), xInt), -5)
    assert.strictEqual(again(set).a, 1)
    assert.isUndefined(Extension.get(plain, xInt), "the message before is as it was")
  })

  it("are replaced and cleared, each alone", () => {
    const both = Extension.set(Extension.set(plain, xInt, 1), xRep, ["a", "b"])
    const changed = Extension.set(both, xInt, 2)
    assert.strictEqual(Extension.get(changed, xInt), 2)
    assert.deepStrictEqual(Extension.get(changed, xRep), ["a", "b"])
    const cleared = Extension.clear(changed, xRep)
    assert.isUndefined(Extension.get(cleared, xRep))
    assert.deepStrictEqual(Extension.getOrDefault(cleared, xRep), [])
    assert.strictEqual(Extension.get(cleared, xInt), 2)
  })

  it("may be lists, packed or not, and messages", () => {
    const packed = again(Extension.set(plain, xPacked, [0, -1, 300]))
    assert.deepStrictEqual(Extension.get(packed, xPacked), [0, -1, 300])
    const message = again(Extension.set(plain, xMsg, Scalars.make({ fString: "s" })))
    assert.strictEqual(Extension.get(message, xMsg)?.fString, "s")
    const nested = again(Extension.set(plain, Scope_xSelf, Scope.make({ v: 7 })))
    assert.strictEqual(Extension.get(nested, Scope_xSelf)?.v, 7)
  })

  it("of a wrong type are not set", () => {
    assert.throws(() => Extension.set(plain, xInt, "1" as never), /"1" is not an int32/)
  })
})
