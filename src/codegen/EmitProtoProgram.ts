/** Names and places of all that a program of .proto files generates, settled before any module is written. */
import { posix } from "node:path"
import * as EmitNames from "./EmitNames.ts"
import type { Resolved } from "./EmitOptions.ts"
import type * as ProtoIr from "./ProtoIr.ts"

/** What has a name at the top of a module. */
export type Named = ProtoIr.Enum | ProtoIr.Message | ProtoIr.Service | ProtoIr.Extension

/** A property of a message: a field, or a oneof with its members. */
export type Property =
  | { readonly kind: "field"; readonly key: string; readonly field: ProtoIr.Field }
  | {
      readonly kind: "oneof"
      readonly key: string
      readonly oneof: ProtoIr.Oneof
      /** With the tag that each has in TypeScript, in the order of numbers. */
      readonly members: ReadonlyArray<{ readonly tag: string; readonly field: ProtoIr.Field }>
    }

/** Names, places and what else concerns all modules. */
export interface Program {
  readonly options: Resolved
  /** The module of each file, relative to the output folder, with `/`. */
  readonly paths: ReadonlyMap<ProtoIr.File, string>
  readonly names: ReadonlyMap<Named, string>
  readonly scopes: ReadonlyMap<ProtoIr.File, EmitNames.Scope>
  /** The function of each module that gives the descriptor of its file; files that come with Volant have none. */
  readonly descriptors: ReadonlyMap<ProtoIr.File, string>
  /** Messages that some method declares as an error, or that have `option (volant.status)`. */
  readonly errors: ReadonlySet<ProtoIr.Message>
  /** Messages that have a required field, or hold a message that does. */
  readonly demanding: ReadonlySet<ProtoIr.Message>
  readonly properties: Map<ProtoIr.Message, ReadonlyArray<Property>>
}

/** The types that have a natural form in TypeScript, and so come with Volant instead of being generated. */
const wellKnownFiles = new Set(
  ["any", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers"].map(
    (name) => `google/protobuf/${name}.proto`
  )
)

/** Whether a file's types come with Volant. */
export const isWellKnown = (file: ProtoIr.File): boolean =>
  file.package === "google.protobuf" && wellKnownFiles.has(file.path)

/** Messages with those nested in them, outer ones first. */
export const messagesOf = (messages: ReadonlyArray<ProtoIr.Message>): ReadonlyArray<ProtoIr.Message> =>
  messages.flatMap((message) => [message, ...messagesOf(message.messages)])

/** All enums of a file, nested ones too. */
export const enumsOf = (file: ProtoIr.File): ReadonlyArray<ProtoIr.Enum> => [
  ...file.enums,
  ...messagesOf(file.messages).flatMap((message) => message.enums)
]

/** All extensions that a file declares, nested ones too. */
export const extensionsOf = (file: ProtoIr.File): ReadonlyArray<ProtoIr.Extension> => [
  ...file.extensions,
  ...messagesOf(file.messages).flatMap((message) => message.extensions)
]

const singlesOf = (type: ProtoIr.Type): ProtoIr.Single =>
  type.kind === "list" ? type.element : type.kind === "map" ? type.value : type

/** The other files whose declarations a file's code names. */
export const referencesOf = (file: ProtoIr.File): ReadonlySet<ProtoIr.File> => {
  const messages = messagesOf(file.messages)
  const extensions = extensionsOf(file)
  const fields = [...messages.flatMap((message) => message.fields), ...extensions]
  const methods = file.services.flatMap((service) => service.methods)
  const named = [
    ...fields.flatMap((field): ReadonlyArray<ProtoIr.Message | ProtoIr.Enum> => {
      const single = singlesOf(field.type)
      return single.kind === "message" ? [single.message] : single.kind === "enum" ? [single.enum] : []
    }),
    ...extensions.map((extension) => extension.extendee),
    ...methods.flatMap((method) => [method.input, method.output, ...method.errors.map((each) => each.message)])
  ]
  return new Set(named.map((each) => each.file).filter((each) => each !== file && !isWellKnown(each)))
}

/** The other files whose modules a file's module may import: those that its code names, and those that its file imports. */
export const siblingsOf = (program: Program, file: ProtoIr.File): ReadonlySet<ProtoIr.File> => {
  const imported = program.descriptors.has(file) ? file.imports.map((each) => each.file) : []
  return new Set([...referencesOf(file), ...imported.filter((each) => program.descriptors.has(each))])
}

const toModule = (path: string, options: Resolved): string => {
  const stem = path.replace(/\.proto$/, "")
  const safe = posix.normalize(stem).replace(/^(?:\.\.\/|\/)+/, "")
  return `${options.layout === "flat" ? safe.replaceAll("/", "_") : safe}.ts`
}

const flatten = (nestedName: string): string => nestedName.replaceAll(".", "_")

const extensionName = (extension: ProtoIr.Extension): string => {
  const name = EmitNames.toLowerCamel(extension.name)
  return extension.scope === undefined ? name : `${flatten(extension.scope.nestedName)}_${name}`
}

/** Messages that hold one of `within`, and so on. */
const holders = (all: ReadonlyArray<ProtoIr.Message>, seeds: Set<ProtoIr.Message>): ReadonlySet<ProtoIr.Message> => {
  const users = new Map<ProtoIr.Message, Array<ProtoIr.Message>>()
  for (const message of all) {
    for (const { type } of message.fields) {
      const single = singlesOf(type)
      if (single.kind !== "message") continue
      const known = users.get(single.message)
      if (known === undefined) users.set(single.message, [message])
      else known.push(message)
    }
  }
  const rest = [...seeds]
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    for (const user of users.get(next) ?? []) {
      if (seeds.has(user)) continue
      seeds.add(user)
      rest.push(user)
    }
  }
  return seeds
}

