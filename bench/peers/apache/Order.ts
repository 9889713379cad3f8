/**
 * The order struct over Apache's library. No Apache compiler is assumed to be here, so the calls that its JavaScript code
 * would make are written from our descriptors: the same ones in the same order, as text, so that they are straight.
 */
import { createRequire } from "node:module"
import type * as Type from "../../../src/codegen/v1/Type.ts"

const require = createRequire(import.meta.url)
const thrift = require("thrift")
const Int64 = require("node-int64")

const constants: Record<string, string> = {
  bool: "BOOL",
  i8: "BYTE",
  i16: "I16",
  i32: "I32",
  i64: "I64",
  double: "DOUBLE",
  string: "STRING",
  binary: "STRING",
  list: "LIST",
  set: "SET",
  map: "MAP",
  message: "STRUCT",
  enum: "I32"
}

const primitives: Record<string, string> = {
  bool: "Bool",
  i32: "I32",
  i64: "I64",
  double: "Double",
  string: "String",
  binary: "Binary"
}

let names = 0
const constant = (type: Type.Type): string => `Thrift.Type.${constants[type.kind]}`

const write = (type: Type.Type, value: string): string => {
  const n = names++
  if (type.kind === "list") {
    return `output.writeListBegin(${constant(type.element)}, ${value}.length);
      for (var e${n} in ${value}) { if (Object.prototype.hasOwnProperty.call(${value}, e${n})) {
        e${n} = ${value}[e${n}]; ${write(type.element, `e${n}`)} } }
      output.writeListEnd();`
  }
  if (type.kind === "map") {
    return `output.writeMapBegin(${constant(type.key)}, ${constant(type.value)}, Thrift.objectLength(${value}));
      for (var k${n} in ${value}) { if (Object.prototype.hasOwnProperty.call(${value}, k${n})) {
        var v${n} = ${value}[k${n}]; ${write(type.key, `k${n}`)} ${write(type.value, `v${n}`)} } }
      output.writeMapEnd();`
  }
  if (type.kind === "message") return `${value}.write(output);`
  return `output.write${primitives[type.kind]}(${value});`
}

const read = (type: Type.Type, target: string): string => {
  const n = names++
  if (type.kind === "list") {
    return `${target} = []; var h${n} = input.readListBegin(); var s${n} = h${n}.size || 0;
      for (var i${n} = 0; i${n} < s${n}; ++i${n}) {
        var e${n} = null; ${read(type.element, `e${n}`)} ${target}.push(e${n}); }
      input.readListEnd();`
  }
  if (type.kind === "map") {
    return `${target} = {}; var h${n} = input.readMapBegin(); var s${n} = h${n}.size || 0;
      for (var i${n} = 0; i${n} < s${n}; ++i${n}) {
        var k${n} = null; var v${n} = null; ${read(type.key, `k${n}`)} ${read(type.value, `v${n}`)}
        ${target}[k${n}] = v${n}; }
      input.readMapEnd();`
  }
  if (type.kind === "message") return `${target} = new classes.${type.message.idlName}(); ${target}.read(input);`
  return `${target} = input.read${primitives[type.kind]}();`
}

const classText = (message: Type.AnyMessage): string => {
  const fields = message.fields()
  const copied = fields.map(
    ({ name }) => `if (args.${name} !== undefined && args.${name} !== null) this.${name} = args.${name};`
  )
  const written = fields.map(
    ({ id, name, type }) => `if (this.${name} !== null && this.${name} !== undefined) {
      output.writeFieldBegin('${name}', ${constant(type)}, ${id}); ${write(type, `this.${name}`)} output.writeFieldEnd(); }`
  )
  const cases = fields.map(
    ({ id, name, type }) => `case ${id}: if (ftype == ${constant(type)}) { ${read(type, `this.${name}`)} }
      else { input.skip(ftype); } break;`
  )
  return `var ${message.idlName} = classes.${message.idlName} = function (args) {
      ${fields.map(({ name }) => `this.${name} = null;`).join("\n")}
      if (args) { ${copied.join("\n")} } };
    ${message.idlName}.prototype.read = function (input) {
      input.readStructBegin();
      while (true) {
        var ret = input.readFieldBegin(); var ftype = ret.ftype; var fid = ret.fid;
        if (ftype == Thrift.Type.STOP) break;
        switch (fid) { ${cases.join("\n")} default: input.skip(ftype); }
        input.readFieldEnd(); }
      input.readStructEnd(); };
    ${message.idlName}.prototype.write = function (output) {
      output.writeStructBegin('${message.idlName}');
      ${written.join("\n")}
      output.writeFieldStop(); output.writeStructEnd(); };`
}

export interface Peer {
  readonly encode: () => Buffer
  readonly decode: (bytes: Buffer) => unknown
}

const toPlain = (type: Type.Type, value: any, classes: Record<string, new (fields: unknown) => unknown>): unknown => {
  if (value === undefined) return undefined
  switch (type.kind) {
    case "i64":
      return new Int64(Number(value))
    case "binary":
      return Buffer.from(value)
    case "list":
      return value.map((each: unknown) => toPlain(type.element, each, classes))
    case "map":
      return Object.fromEntries(
        [...value].map(([key, item]: [string, unknown]) => [key, toPlain(type.value, item, classes)])
      )
    case "message":
      return new classes[type.message.idlName]!(
        Object.fromEntries(
          type.message.fields().map((field) => [field.name, toPlain(field.type, value[field.key], classes)])
        )
      )
    default:
      return value
  }
}

/** `messages` are the struct and all that it contains, the struct last. */
export const make = (messages: ReadonlyArray<Type.AnyMessage>, value: unknown): Peer => {
  const classes: Record<
    string,
    new (fields?: unknown) => { read: (from: unknown) => void; write: (to: unknown) => void }
  > = {}
  new Function("Thrift", "classes", messages.map(classText).join("\n"))(thrift.Thrift, classes)
  const root = messages.at(-1)!
  const Root = classes[root.idlName]!
  const order = toPlain({ kind: "message", message: root }, value, classes) as { write: (to: unknown) => void }
  return {
    encode: () => {
      let bytes: Buffer = Buffer.alloc(0)
      const transport = new thrift.TBufferedTransport(null, (written: Buffer) => (bytes = written))
      const protocol = new thrift.TBinaryProtocol(transport)
      order.write(protocol)
      protocol.flush()
      return bytes
    },
    decode: (bytes) => {
      const transport = new thrift.TFramedTransport(bytes)
      const read = new Root()
      read.read(new thrift.TBinaryProtocol(transport))
      return read
    }
  }
}
