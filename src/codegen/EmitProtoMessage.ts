/** Messages, enums and extensions of .proto files: the type side and the value side. */
import { block, bracket, type Doc, group, hardline, ifBroken, indent, join, line, typed } from "./EmitDoc.ts"
import { property, quote } from "./EmitModule.ts"
import { commentOf, textOf } from "./EmitProtoComment.ts"
import { decodeFunction } from "./EmitProtoDecode.ts"
import { encodeFunction } from "./EmitProtoEncode.ts"
import type { Module } from "./EmitProtoModule.ts"
import * as EmitProtoProgram from "./EmitProtoProgram.ts"
import { fieldDescriptor, typeDoc, zeroOf } from "./EmitProtoTypes.ts"
import type * as ProtoIr from "./ProtoIr.ts"

const isOptional = (field: ProtoIr.Field): boolean => field.presence === "explicit" && field.type.kind !== "list"

const variantDoc = (module: Module, field: ProtoIr.Field, tag: string): Doc => {
  const properties: ReadonlyArray<Doc> = [
    [commentOf(field), `readonly _tag: ${quote(tag)}`],
    ["readonly value: ", typeDoc(module, field)]
  ]
  return textOf(field) === ""
    ? group("{", indent(line, join(properties, [ifBroken("", ";"), line])), line, "}")
    : block("{", properties, "}")
}

const propertyDoc = (module: Module, each: EmitProtoProgram.Property): Doc => {
  const name = property(each.key)
  if (each.kind === "field") {
    const type = typeDoc(module, each.field)
    const optional = isOptional(each.field)
    return [
      commentOf(each.field),
      typed(`readonly ${name}${optional ? "?" : ""}`, optional ? [type, "undefined"] : [type])
    ]
  }
  const variants = each.members.map(({ field, tag }) => variantDoc(module, field, tag))
  return [commentOf(each.oneof), typed(`readonly ${name}?`, [...variants, "undefined"])]
}

const propertyDocs = (module: Module, message: ProtoIr.Message): ReadonlyArray<Doc> => [
  ...EmitProtoProgram.propertiesOf(module.program, message).map((each) => propertyDoc(module, each)),
  ...(module.program.options.keepUnknownFields
    ? [`readonly [${module.use("unknownFields")}]?: ${module.global("Uint8Array")} | undefined`]
    : [])
]

const descriptors = (module: Module, message: ProtoIr.Message): Doc => {
  const docs = new Map<ProtoIr.Field, Doc>()
  for (const each of EmitProtoProgram.propertiesOf(module.program, message)) {
    if (each.kind === "field") docs.set(each.field, fieldDescriptor(module, each.field, each.key))
    else {
      for (const { field, tag } of each.members) docs.set(field, fieldDescriptor(module, field, tag, each.key))
    }
  }
  const ordered = EmitProtoProgram.byNumber(message.fields).map((field) => docs.get(field)!)
  return [`(): ${module.use("Type")}.Fields => `, bracket("[", ordered, "]")]
}

const requiredKeys = (module: Module, message: ProtoIr.Message): ReadonlyArray<string> =>
  EmitProtoProgram.propertiesOf(module.program, message).flatMap((each) =>
    each.kind === "field" && each.field.presence === "required" ? [each.key] : []
  )

const fillOf = (module: Module, field: ProtoIr.Field): string => {
  if (field.type.kind === "list") return " ?? []"
  if (field.type.kind === "map") return ` ?? new ${module.global("Map")}()`
  return field.presence === "implicit" ? ` ?? ${zeroOf(module, field, field.type)}` : ""
}

/** What a constructor takes, and what it makes of it. */
const makeParts = (module: Module, message: ProtoIr.Message) => {
  const name = module.name(message)
  const required = requiredKeys(module, message)
  const types = [name, ...(required.length === 0 ? [] : [required.map(quote).join(" | ")])]
  const entries = EmitProtoProgram.propertiesOf(module.program, message).map((each) => {
    const fill = each.kind === "field" ? fillOf(module, each.field) : ""
    return `${property(each.key)}: fields.${each.key}${fill}`
  })
  const parameter = `fields: ${module.use("Message")}.Init<${types.join(", ")}>${required.length === 0 ? " = {}" : ""}`
  return { name, entries, parameter }
}

const keepEnd = (module: Module): string =>
  module.program.options.keepUnknownFields ? `, fields[${module.use("unknownFields")}])` : ""

const keepStart = (module: Module): string =>
  module.program.options.keepUnknownFields ? `${module.use("Message")}.keeping(` : ""

const structMake = (module: Module, message: ProtoIr.Message): Doc => {
  const { name, entries, parameter } = makeParts(module, message)
  const keeps = module.program.options.keepUnknownFields
  if (entries.length === 0 && !keeps) return `make: (_${parameter}): ${name} => ({})`
  const head = `make: (${parameter}): ${name} =>`
  if (!keeps) return block(`${head} ({`, entries, "})", ",")
  if (entries.length === 0) return [head, indent(hardline, `${keepStart(module)}{}${keepEnd(module)}`)]
  const unknown = `fields[${module.use("unknownFields")}]`
  return [
    head,
    indent(
      hardline,
      keepStart(module),
      indent(hardline, block("{", entries, "},", ","), hardline, unknown),
      hardline,
      ")"
    )
  ]
}

