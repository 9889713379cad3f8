/**
 * The service `golden.Svc` (test/golden/idl/golden.thrift) for Apache's `thrift` package: what its compiler would generate,
 * by hand and driven by tables, since `npm test` has no such compiler. All bytes are the package's own work.
 */
"use strict"
const { Thrift, ...thrift } = require("thrift")

const { Int64 } = thrift
const { Type, MessageType, TApplicationException, TApplicationExceptionType } = Thrift

// It warns of every message that comes in pieces, and its levels are in odd order: this one logs least.
thrift.setLogLevel("info")

/** A type: how the package's protocols write and read it. */
const scalar = (ttype, name) => ({
  ttype,
  write: (output, value) => output[`write${name}`](value),
  read: (input) => input[`read${name}`]()
})

const bool = scalar(Type.BOOL, "Bool")
const i8 = scalar(Type.BYTE, "Byte")
const i16 = scalar(Type.I16, "I16")
const i32 = scalar(Type.I32, "I32")
const i64 = scalar(Type.I64, "I64")
const double = scalar(Type.DOUBLE, "Double")
const string = scalar(Type.STRING, "String")
const binary = { ...scalar(Type.STRING, "Binary"), write: (output, value) => output.writeBinary(value) }

const list = (element) => ({
  ttype: Type.LIST,
  write: (output, values) => {
    output.writeListBegin(element.ttype, values.length)
    for (const value of values) element.write(output, value)
    output.writeListEnd()
  },
  read: (input) => {
    const { size } = input.readListBegin()
    const values = []
    for (let i = 0; i < size; i++) values.push(element.read(input))
    input.readListEnd()
    return values
  }
})

/** `fields` are `[id, name, type]`; `construct` makes the value from an object of its fields. */
const struct = (name, fields, construct = (value) => value) => ({
  ttype: Type.STRUCT,
  write: (output, value) => {
    output.writeStructBegin(name)
    for (const [id, key, type] of fields) {
      if (value[key] === null || value[key] === undefined) continue
      output.writeFieldBegin(key, type.ttype, id)
      type.write(output, value[key])
      output.writeFieldEnd()
    }
    output.writeFieldStop()
    output.writeStructEnd()
  },
  read: (input) => {
    const value = {}
    input.readStructBegin()
    for (let field = input.readFieldBegin(); field.ftype !== Type.STOP; field = input.readFieldBegin()) {
      const known = fields.find(([id, , type]) => id === field.fid && type.ttype === field.ftype)
      if (known === undefined) input.skip(field.ftype)
      else value[known[1]] = known[2].read(input)
      input.readFieldEnd()
    }
    input.readStructEnd()
    return construct(value)
  }
})

class Boom extends Error {
  constructor(fields) {
    super(fields.message)
    Object.assign(this, fields)
  }
}

class Other extends Error {
  constructor(fields) {
    super("other")
    Object.assign(this, fields)
  }
}

const prims = struct("Prims", [
  [1, "t", bool],
  [2, "b", i8],
  [3, "s", i16],
  [4, "i", i32],
  [5, "l", i64],
  [6, "d", double],
  [7, "str", string],
  [8, "bin", binary],
  [9, "e", i32],
  [10, "id", i64]
])
const lists = struct("Lists", [
  [4, "ints", list(i32)],
  [5, "longs", list(i64)],
  [6, "doubles", list(double)],
  [7, "strings", list(string)],
  [8, "bins", list(binary)],
  [11, "nested", list(list(i32))]
])
const boom = struct(
  "Boom",
  [
    [1, "code", i32],
    [2, "message", string]
  ],
  (fields) => new Boom(fields)
)
const other = struct(
  "Other",
  [
    [1, "detail", struct("Empty", [])],
    [2, "p", prims]
  ],
  (fields) => new Other(fields)
)

const boomField = [1, "boom", boom]

/** `args` in order; `throws` as fields of the result beside `success`. */
const methods = {
  ping: { args: [] },
  fire: { args: [[1, "what", string]], isOneway: true },
  echo: { args: [[1, "s", string]], success: string },
  many: {
    args: [
      [1, "a", i32],
      [2, "l", lists],
      [5, "flag", bool]
    ],
    success: prims,
    throws: [boomField, [2, "other", other]]
  },
  nothing: { args: [], throws: [boomField] },
  truth: { args: [], success: bool },
  ids: { args: [[1, "ids", list(i64)]], success: list(i64) },
  // Not in the IDL: what a server of it must answer with UNKNOWN_METHOD.
  missing: { args: [], success: string }
}

const argsOf = (name) => struct(`Svc_${name}_args`, methods[name].args)
const resultOf = (name) => {
  const { success, throws = [] } = methods[name]
  return struct(`Svc_${name}_result`, success === undefined ? throws : [[0, "success", success], ...throws])
}

class Client {
  constructor(output, pClass) {
    this.output = output
    this.pClass = pClass
    this._seqid = 0
    this._reqs = {}
  }
  seqid() {
    return this._seqid
  }
  new_seqid() {
    return (this._seqid += 1)
  }
}

