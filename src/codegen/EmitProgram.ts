/** Names and places of all that a program generates, settled before any module is written. */
import { posix } from "node:path"
import * as EmitNames from "./EmitNames.ts"
import type { Resolved } from "./EmitOptions.ts"
import type * as Ir from "./Ir.ts"

/** What has a name at the top of a module. */
export type Named = Ir.Alias | Ir.Enum | Ir.Message | Ir.Service | Ir.Constant

/** What all modules of one run have in common. */
export interface Program {
  readonly options: Resolved
  /** The module of each file, relative to the output folder, with `/`. */
  readonly paths: ReadonlyMap<Ir.File, string>
  readonly names: ReadonlyMap<Named, string>
  /** All names at the top of a module. */
  readonly scopes: ReadonlyMap<Ir.File, EmitNames.Scope>
  /** The interface of each method's arguments. */
  readonly argumentNames: ReadonlyMap<Ir.Method, string>
  readonly keys: Map<Ir.Message, ReadonlyMap<Ir.Field, string>>
}

const toModule = (path: string, options: Resolved): string => {
  const stem = path.replace(/\.thrift$/, "")
  const safe = posix.normalize(stem).replace(/^(?:\.\.\/|\/)+/, "")
  return `${options.layout === "flat" ? safe.replaceAll("/", "_") : safe}.ts`
}

const declarations = (file: Ir.File): ReadonlyArray<Named> => [
  ...file.enums,
  ...file.aliases,
  ...file.messages,
  ...file.services,
  ...file.constants
]

/** Gives every file its path and every declaration its name. */
export const make = (program: Ir.Program, options: Resolved): Program => {
  const paths = new Map<Ir.File, string>()
  const names = new Map<Named, string>()
  const scopes = new Map<Ir.File, EmitNames.Scope>()
  const argumentNames = new Map<Ir.Method, string>()
  const taken = new Set<string>()
  for (const file of program.files) {
    let path = toModule(file.path, options)
    while (taken.has(path.toLowerCase())) path = path.replace(/\.ts$/, "_.ts")
    taken.add(path.toLowerCase())
    paths.set(file, path)
    const scope = new EmitNames.Scope()
    scopes.set(file, scope)
    for (const each of declarations(file)) names.set(each, scope.add(each.name))
    for (const service of file.services) {
      for (const method of service.methods) {
        const name = `${names.get(service)!}${EmitNames.toUpperCamel(method.name)}Args`
        argumentNames.set(method, scope.add(name))
      }
    }
  }
  return { options, paths, names, scopes, argumentNames, keys: new Map() }
}

// Reading one of these from an object that lacks the field gives what all objects inherit.
const inherited: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype))

// A client with a method of this name would be taken for a promise.
const ofClients: ReadonlySet<string> = new Set([...inherited, "then"])

// What tagged errors need for themselves; `message` and `name` only when they are no strings.
const ofErrors = ["_tag", "stack", "cause", "pipe", "toString", "toJSON", "asEffect"]

const isString = (type: Ir.Type): boolean =>
  type.kind === "alias" ? isString(type.alias.type) : type.kind === "scalar" && type.name === "string"

const reservedOf = (message: Ir.Message): ReadonlySet<string> => {
  if (message.kind !== "exception") return inherited
  const shadowed = message.fields.filter((field) => !isString(field.type)).map((field) => field.name.toLowerCase())
  const errors = shadowed.filter((name) => name === "message" || name === "name")
  return new Set([...inherited, ...ofErrors, ...errors])
}

/** The spelling of a message's fields. */
export const keysOf = (program: Program, message: Ir.Message): ReadonlyMap<Ir.Field, string> => {
  const known = program.keys.get(message)
  if (known !== undefined) return known
  const keys = keysOfFields(program, message.fields, reservedOf(message))
  program.keys.set(message, keys)
  return keys
}

/** The spelling of fields that stand together, for example a method's arguments. */
export const keysOfFields = (
  program: Program,
  fields: ReadonlyArray<Ir.Field>,
  reserved: ReadonlySet<string> = inherited
): ReadonlyMap<Ir.Field, string> => {
  const keys = EmitNames.toKeys(
    fields.map((field) => field.name),
    program.options.names,
    reserved
  )
  return new Map(fields.map((field, index) => [field, keys[index]!]))
}

/** Every method of a service, those it inherits first, with the service that declares it. */
export const methodsOf = (service: Ir.Service): ReadonlyArray<{ owner: Ir.Service; method: Ir.Method }> => [
  ...(service.extends === undefined ? [] : methodsOf(service.extends)),
  ...service.methods.map((method) => ({ owner: service, method }))
]

/** The spelling of a service's methods, inherited ones included. */
export const methodKeysOf = (program: Program, service: Ir.Service): ReadonlyMap<Ir.Method, string> => {
  const methods = methodsOf(service).map((each) => each.method)
  const keys = EmitNames.toKeys(
    methods.map((method) => method.name),
    program.options.names,
    ofClients
  )
  return new Map(methods.map((method, index) => [method, keys[index]!]))
}

const scopeOrder = ["volant", "js", "ts", "*"]

/** What qualifies the names of a file's contracts. */
export const namespaceOf = (file: Ir.File): string => {
  for (const scope of scopeOrder) {
    const found = file.namespaces.find((each) => each.scope === scope)
    if (found !== undefined) return found.name
  }
  return posix.basename(file.path).replace(/\.[^.]*$/, "")
}
