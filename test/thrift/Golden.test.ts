import { assert, describe, it } from "@effect/vitest"
import { isCodecError } from "../../src/Codec.ts"
import * as Framed from "../../src/thrift/Framed.ts"
import * as Message from "../../src/thrift/Message.ts"
import { isThriftMethodCodec, type ThriftCodec } from "../../src/thrift/ThriftCodec.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"
import { Svc } from "../golden/gen/golden.ts"
import { Reg } from "../golden/gen/uuid.ts"
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
    const before = process.memoryUsage()
    const error = failure(() => codec[Vectors.protocolOf(vector)].decode(reader))
    const after = process.memoryUsage()
    assert.isTrue(isCodecError(error))
    assert.isBelow(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers, 8 * 1024 * 1024)
  })
})

const framing = new Framed.Framed(1024)

/** The codec of a message's body. */
const bodyOf = ({ idl, messageType, method }: Vectors.Vector): ThriftCodec<unknown> => {
  const methods: Record<string, { readonly codec: { readonly protocol: string } }> =
    idl === "uuid.thrift" ? Reg.methods : Svc.methods
  const { codec } = methods[method!]!
  if (!isThriftMethodCodec(codec)) throw new Error(`${method} is not a Thrift method`)
  return messageType === "reply" ? (codec.result as ThriftCodec<unknown>) : codec.arguments
}

const protocolOf = (vector: Vectors.Vector): Message.Protocol => vector.protocol as Message.Protocol

const readMessage = (vector: Vectors.Vector, bytes: Buffer): readonly [Message.Message, unknown] => {
  const start = vector.framed === true ? 4 : 0
  const reader = new Reader(bytes.subarray(start))
  if (vector.framed === true) assert.strictEqual(bytes.readInt32BE(), reader.end)
  const head = Message.read(reader, protocolOf(vector))
  const value = bodyOf(vector)[Vectors.protocolOf(vector)].decode(reader)
  assert.strictEqual(reader.position, reader.end)
  return [head, value]
}

const writeMessage = (vector: Vectors.Vector, head: Message.Message, value: unknown): Buffer => {
  const writer = new Writer(4)
  const start = vector.framed === true ? framing.begin(writer) : 0
  Message.write(writer, protocolOf(vector), head)
  bodyOf(vector)[Vectors.protocolOf(vector)].encode(writer, value)
  if (vector.framed === true) framing.end(writer, start)
  return writer.toBytes()
}

// Application exceptions have no generated code; ApplicationException.test.ts has them.
const messages = Vectors.all.filter((vector) => vector.kind === "message" && vector.messageType !== "exception")

describe("golden messages, with the codecs of generated methods", () => {
  it.each(messages)("$name is read, and written as its bytes", (vector) => {
    const [head, value] = readMessage(vector, Vectors.bytesOf(vector))
    const name = Message.joinName(vector.multiplexed, vector.method!)
    assert.deepStrictEqual(head, { name, type: Message[vector.messageType!], seqid: vector.seqid! })
    assert.strictEqual(writeMessage(vector, head, value).toString("hex"), vector.hex)
  })

  it.each(messages)("no strict prefix of $name is a message", (vector) => {
    const bytes = Vectors.bytesOf(vector)
    const start = vector.framed === true ? 4 : 0
    for (let end = start; end < bytes.length; end++) {
      const error = failure(() => readMessage({ ...vector, framed: false }, bytes.subarray(start, end)))
      assert.isTrue(isCodecError(error), `${end} bytes of ${bytes.length}`)
    }
  })
})
