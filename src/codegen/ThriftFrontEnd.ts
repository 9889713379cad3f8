/**
 * The Thrift compiler's front end: IDL files in, one checked picture of them out, or every error with its place.
 */
import * as Result from "effect/Result"
import * as Diagnostic from "./Diagnostic.ts"
import type * as Ir from "./Ir.ts"
import * as Loader from "./Loader.ts"
import * as Source from "./Source.ts"
import * as ThriftChecker from "./ThriftChecker.ts"
import * as ThriftParser from "./ThriftParser.ts"

/** Where files come from, and who hears warnings. */
export interface Options extends Loader.Options {
  /** Hears of what compiles but is read otherwise, or refused, by other compilers. Default: nobody does. */
  readonly onWarning?: (diagnostic: Diagnostic.Diagnostic) => void
}

/**
 * Reads, parses and checks the files and all that they include. The failure holds every error, in the order of the
 * sources; nothing is thrown, unless `read` throws.
 */
export const compile = (
  paths: ReadonlyArray<string>,
  options: Options
): Result.Result<Ir.Program, ReadonlyArray<Diagnostic.Diagnostic>> => {
  const loaded = Loader.loadAll(paths, options)
  const checked = ThriftChecker.check(loaded.units)
  const all = Diagnostic.sort([...loaded.diagnostics, ...checked.diagnostics])
  if (options.onWarning !== undefined) {
    for (const each of all) if (each.severity === "warning") options.onWarning(each)
  }
  const errors = all.filter((each) => each.severity === "error")
  return errors.length > 0 ? Result.fail(errors) : Result.succeed(checked.program)
}

/** Parses one text alone: its includes are not read, its names not resolved. */
export const parse = (path: string, text: string): ThriftParser.Parsed => ThriftParser.parse(Source.make(path, text))