const partDocs = (module: Module, message: ProtoIr.Message): ReadonlyArray<Doc> => [
  `name: ${quote(message.fullName)}`,
  ["fields: ", descriptors(module, message)],
  ...(module.program.demanding.has(message) ? ["isDemanding: true"] : [])
]

const codecDocs = (module: Module, message: ProtoIr.Message): ReadonlyArray<Doc> => [
  `encode: ${module.function(message, "encode")}`,
  `decode: ${module.function(message, "decode")}`
]

const literal = (module: Module, value: ProtoIr.Value, field: ProtoIr.Field): string => {
  switch (value.kind) {
    case "bool":
    case "double":
      return Object.is(value.value, -0) ? "-0" : `${value.value}`
    case "int":
      return zeroOf(module, field, field.type as ProtoIr.Single).endsWith("n") ? `${value.value}n` : `${value.value}`
    case "string":
      return quote(value.value)
    case "binary":
      return `${module.global("Uint8Array")}.of(${[...value.value].join(", ")})`
    case "enum":
      return `${module.name(value.enum)}.${value.member.name}`
    default:
      return "undefined"
  }
}

const defaultDocs = (module: Module, message: ProtoIr.Message): ReadonlyArray<Doc> =>
  EmitProtoProgram.propertiesOf(module.program, message).flatMap((each) =>
    each.kind === "field" && each.field.default !== undefined
      ? [`${property(each.key)}: ${literal(module, each.field.default, each.field)}`]
      : []
  )

const structDocs = (module: Module, message: ProtoIr.Message): ReadonlyArray<Doc> => {
  const name = module.name(message)
  const defaults = defaultDocs(module, message)
  const constructor = `${module.use("Message")}.${defaults.length === 0 ? "struct" : "defaulted"}`
  return [
    [commentOf(message), block(`export interface ${name} {`, propertyDocs(module, message), "}")],
    block(
      `export const ${name} = ${constructor}({`,
      [
        ...partDocs(module, message),
        structMake(module, message),
        ...(defaults.length === 0 ? [] : [block("defaults: {", defaults, "}", ",")]),
        ...codecDocs(module, message)
      ],
      "})",
      ","
    )
  ]
}

const errorDocs = (module: Module, message: ProtoIr.Message): ReadonlyArray<Doc> => {
  const { name, entries, parameter } = makeParts(module, message)
  const runtime = module.use("Message")
  const head = block(
    `export class ${name} extends ${runtime}.TaggedError(${quote(message.name)})<{`,
    propertyDocs(module, message),
    "}> {"
  )
  const made: Doc =
    entries.length === 0
      ? `${keepStart(module)}new ${name}({})${keepEnd(module)}`
      : [block(`${keepStart(module)}new ${name}({`, entries, "})", ","), keepEnd(module)]
  const idl = block(
    `static readonly idl = ${runtime}.exception<${name}>({`,
    [
      partDocs(module, message)[0]!,
      `construct: ${name}`,
      ...partDocs(module, message).slice(1),
      ...codecDocs(module, message)
    ],
    "})",
    ","
  )
  const body: ReadonlyArray<Doc> = [
    idl,
    `static readonly codec = ${name}.idl.codec`,
    [`static readonly make = (${parameter}): ${name} =>`, indent(hardline, made)]
  ]
  return [[commentOf(message), head, indent(hardline, join(body, hardline)), hardline, "}"]]
}

/** A message in full, and the functions that write and read it. */
export const messageDocs = (module: Module, message: ProtoIr.Message): ReadonlyArray<Doc> =>
  module.program.errors.has(message) ? errorDocs(module, message) : structDocs(module, message)

/** The functions that write and read a message. */
export const functionDocs = (module: Module, message: ProtoIr.Message): ReadonlyArray<Doc> => [
  encodeFunction(module, message),
  decodeFunction(module, message)
]

/** An enum: a const object, and a type that, of an open enum, any number is of. */
export const enumDocs = (module: Module, declared: ProtoIr.Enum): ReadonlyArray<Doc> => {
  const name = module.name(declared)
  const members = declared.members.map((member): Doc => [
    commentOf(member),
    `${property(member.name)}: ${member.value}`
  ])
  const types = [`(typeof ${name})[keyof typeof ${name}]`, ...(declared.closed ? [] : ["(number & {})"])]
  return [
    [commentOf(declared), block(`export const ${name} = {`, members, "} as const", ",")],
    `export type ${name} = ${types.join(" | ")}`
  ]
}

/** An extension: what reads and writes it in the unknown fields of the message that it extends. */
export const extensionDocs = (module: Module, extension: ProtoIr.Extension): ReadonlyArray<Doc> => {
  const name = module.name(extension)
  const runtime = module.use("Extension")
  const types: ReadonlyArray<Doc> = [module.typeName(extension.extendee), typeDoc(module, extension)]
  const isList = extension.type.kind === "list"
  const arguments_ = [
    quote(extension.extendee.fullName),
    fieldDescriptor(module, extension, name),
    ...(extension.default === undefined ? [] : [literal(module, extension.default, extension)])
  ]
  return [
    [
      commentOf(extension),
      bracket(`export const ${name} = ${runtime}.`, [], ""),
      bracket(`${isList ? "list" : "single"}<`, types, ">"),
      bracket("(", arguments_, ")")
    ]
  ]
}
