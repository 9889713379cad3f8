/** IDL files for jobs: each compiled once, and names looked up in it. */
import * as Result from "effect/Result"
import * as Diagnostic from "../codegen/Diagnostic.ts"
import type * as Ir from "../codegen/Ir.ts"
import * as NodeFiles from "../codegen/NodeFiles.ts"
import * as ThriftFrontEnd from "../codegen/ThriftFrontEnd.ts"
import * as IdlProto from "./IdlProto.ts"
import { JobError } from "./JobError.ts"

/** Gives the file for a path, compiled at the first use, with all that it includes. Throws `JobError`. */
export interface Idl {
  (path: string): Ir.File
  /** The same for .proto files. */
  readonly proto: IdlProto.IdlProto
}

/** `includeRoots`: folders to look for includes in, after the including file's own. */
export const make = (includeRoots: ReadonlyArray<string> = []): Idl => {
  const known = new Map<string, Ir.File | JobError>()
  const find = (path: string): Ir.File => {
    const found = known.get(path) ?? compile(path, includeRoots)
    known.set(path, found)
    if (found instanceof JobError) throw found
    return found
  }
  return Object.assign(find, { proto: IdlProto.make(includeRoots) })
}

const compile = (path: string, includeRoots: ReadonlyArray<string>): Ir.File | JobError => {
  const compiled = ThriftFrontEnd.compile([path], { ...NodeFiles.files, includeRoots })
  if (Result.isFailure(compiled)) {
    return new JobError("InvalidIdl", compiled.failure.map(Diagnostic.render).join("\n"))
  }
  // Files stand after what they include, so the one that was asked for is the last.
  return compiled.success.files.at(-1) ?? new JobError("InvalidIdl", `${path} has no content`)
}

/** Every spelling of what a file declares: plain in the file itself, else behind the file's name or a namespace. */
const spellings = (file: Ir.File, name: string, isRoot: boolean): ReadonlyArray<string> => {
  const stem = file.path.replace(/^.*\//, "").replace(/\.[^.]*$/, "")
  const prefixes = [stem, ...file.namespaces.map((namespace) => namespace.name)]
  return [...(isRoot ? [name] : []), ...prefixes.map((prefix) => `${prefix}.${name}`)]
}

const lookUp = <A extends Ir.Declaration>(
  root: Ir.File,
  name: string,
  declared: (file: Ir.File) => ReadonlyArray<A>
): A | undefined => {
  for (const file of reachable(root)) {
    const found = declared(file).find((each) => spellings(file, each.name, file === root).includes(name))
    if (found !== undefined) return found
  }
  return undefined
}

/** The file itself first, then its includes. */
const reachable = (root: Ir.File): ReadonlySet<Ir.File> => {
  const found = new Set<Ir.File>([root])
  for (const file of found) for (const included of file.includes) found.add(included)
  return found
}

/** A struct, union or exception, also through a typedef. Throws `JobError`. */
export const message = (file: Ir.File, name: string): Ir.Message => {
  const direct = lookUp(file, name, (each) => each.messages)
  if (direct !== undefined) return direct
  const alias = lookUp(file, name, (each) => each.aliases)
  const target = alias === undefined ? undefined : resolve(alias.type)
  if (target?.kind === "message") return target.message
  const other = alias ?? lookUp(file, name, (each) => each.enums)
  throw new JobError(
    "UnknownName",
    other === undefined
      ? `${file.source} has no struct, union or exception ${JSON.stringify(name)}`
      : `${JSON.stringify(name)} of ${file.source} is no struct, union or exception, so it has no bytes of its own`
  )
}

const resolve = (type: Ir.Type): Ir.Type => (type.kind === "alias" ? resolve(type.alias.type) : type)

/** Throws `JobError`. */
export const service = (file: Ir.File, name: string): Ir.Service => {
  const found = lookUp(file, name, (each) => each.services)
  if (found === undefined) throw new JobError("UnknownName", `${file.source} has no service ${JSON.stringify(name)}`)
  return found
}

/** One of its own methods or an inherited one. Throws `JobError`. */
export const method = (service: Ir.Service, name: string): Ir.Method => {
  for (let each: Ir.Service | undefined = service; each !== undefined; each = each.extends) {
    const found = each.methods.find((method) => method.name === name)
    if (found !== undefined) return found
  }
  throw new JobError("UnknownName", `service ${service.name} has no method ${JSON.stringify(name)}`)
}
