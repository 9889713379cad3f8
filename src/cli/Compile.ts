/** What `gen` and `check` have in common: the IDL files of the command line, compiled, or every error of them. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import * as Result from "effect/Result"
import * as Diagnostic from "../codegen/Diagnostic.ts"
import * as FrontEnd from "../codegen/FrontEnd.ts"
import type * as Ir from "../codegen/Ir.ts"
import * as NodeFiles from "../codegen/NodeFiles.ts"
import * as Failure from "./Failure.ts"

/** One or more IDL files. */
export const idls = Argument.String("idl").pipe(
  Argument.withDescription("IDL files: .thrift or .proto"),
  Argument.atLeast(1)
)

/** Folders for includes. */
export const includeRoots = Flag.String("include").pipe(
  Flag.withAlias("I"),
  Flag.withMetavar("DIR"),
  Flag.withDescription(
    "Folder to look for includes and imports in; for Thrift after the including file's own; may be repeated"
  ),
  Flag.atLeast(0)
)

const refusal = (path: string): string => `${path} is no IDL file by its name: those end in .thrift or .proto`

/** Warnings go to standard error; errors fail, all of them at once. */
export const run = Effect.fnUntraced(function* (
  paths: ReadonlyArray<string>,
  includeRoots: ReadonlyArray<string>
): Effect.fn.Return<Ir.Program<Ir.AnyFile>, Failure.Failure> {
  const strange = paths.filter((path) => !/\.(?:thrift|proto)$/.test(path))
  if (strange.length > 0) return yield* Effect.fail(new Failure.Failure({ text: strange.map(refusal).join("\n") }))
  const warnings: Array<Diagnostic.Diagnostic> = []
  const compiled = FrontEnd.compile(paths, {
    ...NodeFiles.files,
    includeRoots,
    onWarning: (warning) => warnings.push(warning)
  })
  for (const warning of warnings) yield* Console.error(Diagnostic.render(warning))
  return Result.isSuccess(compiled) ? compiled.success : yield* Effect.fail(Failure.fromDiagnostics(compiled.failure))
})
