import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { FileSystem } from "effect/FileSystem"
import { Path } from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Emit from "../codegen/Emit.ts"
import * as EmitProto from "../codegen/EmitProto.ts"
import * as FrontEnd from "../codegen/FrontEnd.ts"
import type * as Ir from "../codegen/Ir.ts"
import * as Compile from "./Compile.ts"
import { Failure } from "./Failure.ts"

const flags = {
  out: Flag.String("out").pipe(
    Flag.withAlias("o"),
    Flag.withMetavar("DIR"),
    Flag.withDescription("Folder for the modules, made when it is not there; default gen"),
    Flag.withDefault("gen")
  ),
  include: Compile.includeRoots,
  i64: Flag.Literals("i64", ["bigint", "number"]).pipe(
    Flag.withDescription("i64 in TypeScript, where no annotation says otherwise; default bigint"),
    Flag.withDefault("bigint")
  ),
  names: Flag.Literals("names", ["camel", "idl"]).pipe(
    Flag.withDescription("Fields and methods in lowerCamelCase, or as the IDL has them; default camel"),
    Flag.withDefault("camel")
  ),
  keepUnknownFields: Flag.Boolean("keep-unknown-fields").pipe(
    Flag.withDescription("Thrift: keep what a decoder does not know, and write it again; protobuf does so always"),
    Flag.withDefault(false)
  ),
  layout: Flag.Literals("layout", ["mirror", "flat"]).pipe(
    Flag.withDescription("A module at its IDL file's path below --out, or all in one folder; default mirror"),
    Flag.withDefault("mirror")
  ),
  importExtension: Flag.Literals("import-extension", [".ts", ".js"]).pipe(
    Flag.withDescription("How modules name each other; default .ts"),
    Flag.withDefault(".ts")
  ),
  descriptors: Flag.Boolean("descriptors").pipe(
    Flag.withDescription(
      "protobuf: modules carry their file's descriptor, which server reflection shows; default on, --no-descriptors is off"
    ),
    Flag.withDefault(true)
  ),
  check: Flag.Boolean("check").pipe(
    Flag.withDescription("Write nothing; exit code 1 if a module is not what would be written"),
    Flag.withDefault(false)
  )
}

/** `volant gen`: one TypeScript module for each IDL file and each file that it includes. */
export const command = Command.make(
  "gen",
  { ...flags, idls: Compile.idls },
  Effect.fnUntraced(function* ({ check, idls, include, out, ...options }) {
    const path = yield* Path
    const program = yield* Compile.run(idls, include)
    const emitted = yield* emit(program, options)
    const modules = emitted.map((each) => ({ path: path.join(out, each.path), text: each.text }))
    const stale = yield* Effect.filter(modules, (module) => Effect.map(isCurrent(module), (current) => !current))
    if (check) return yield* reject(stale)
    yield* Effect.forEach(stale, write, { discard: true })
    for (const module of stale) yield* Console.log(module.path)
    if (stale.length === 0) yield* Console.log(`all of ${modules.length} up to date in ${out}`)
  })
).pipe(
  Command.withDescription("Generate TypeScript from IDL files and all that they include"),
  Command.withExamples([
    { command: "volant gen --out src/gen item.thrift", description: "Writes src/gen/item.ts" },
    {
      command: "volant gen --out src/gen -I idl idl/shop/v1/items.proto",
      description: "Writes src/gen/shop/v1/items.ts"
    }
  ])
)

interface Module {
  readonly path: string
  readonly text: string
}

/** The modules of both languages, which share the output folder. */
const emit = (
  program: Ir.Program<Ir.AnyFile>,
  options: Emit.Options
): Effect.Effect<ReadonlyArray<Module>, Failure> => {
  const thrift = Emit.emit({ files: FrontEnd.thriftFiles(program) }, options)
  const proto = EmitProto.emit(FrontEnd.protoFiles(program), { ...options, keepUnknownFields: true })
  const taken = new Set(thrift.map((module) => module.path))
  const twice = proto.find((module) => taken.has(module.path))
  if (twice === undefined) return Effect.succeed([...thrift, ...proto])
  const text = `${twice.path} would be the module of a .thrift and of a .proto file; generate them into folders of their own`
  return Effect.fail(new Failure({ text }))
}

const reject = (stale: ReadonlyArray<Module>): Effect.Effect<void, Failure> =>
  stale.length === 0
    ? Effect.void
    : Effect.fail(new Failure({ text: stale.map((each) => `${each.path} is not what its IDL gives`).join("\n") }))

const isCurrent = ({ path, text }: Module): Effect.Effect<boolean, never, FileSystem> =>
  Effect.flatMap(FileSystem, (files) => files.readFileString(path)).pipe(
    Effect.map((before) => before === text),
    Effect.orElseSucceed(() => false)
  )

const write = ({ path, text }: Module): Effect.Effect<void, Failure, FileSystem | Path> =>
  Effect.gen(function* () {
    const files = yield* FileSystem
    yield* files.makeDirectory((yield* Path).dirname(path), { recursive: true })
    yield* files.writeFileString(path, text)
  }).pipe(Effect.mapError((error: PlatformError) => new Failure({ text: `${path}: ${error.message}` })))
