import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as Result from "effect/Result"
import * as Emit from "../../src/codegen/Emit.ts"
import * as ThriftFrontEnd from "../../src/codegen/ThriftFrontEnd.ts"
import * as IdlMutation from "./IdlMutation.ts"

const own = ["../golden/idl/golden.thrift", "../golden/idl/uuid.thrift", "../interop/thrift-test/ThriftTest.thrift"]
const others = IdlMutation.others("thrift/apache+thrift/test", ".thrift")

const file = "fuzz.thrift"

IdlMutation.suite({
  name: "IDLs",
  seed: 20_265,
  texts: [...own.map((path) => fileURLToPath(new URL(path, import.meta.url))), ...others].map((path) =>
    readFileSync(path, "utf8")
  ),
  token:
    /[A-Za-z_][\w.]*|[+-]?(?:0x[0-9A-Fa-f]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|"[^"\n]*"|'[^'\n]*'|\s+|\/\/[^\n]*|#[^\n]*|\/\*[^]*?\*\/|[^]/g,
  words: [
    ..."struct union exception service extends oneway throws const enum typedef namespace include void list".split(" "),
    ..."set map required optional i8 i16 i32 i64 double string binary bool uuid async senum xsd_all".split(" "),
    ..."cpp_include 0 1 -1 15 32767 32768 2147483648 9223372036854775808 -9223372036854775809 1e400 0x".split(" "),
    ..."true false * & @ Bar await class".split(" "),
    ...IdlMutation.commonWords
  ],
  emit: (text) =>
    Result.map(ThriftFrontEnd.compile([file], { read: (wanted) => (wanted === file ? text : undefined) }), (program) =>
      Emit.emit(program).map((module) => module.text)
    )
})
