import { assert, describe, it } from "@effect/vitest"
import * as Message from "../../src/thrift/Message.ts"
import { Names } from "../../src/thrift/Names.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"

const headOf = (name: string): { readonly reader: Reader; readonly head: Message.Head } => {
  const writer = new Writer()
  Message.write(writer, "binary", { name, type: Message.call, seqid: 1 })
  const reader = new Reader(writer.toBytes())
  const head = new Message.Head()
  Message.readHead(reader, "binary", head)
  return { reader, head }
}

const find = (names: Names<string>, name: string): string | undefined => {
  const { head, reader } = headOf(name)
  const named = names.find(reader, head)
  return named === undefined ? undefined : `${named.value}, answered as ${named.name.toString()}`
}

describe("the names of messages", () => {
  it("are found again, one after the other and in turn", () => {
    const names = new Names((name) => (name.includes("x") ? undefined : name.toUpperCase()))
    for (const name of ["ping", "ping", "pong", "ping"]) {
      assert.strictEqual(find(names, name), `${name.toUpperCase()}, answered as ${name}`)
    }
    assert.isUndefined(find(names, "x"))
  })

  it("of several contracts on one connection are answered without the contract, as TMultiplexedProcessor does", () => {
    const names = new Names((name) => name)
    for (const name of ["Svc:ping", "Svc:ping", "ping", "Other:ping"]) {
      assert.strictEqual(find(names, name), `${name}, answered as ping`)
    }
  })
})
