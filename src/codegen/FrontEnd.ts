/**
 * IDL files of either language, each to the front end that its ending names.
 */
import * as Result from "effect/Result"
import type * as Diagnostic from "./Diagnostic.ts"
import type * as Ir from "./Ir.ts"
import type * as Loader from "./Loader.ts"
import type * as ProtoIr from "./ProtoIr.ts"
import * as ProtoFrontEnd from "./ProtoFrontEnd.ts"
import * as ThriftFrontEnd from "./ThriftFrontEnd.ts"

/** Where files are found, and who hears of warnings. */
export interface Options extends Loader.Options {
  /** Hears of what compiles but is doubtful. Default: nobody does. */
  readonly onWarning?: (diagnostic: Diagnostic.Diagnostic) => void
}

const isProto = (path: string): boolean => path.endsWith(".proto")

/**
 * Reads, parses and checks the files and all that they include: `.proto` is protobuf, everything else Thrift. The program has
 * the files of Thrift first. The failure holds every error of all files; nothing is thrown, unless `read` throws.
 */
export const compile = (
  paths: ReadonlyArray<string>,
  options: Options
): Result.Result<Ir.Program<Ir.AnyFile>, ReadonlyArray<Diagnostic.Diagnostic>> => {
  const thrift = ThriftFrontEnd.compile(
    paths.filter((path) => !isProto(path)),
    options
  )
  const protos = paths.filter(isProto)
  if (protos.length === 0) return thrift
  const proto = ProtoFrontEnd.compile(protos, options)
  if (Result.isSuccess(thrift) && Result.isSuccess(proto)) {
    return Result.succeed({ files: [...thrift.success.files, ...proto.success.files] })
  }
  return Result.fail([...errorsOf(thrift), ...errorsOf(proto)])
}

const errorsOf = <A>(
  compiled: Result.Result<A, ReadonlyArray<Diagnostic.Diagnostic>>
): ReadonlyArray<Diagnostic.Diagnostic> => (Result.isFailure(compiled) ? compiled.failure : [])

/** The files of a program that are Thrift's. */
export const thriftFiles = ({ files }: Ir.Program<Ir.AnyFile>): ReadonlyArray<Ir.File> =>
  files.filter((file) => file.language === "thrift")

/** The files of a program that are protobuf's. */
export const protoFiles = ({ files }: Ir.Program<Ir.AnyFile>): ReadonlyArray<ProtoIr.File> =>
  files.filter((file) => file.language === "proto")
