/**
 * Writes the generated modules of this repository from their IDL files; with `--check` writes nothing and fails when one
 * is not what it would write. Names of folders as arguments limit it to those.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import process from "node:process"
import * as Result from "effect/Result"
import * as Diagnostic from "../src/codegen/Diagnostic.ts"
import * as Emit from "../src/codegen/Emit.ts"
import * as EmitProto from "../src/codegen/EmitProto.ts"
import * as EmitProtoLibrary from "../src/codegen/EmitProtoLibrary.ts"
import * as NodeFiles from "../src/codegen/NodeFiles.ts"
import * as ProtoFrontEnd from "../src/codegen/ProtoFrontEnd.ts"
import * as ThriftFrontEnd from "../src/codegen/ThriftFrontEnd.ts"

interface Target {
  readonly idls: ReadonlyArray<string>
  readonly out: string
  readonly options?: Emit.Options
  /** Where imports of .proto files are looked for. */
  readonly includeRoots?: ReadonlyArray<string>
}

const targets: ReadonlyArray<Target> = [
  { idls: ["examples/items/item.thrift"], out: "examples/items/gen" },
  { idls: ["examples/items/item.proto"], out: "examples/items/gen/grpc" },
  { idls: ["bench/echo.thrift", "bench/order.thrift"], out: "bench/gen" },
  { idls: ["test/golden/idl/golden.thrift", "test/golden/idl/uuid.thrift"], out: "test/golden/gen" },
  { idls: ["test/codegen/idl/kitchen.thrift", "test/codegen/idl/names.thrift"], out: "test/codegen/gen/usual" },
  {
    idls: ["test/codegen/idl/kitchen.thrift"],
    out: "test/codegen/gen/other",
    options: { keepUnknownFields: true, i64: "number", names: "idl", layout: "flat" }
  },
  { idls: ["test/interop/thrift-test/ThriftTest.thrift"], out: "test/interop/thrift-test/gen" },
  { idls: ["test/interop/rolling/worker.thrift"], out: "test/interop/rolling/gen" },
  { idls: ["test/smoke/hello.thrift"], out: "test/smoke/gen" },
  { idls: ["bench/echo.proto", "bench/order.proto", "bench/stream.proto"], out: "bench/gen/proto" },
  { idls: ["examples/greeter/greeter.proto"], out: "examples/greeter/gen" },
  {
    idls: ["health/v1/health", "reflection/v1/reflection", "reflection/v1alpha/reflection"].map(
      (name) => `src/grpc/protos/grpc/${name}.proto`
    ),
    includeRoots: ["src/grpc/protos"],
    out: "src/grpc/gen"
  },
  {
    idls: ["test/interop/grpc/protos/grpc/testing/test.proto"],
    includeRoots: ["test/interop/grpc/protos"],
    out: "test/interop/grpc/gen"
  },
  {
    idls: ["client_compat", "server_compat"].map(
      (name) => `test/interop/connect/protos/connectrpc/conformance/v1/${name}.proto`
    ),
    includeRoots: ["test/interop/connect/protos"],
    out: "test/interop/connect/gen"
  },
  { idls: ["test/codegen/idl/names.proto"], out: "test/codegen/gen/proto" },
  {
    idls: ["test/codegen/idl/names.proto"],
    out: "test/codegen/gen/proto-other",
    options: { keepUnknownFields: false, i64: "number", names: "idl", layout: "flat", descriptors: false }
  },
  {
    idls: ["order", "more", "late"].map((name) => `test/grpc/idl/shop/${name}.proto`),
    includeRoots: ["test/grpc/idl"],
    out: "test/grpc/gen"
  },
  { idls: ["test/golden/idl/golden2.proto", "test/golden/idl/golden3.proto"], out: "test/golden/gen" }
]

const root = join(import.meta.dirname, "..")
const isCheck = process.argv.includes("--check")
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"))

const fail = (diagnostics: ReadonlyArray<Diagnostic.Diagnostic>): never => {
  for (const diagnostic of diagnostics) console.error(Diagnostic.render(diagnostic))
  process.exit(1)
}

const compile = ({ idls, includeRoots, options }: Target): ReadonlyArray<Emit.Output> => {
  if (idls.some((idl) => idl.endsWith(".proto"))) {
    const program = ProtoFrontEnd.compile(idls, { ...NodeFiles.files, includeRoots: includeRoots ?? [] })
    return Result.isSuccess(program) ? EmitProto.emit(program.success.files, options) : fail(program.failure)
  }
  const program = ThriftFrontEnd.compile(idls, NodeFiles.files)
  return Result.isSuccess(program) ? Emit.emit(program.success, options) : fail(program.failure)
}

/** Whether the file is, or now is, what was generated. */
const settle = (path: string, text: string): boolean => {
  const before = existsSync(path) ? readFileSync(path, "utf8") : undefined
  if (before === text) return true
  if (isCheck) return false
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  console.log(`wrote ${path}`)
  return true
}

process.chdir(root)
const isWanted = (path: string): boolean => wanted.length === 0 || wanted.some((folder) => path.startsWith(folder))
const modules = targets
  .filter((target) => isWanted(target.out))
  .flatMap((target) => compile(target).map((output) => ({ path: `${target.out}/${output.path}`, text: output.text })))
const library = { path: "src/grpc/gen/library.ts", text: EmitProtoLibrary.emit() }
const all = isWanted(library.path) ? [...modules, library] : modules
const stale = all.filter(({ path, text }) => !settle(path, text))
for (const { path } of stale) console.error(`${path} is not what its IDL gives; run \`npm run generate\``)
if (stale.length > 0) process.exit(1)
