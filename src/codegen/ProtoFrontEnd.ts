/**
 * The protobuf compiler's front end: .proto files in, one checked picture of them out, or every error with its place.
 */
import * as Result from "effect/Result"
import * as Diagnostic from "./Diagnostic.ts"
import type * as Ir from "./Ir.ts"
import type * as Loader from "./Loader.ts"
import * as ProtoChecker from "./ProtoChecker.ts"
import type * as ProtoIr from "./ProtoIr.ts"
import * as ProtoLoader from "./ProtoLoader.ts"
import * as ProtoParser from "./ProtoParser.ts"
import * as Source from "./Source.ts"

/**
 * An import is looked for below the include roots, in their order, then among the files that come with the compiler
 * (google/protobuf/, volant/errors.proto), then below the importing file's folder and the folders above it.
 */
export interface Options extends Loader.Options {
  /** Hears of what compiles but is doubtful: deprecated options, names that clash in JSON. Default: nobody does. */
  readonly onWarning?: (diagnostic: Diagnostic.Diagnostic) => void
}

/** What is wrong at a place is told by the first error there; what else is found follows from it. */
const onePerPlace = (sorted: ReadonlyArray<Diagnostic.Diagnostic>): ReadonlyArray<Diagnostic.Diagnostic> => {
  const told = new Set<string>()
  return sorted.filter(({ position, severity }) => {
    const place = Diagnostic.renderPosition(position)
    const isNew = !told.has(place)
    if (severity === "error") told.add(place)
    return isNew
  })
}

/**
 * Reads, parses and checks the files and all that they import: proto2, proto3, editions 2023, 2024 and 2026. The failure
 * holds every error, in the order of the sources; nothing is thrown, unless `read` throws.
 */
export const compile = (
  paths: ReadonlyArray<string>,
  options: Options
): Result.Result<Ir.Program<ProtoIr.File>, ReadonlyArray<Diagnostic.Diagnostic>> => {
  const loaded = ProtoLoader.loadAll(paths, options)
  const checked = ProtoChecker.check(loaded)
  const all = onePerPlace(Diagnostic.sort([...loaded.diagnostics, ...checked.diagnostics]))
  if (options.onWarning !== undefined) {
    for (const each of all) if (each.severity === "warning") options.onWarning(each)
  }
  const errors = all.filter((each) => each.severity === "error")
  return errors.length > 0 ? Result.fail(errors) : Result.succeed(checked.program)
}

/** Parses one text alone: its imports are not read, its names not resolved. */
export const parse = (path: string, text: string): ProtoParser.Parsed => ProtoParser.parse(Source.make(path, text))