// With the path in it: the names of two modules may stand in one list of exports.
const descriptorName = (file: ProtoIr.File): string =>
  `file_${file.path.replace(/\.proto$/, "").replaceAll(/[^A-Za-z0-9]/g, "_")}`

const nameAll = (file: ProtoIr.File, names: Map<Named, string>): EmitNames.Scope => {
  const scope = new EmitNames.Scope()
  for (const each of enumsOf(file)) names.set(each, scope.add(flatten(each.nestedName)))
  for (const each of messagesOf(file.messages)) names.set(each, scope.add(flatten(each.nestedName)))
  for (const each of file.services) names.set(each, scope.add(each.name))
  for (const each of extensionsOf(file)) names.set(each, scope.add(extensionName(each)))
  return scope
}

// An error wherever it is generated, with the services that declare it or without them.
const hasStatus = (message: ProtoIr.Message): boolean =>
  message.options.fields.some(([option]) => option.fullName === "volant.status")

/** Settles the names of a program. */
export const make = (files: ReadonlyArray<ProtoIr.File>, options: Resolved): Program => {
  const paths = new Map<ProtoIr.File, string>()
  const names = new Map<Named, string>()
  const scopes = new Map<ProtoIr.File, EmitNames.Scope>()
  const descriptors = new Map<ProtoIr.File, string>()
  const taken = new Set<string>()
  for (const file of files) {
    let path = toModule(file.path, options)
    while (taken.has(path.toLowerCase())) path = path.replace(/\.ts$/, "_.ts")
    taken.add(path.toLowerCase())
    paths.set(file, path)
    const scope = nameAll(file, names)
    scopes.set(file, scope)
    if (options.descriptors && !file.builtIn && !isWellKnown(file))
      descriptors.set(file, scope.add(descriptorName(file)))
  }
  const messages = files.flatMap((file) => messagesOf(file.messages))
  const methods = files.flatMap((file) => file.services).flatMap((service) => service.methods)
  const declared = methods.flatMap((method) => method.errors.map((each) => each.message))
  const errors = new Set([...declared, ...messages.filter(hasStatus)])
  const seeds = messages.filter((message) => message.fields.some((field) => field.presence === "required"))
  const demanding = holders(messages, new Set(seeds))
  return { options, paths, names, scopes, descriptors, errors, demanding, properties: new Map() }
}

// Reading one of these from an object that lacks the field gives what all objects inherit.
const inherited: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype))

// A client with a method of this name would be taken for a promise.
const ofClients: ReadonlySet<string> = new Set([...inherited, "then"])

// What tagged errors need for themselves; `message` and `name` only when they are no strings.
const ofErrors = ["_tag", "stack", "cause", "pipe", "toString", "toJSON", "asEffect"]

const isPlainString = (field: ProtoIr.Field): boolean => field.type.kind === "scalar" && field.type.name === "string"

const reservedOf = (program: Program, message: ProtoIr.Message): ReadonlySet<string> => {
  if (!program.errors.has(message)) return inherited
  const shadowed = ["message", "name"].filter((name) =>
    message.fields.some((field) => field.name.toLowerCase() === name && !isPlainString(field))
  )
  return new Set([...inherited, ...ofErrors, ...shadowed])
}

/** Fields in the order of numbers. */
export const byNumber = (fields: ReadonlyArray<ProtoIr.Field>): ReadonlyArray<ProtoIr.Field> =>
  [...fields].sort((a, b) => a.id - b.id)

const makeProperties = (program: Program, message: ProtoIr.Message): ReadonlyArray<Property> => {
  const style = program.options.names
  const plain = byNumber(message.fields.filter((field) => field.oneof === undefined))
  const names = [...plain, ...message.oneofs].map((each) => each.name)
  const keys = EmitNames.toKeys(names, style, reservedOf(program, message))
  const fields = plain.map((field, index): Property => ({ kind: "field", key: keys[index]!, field }))
  const oneofs = message.oneofs.map((oneof, index): Property => {
    const members = byNumber(oneof.fields)
    const tags = EmitNames.toKeys(
      members.map((field) => field.name),
      style,
      new Set()
    )
    return {
      kind: "oneof",
      key: keys[plain.length + index]!,
      oneof,
      members: members.map((field, at) => ({ tag: tags[at]!, field }))
    }
  })
  const first = (property: Property): number =>
    property.kind === "field" ? property.field.id : (property.members[0]?.field.id ?? 0)
  return [...fields, ...oneofs].sort((a, b) => first(a) - first(b))
}

/** The properties of a message in TypeScript, in the order of their first numbers. */
export const propertiesOf = (program: Program, message: ProtoIr.Message): ReadonlyArray<Property> => {
  const known = program.properties.get(message)
  if (known !== undefined) return known
  const properties = makeProperties(program, message)
  program.properties.set(message, properties)
  return properties
}

/** The spelling of a service's methods. */
export const methodKeysOf = (program: Program, service: ProtoIr.Service): ReadonlyArray<string> =>
  EmitNames.toKeys(
    service.methods.map((method) => method.name),
    program.options.names,
    ofClients
  )
