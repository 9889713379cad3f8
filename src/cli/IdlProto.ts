/** .proto files for jobs: each compiled once, and message types looked up in it. */
import * as Result from "effect/Result"
import * as Diagnostic from "../codegen/Diagnostic.ts"
import * as DynamicProto from "../codegen/DynamicProto.ts"
import * as NodeFiles from "../codegen/NodeFiles.ts"
import * as ProtoFrontEnd from "../codegen/ProtoFrontEnd.ts"
import type { Registry } from "../grpc/ProtobufRegistry.ts"
import type { AnyMessage } from "../grpc/ProtobufType.ts"
import { JobError } from "./JobError.ts"

/** What a .proto file and its imports declare. */
export interface Proto {
  readonly path: string
  /** Of the file itself. */
  readonly package: string
  readonly registry: Registry
}

/** Gives what a path declares, compiled at the first use. Throws `JobError`. */
export type IdlProto = (path: string) => Proto

/** `includeRoots`: folders to look for imports in, after the importing file's own. */
export const make = (includeRoots: ReadonlyArray<string> = []): IdlProto => {
  const known = new Map<string, Proto | JobError>()
  return (path) => {
    const found = known.get(path) ?? compile(path, includeRoots)
    known.set(path, found)
    if (found instanceof JobError) throw found
    return found
  }
}

const compile = (path: string, includeRoots: ReadonlyArray<string>): Proto | JobError => {
  const compiled = ProtoFrontEnd.compile([path], { ...NodeFiles.files, includeRoots })
  if (Result.isFailure(compiled)) {
    return new JobError("InvalidIdl", compiled.failure.map(Diagnostic.render).join("\n"))
  }
  const { files } = compiled.success
  const root = files.at(-1)
  if (root === undefined) return new JobError("InvalidIdl", `${path} has no content`)
  return { path, package: root.package, registry: DynamicProto.registryOf(files) }
}

/** A message by its full name, or by its name in the package of the file. Throws `JobError`. */
export const message = (proto: Proto, name: string): AnyMessage => {
  const { messages } = proto.registry
  const found = messages.get(name) ?? messages.get(`${proto.package}.${name}`)
  if (found === undefined) throw new JobError("UnknownName", `${proto.path} has no message ${JSON.stringify(name)}`)
  return found
}
