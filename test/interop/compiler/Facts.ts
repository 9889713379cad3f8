/** What an IDL file declares, as lines of text: from our compiler's picture of it, and from the JSON of Apache's. */
import type * as Ir from "../../../src/codegen/Ir.ts"

/** As Apache's generator for JSON writes it, as far as it is looked at here. */
export interface ApacheJson {
  readonly enums: ReadonlyArray<{
    readonly name: string
    readonly members: ReadonlyArray<{ name: string; value: number }>
  }>
  readonly typedefs: ReadonlyArray<ApacheTyped & { readonly name: string }>
  readonly structs: ReadonlyArray<{
    readonly name: string
    readonly isException: boolean
    readonly isUnion: boolean
    readonly fields: ReadonlyArray<ApacheField>
  }>
  readonly constants: ReadonlyArray<ApacheTyped & { readonly name: string; readonly value: unknown }>
  readonly services: ReadonlyArray<{
    readonly name: string
    readonly extends?: string
    readonly functions: ReadonlyArray<{
      readonly name: string
      readonly oneway: boolean
      readonly returnTypeId: string
      readonly returnType?: ApacheType
      readonly arguments: ReadonlyArray<ApacheField>
      readonly exceptions: ReadonlyArray<ApacheField>
    }>
  }>
}

interface ApacheTyped {
  readonly typeId: string
  readonly type?: ApacheType
}

interface ApacheType {
  readonly typeId: string
  readonly class?: string
  readonly elemTypeId?: string
  readonly elemType?: ApacheType
  readonly keyTypeId?: string
  readonly keyType?: ApacheType
  readonly valueTypeId?: string
  readonly valueType?: ApacheType
}

interface ApacheField extends ApacheTyped {
  readonly key: number
  readonly name: string
  readonly required: "required" | "optional" | "req_out"
  readonly default?: unknown
}

const theirs = (typeId: string, type: ApacheType | undefined): string => {
  switch (type?.typeId ?? typeId) {
    case "list":
    case "set":
      return `${typeId}<${theirs(type!.elemTypeId!, type!.elemType)}>`
    case "map":
      return `map<${theirs(type!.keyTypeId!, type!.keyType)}, ${theirs(type!.valueTypeId!, type!.valueType)}>`
    case "struct":
    case "union":
    case "exception":
      return `message ${type!.class}`
    case "byte":
      return "i8"
    default:
      return typeId
  }
}

/** A value as Apache's generator writes it, as text; keys sorted, and numbers as far as doubles are exact. */
const text = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === "boolean") return Number(part)
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part
    // Whether an empty one is a list, a set or a map is the type's to say.
    if (Object.keys(part).length === 0) return []
    return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  })

const plain = (value: Ir.Value): unknown => {
  switch (value.kind) {
    case "int":
      return Number(value.value)
    case "binary":
      return Buffer.from(value.value).toString()
    case "list":
      return value.elements.map(plain)
    case "map":
      return Object.fromEntries(value.entries.map(([key, entry]) => [keyText(plain(key)), plain(entry)]))
    case "message":
      return Object.fromEntries(value.fields.map(([field, entry]) => [field.name, plain(entry)]))
    case "constant":
      return plain(value.constant.value)
    default:
      return value.value
  }
}

const keyText = (key: unknown): string => (typeof key === "string" ? key : text(key))

/** A type of another file is named with its file, as Apache does. */
const ours = (type: Ir.Type, file: Ir.File): string => {
  switch (type.kind) {
    case "scalar":
      return type.name
    case "list":
    case "set":
      return `${type.kind}<${ours(type.element, file)}>`
    case "map":
      return `map<${ours(type.key, file)}, ${ours(type.value, file)}>`
    case "alias":
      return ours(type.alias.type, file)
    case "enum":
      return "i32"
    case "message":
      return `message ${qualified(type.message, file)}`
  }
}

const qualified = (declared: { readonly name: string; readonly file: Ir.File }, file: Ir.File): string =>
  declared.file === file ? declared.name : `${stem(declared.file.path)}.${declared.name}`

const stem = (path: string): string => path.slice(path.lastIndexOf("/") + 1).replace(/\.thrift$/, "")

const requiredness = { required: "required", optional: "optional", req_out: "default" } as const

const theirField = (at: string, field: ApacheField, isArgument: boolean): string => {
  const mark = isArgument ? "" : ` ${requiredness[field.required]}`
  const value = field.default === undefined ? "" : ` = ${text(field.default)}`
  return `${at} ${field.key}: ${field.name}${mark} ${theirs(field.typeId, field.type)}${value}`
}

const ourField = (at: string, field: Ir.Field, file: Ir.File, isArgument: boolean): string => {
  const mark = isArgument ? "" : ` ${field.requiredness}`
  const value = field.default === undefined ? "" : ` = ${text(plain(field.default))}`
  return `${at} ${field.id}: ${field.name}${mark} ${ours(field.type, file)}${value}`
}

export const ofApache = (json: ApacheJson): ReadonlyArray<string> =>
  [
    ...json.enums.flatMap(({ members, name }) => [
      `enum ${name}`,
      ...members.map((member) => `enum ${name}.${member.name} = ${member.value}`)
    ]),
    ...json.typedefs.map(({ name, type, typeId }) => `typedef ${name} = ${theirs(typeId, type)}`),
    ...json.structs.flatMap(({ fields, isException, isUnion, name }) => [
      `${isException ? "exception" : isUnion ? "union" : "struct"} ${name}`,
      // Fields of unions are all the same, however they are marked.
      ...fields.map((field) => theirField(name, field, isUnion))
    ]),
    ...json.constants.map(({ name, type, typeId, value }) => `const ${name}: ${theirs(typeId, type)} = ${text(value)}`),
    ...json.services.flatMap((service) => [
      `service ${service.name} extends ${service.extends ?? "nothing"}`,
      ...service.functions.flatMap((method) => {
        const at = `${service.name}.${method.name}`
        return [
          `${method.oneway ? "oneway " : ""}${at}: ${theirs(method.returnTypeId, method.returnType)}`,
          ...method.arguments.map((field) => theirField(at, field, true)),
          ...method.exceptions.map((field) => theirField(`${at} throws`, field, true))
        ]
      })
    ])
  ].toSorted()

export const ofOurs = (file: Ir.File): ReadonlyArray<string> =>
  [
    ...file.enums.flatMap(({ members, name }) => [
      `enum ${name}`,
      ...members.map((member) => `enum ${name}.${member.name} = ${member.value}`)
    ]),
    ...file.aliases.map(({ name, type }) => `typedef ${name} = ${ours(type, file)}`),
    ...file.messages.flatMap(({ fields, kind, name }) => [
      `${kind} ${name}`,
      ...fields.map((field) => ourField(name, field, file, kind === "union"))
    ]),
    ...file.constants.map(({ name, type, value }) => `const ${name}: ${ours(type, file)} = ${text(plain(value))}`),
    ...file.services.flatMap((service) => [
      `service ${service.name} extends ${service.extends === undefined ? "nothing" : qualified(service.extends, file)}`,
      ...service.methods.flatMap((method) => {
        const at = `${service.name}.${method.name}`
        const returns = method.returns === undefined ? "void" : ours(method.returns, file)
        return [
          `${method.oneway ? "oneway " : ""}${at}: ${returns}`,
          ...method.arguments.map((field) => ourField(at, field, file, true)),
          ...method.throws.map((field) => ourField(`${at} throws`, field, file, true))
        ]
      })
    ])
  ].toSorted()