for (const [name, { args, isOneway, throws = [] }] of Object.entries(methods)) {
  Client.prototype[name] = function (...values) {
    this._seqid = this.new_seqid()
    return new Promise((resolve, reject) => {
      if (!isOneway) this._reqs[this.seqid()] = (error, value) => (error ? reject(error) : resolve(value))
      const output = new this.pClass(this.output)
      output.writeMessageBegin(name, isOneway ? MessageType.ONEWAY : MessageType.CALL, this.seqid())
      argsOf(name).write(output, Object.fromEntries(args.map(([, key], i) => [key, values[i]])))
      output.writeMessageEnd()
      this.output.flush()
      if (isOneway) resolve()
    })
  }
  Client.prototype[`recv_${name}`] = function (input, mtype, rseqid) {
    const callback = this._reqs[rseqid] ?? (() => {})
    delete this._reqs[rseqid]
    if (mtype === MessageType.EXCEPTION) {
      const exception = new TApplicationException()
      exception.read(input)
      input.readMessageEnd()
      return callback(exception)
    }
    const result = resultOf(name).read(input)
    input.readMessageEnd()
    const thrown = throws.map(([, key]) => result[key]).find((error) => error !== undefined)
    return thrown === undefined ? callback(null, result.success) : callback(thrown)
  }
}

class Processor {
  constructor(handler) {
    this._handler = handler
  }
  process(input, output) {
    const { fname, rseqid } = input.readMessageBegin()
    if (methods[fname] === undefined || this._handler[fname] === undefined) {
      input.skip(Type.STRUCT)
      input.readMessageEnd()
      const unknown = new TApplicationException(TApplicationExceptionType.UNKNOWN_METHOD, `Unknown function ${fname}`)
      return this.answer(output, fname, MessageType.EXCEPTION, rseqid, (to) => unknown.write(to))
    }
    const { args, isOneway, throws = [] } = methods[fname]
    const values = argsOf(fname).read(input)
    input.readMessageEnd()
    const done = (error, success) => {
      if (isOneway) return
      const [, key] = throws.find(([, , type]) => error instanceof exceptions.get(type)) ?? []
      if (error && key === undefined) {
        const { INTERNAL_ERROR } = TApplicationExceptionType
        const exception = new TApplicationException(error.type ?? INTERNAL_ERROR, error.message)
        return this.answer(output, fname, MessageType.EXCEPTION, rseqid, (to) => exception.write(to))
      }
      const result = error ? { [key]: error } : { success }
      this.answer(output, fname, MessageType.REPLY, rseqid, (to) => resultOf(fname).write(to, result))
    }
    this._handler[fname](...args.map(([, key]) => values[key]), done)
  }
  answer(output, name, type, seqid, write) {
    output.writeMessageBegin(name, type, seqid)
    write(output)
    output.writeMessageEnd()
    output.flush()
  }
}

const exceptions = new Map([
  [boom, Boom],
  [other, Other]
])

const sum = (values) => values.reduce((total, value) => total + Number(value), 0)

/** The handler that both sides of the tests have, in the package's callback style. */
const makeHandler = (fired) => ({
  ping: (done) => done(null),
  fire: (what) => fired(what),
  nothing: (done) => done(new Boom({ code: 3, message: "nothing" })),
  truth: (done) => done(null, true),
  echo: (s, done) => (s === "crash" ? done(new Error("crash")) : done(null, s)),
  ids: (ids, done) => done(null, ids.toReversed()),
  many: (a, l, flag, done) => {
    if (a === 1) return done(new Boom({ code: -1, message: "boom" }))
    if (a === 2) return done(new Other({ detail: {}, p: { i: 1 } }))
    return done(null, {
      t: flag,
      i: a,
      s: l.ints.length,
      l: new Int64(sum(l.longs)),
      d: sum(l.doubles),
      str: l.strings.join(""),
      bin: Buffer.concat(l.bins)
    })
  }
})

const optionsOf = ({ framing, protocol }) => ({
  protocol: protocol === "compact" ? thrift.TCompactProtocol : thrift.TBinaryProtocol,
  transport: framing === "framed" ? thrift.TFramedTransport : thrift.TBufferedTransport
})

/** A server that listens on a free port once `listen` has called back. */
exports.createServer = (wire, fired) => {
  const handler = makeHandler(fired)
  let server
  if (wire.multiplexed) {
    const processor = new thrift.MultiplexedProcessor()
    processor.registerProcessor("Svc", new Processor(handler))
    server = thrift.createMultiplexServer(processor, optionsOf(wire))
  } else server = thrift.createServer(Processor, handler, optionsOf(wire))
  // Without a listener a client that goes away ends the process.
  server.on("error", () => {})
  return server
}

/** A connection and a client of it. */
exports.createClient = (wire, port) => {
  const connection = thrift.createConnection("127.0.0.1", port, optionsOf(wire))
  const client = wire.multiplexed
    ? new thrift.Multiplexer().createClient("Svc", { Client }, connection)
    : thrift.createClient(Client, connection)
  return { connection, client }
}

exports.Boom = Boom
exports.Other = Other
exports.TApplicationException = TApplicationException
exports.Int64 = Int64
