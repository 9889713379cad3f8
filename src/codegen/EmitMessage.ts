/** Structs, unions, exceptions, enums and typedefs: the type side and the value side. */
import { block, bracket, type Doc, group, hardline, ifBroken, indent, join, line, typed } from "./EmitDoc.ts"
import * as EmitDecode from "./EmitDecode.ts"
import * as EmitEncode from "./EmitEncode.ts"
import { comment, type Module, property, quote } from "./EmitModule.ts"
import * as EmitProgram from "./EmitProgram.ts"
import { descriptorDoc, fieldShape, fieldTypeDoc, typeDoc } from "./EmitTypes.ts"
import { hasDefaults, makesWithout, valueDoc } from "./EmitValue.ts"
import * as EmitWire from "./EmitWire.ts"
import type * as Ir from "./Ir.ts"

const keepsUnknown = (module: Module, message: Ir.Message): boolean =>
  message.kind === "struct" && module.program.options.keepUnknownFields

/** `readonly key: Type`, with the field's comment. */
export const propertyDoc = (module: Module, field: Ir.Field, key: string, isOptional: boolean): Doc => {
  const type = fieldTypeDoc(module, field)
  const name = property(key)
  return [
    comment(field.doc),
    typed(`readonly ${name}${isOptional ? "?" : ""}`, isOptional ? [type, "undefined"] : [type])
  ]
}

const propertyDocs = (module: Module, message: Ir.Message): ReadonlyArray<Doc> => {
  const keys = EmitProgram.keysOf(module.program, message)
  const docs = EmitEncode.byId(message.fields).map((field) =>
    propertyDoc(module, field, keys.get(field)!, field.requiredness !== "required")
  )
  if (!keepsUnknown(module, message)) return docs
  return [
    ...docs,
    `readonly [${module.use("unknownFields")}]?: ${module.use("UnknownFields")}.UnknownFields | undefined`
  ]
}

/** One field of a descriptor. */
export const fieldDoc = (module: Module, field: Ir.Field, key: string): Doc =>
  bracket(
    `${module.use("Type")}.${field.requiredness === "required" ? "required" : "optional"}(`,
    [`${field.id}`, quote(field.name), quote(key), descriptorDoc(module, fieldShape(module, field))],
    ")"
  )

/** `() => [...]` with the descriptors of fields. */
export const fieldsDoc = (module: Module, fields: ReadonlyArray<Doc>): Doc => [
  `(): ${module.use("Type")}.Fields => `,
  bracket("[", fields, "]")
]

const messageFields = (module: Module, message: Ir.Message): Doc => {
  const keys = EmitProgram.keysOf(module.program, message)
  return fieldsDoc(
    module,
    EmitEncode.byId(message.fields).map((field) => fieldDoc(module, field, keys.get(field)!))
  )
}

/** Reserves the names of a message's functions before anything refers to them. */
export const declareFunctions = (module: Module, message: Ir.Message): void => {
  const name = module.name(message)
  for (const protocol of EmitWire.protocols) {
    for (const verb of ["encode", "decode"]) {
      module.internal.set(`${verb} ${message.name} ${protocol}`, module.scope.add(`${verb}${name}${protocol}`))
    }
  }
}

const functionName = (module: Module, verb: string, message: Ir.Message, protocol: EmitWire.Protocol): string =>
  module.internal.get(`${verb} ${message.name} ${protocol}`)!

/** `binary: { encode: .., decode: .. }`, and compact. */
export const codecDocs = (names: (verb: string, protocol: EmitWire.Protocol) => string): ReadonlyArray<Doc> =>
  EmitWire.protocols.map((protocol) =>
    bracket(
      `${protocol.toLowerCase()}: {`,
      [`encode: ${names("encode", protocol)}`, `decode: ${names("decode", protocol)}`],
      "}",
      line
    )
  )

const partsDocs = (module: Module, message: Ir.Message): ReadonlyArray<Doc> => [
  `name: ${quote(message.name)}`,
  ["fields: ", messageFields(module, message)],
  ...codecDocs((verb, protocol) => functionName(module, verb, message, protocol))
]

const exceptionParts = (module: Module, message: Ir.Message): ReadonlyArray<Doc> => {
  const [name, ...others] = partsDocs(module, message)
  return [name!, `construct: ${module.name(message)}`, ...others]
}

const functionDocs = (module: Module, message: Ir.Message): ReadonlyArray<Doc> =>
  EmitWire.protocols.flatMap((protocol) => {
    const context = EmitWire.context(module, protocol)
    return [
      EmitEncode.encodeFunction(context, message, functionName(module, "encode", message, protocol)),
      EmitDecode.decodeFunction(context, message, functionName(module, "decode", message, protocol))
    ]
  })

/** What a constructor takes: the message, with fields that have defaults optional. */
const makeInput = (module: Module, message: Ir.Message): Doc => {
  const name = module.name(message)
  const keys = EmitProgram.keysOf(module.program, message)
  const defaulted = message.fields.filter((field) => field.requiredness === "required" && field.default !== undefined)
  if (defaulted.length === 0) return name
  const omitted = defaulted.map((field) => quote(keys.get(field)!))
  const added = defaulted.map((field): Doc => [
    `readonly ${property(keys.get(field)!)}?: `,
    fieldTypeDoc(module, field),
    " | undefined"
  ])
  return [
    `Omit<${name}, ${omitted.join(" | ")}> & `,
    group("{", indent(line, join(added, [ifBroken("", ";"), line])), line, "}")
  ]
}

const madeEntries = (module: Module, message: Ir.Message): ReadonlyArray<Doc> => {
  const keys = EmitProgram.keysOf(module.program, message)
  const entries = EmitEncode.byId(message.fields).map((field): Doc => {
    const key = keys.get(field)!
    const from = `fields.${key}`
    if (field.default === undefined) return group(`${property(key)}:`, indent(line, from))
    const shape = fieldShape(module, field)
    const value = valueDoc(module, field.default, field.type, shape)
    const isArray = shape.kind === "list" || (shape.kind === "set" && shape.isArray)
    return isArray
      ? [`${property(key)}: ${from} ?? `, value]
      : group(`${property(key)}:`, indent(line, from, " ??", line, value))
  })
  if (!keepsUnknown(module, message)) return entries
  const symbol = module.use("unknownFields")
  return [...entries, `[${symbol}]: fields[${symbol}]`]
}

const structMake = (module: Module, message: Ir.Message): Doc => {
  const name = module.name(message)
  const entries = madeEntries(module, message)
  const parameter: Doc =
    entries.length === 0
      ? `_fields: ${name} = {}`
      : ["fields: ", makeInput(module, message), makesWithout(message) ? " = {}" : ""]
  const head = group("make: ", bracket("(", [parameter], ")"), `: ${name} => `)
  return entries.length === 0 ? [head, "({})"] : block([head, "({"], entries, "})", ",")
}

const structDocs = (module: Module, message: Ir.Message): ReadonlyArray<Doc> => {
  const name = module.name(message)
  const properties = propertyDocs(module, message)
  const [head, fields, ...codecs] = partsDocs(module, message)
  return [
    [comment(message.doc), block(`export interface ${name} {`, properties, "}")],
    [
      block(
        `export const ${name} = ${module.use("Message")}.struct({`,
        [head!, fields!, structMake(module, message), ...codecs],
        "})",
        ","
      )
    ]
  ]
}

const variantDoc = (module: Module, field: Ir.Field, key: string): Doc => {
  const properties: ReadonlyArray<Doc> = [
    [comment(field.doc), `readonly _tag: ${quote(key)}`],
    ["readonly value: ", fieldTypeDoc(module, field)]
  ]
  return field.doc === ""
    ? group("{", indent(line, join(properties, [ifBroken("", ";"), line])), line, "}")
    : block("{", properties, "}")
}

const unionType = (module: Module, message: Ir.Message): Doc => {
  const keys = EmitProgram.keysOf(module.program, message)
  const variants = EmitEncode.byId(message.fields).map((field) => variantDoc(module, field, keys.get(field)!))
  return aliasOf(module.name(message), variants.length === 0 ? ["never"] : variants)
}

/** `export type name = A | B` */
const aliasOf = (name: string, types: ReadonlyArray<Doc>): Doc => {
  if (types.length === 1) return [`export type ${name} = `, types[0]!]
  const docs = types.map((type, index): Doc => [index === 0 ? ifBroken("| ", "") : "| ", indent(type)])
  return group(`export type ${name} =`, indent(line, join(docs, line)))
}

const unionDocs = (module: Module, message: Ir.Message): ReadonlyArray<Doc> => {
  const name = module.name(message)
  return [
    [comment(message.doc), unionType(module, message)],
    block(`export const ${name} = ${module.use("Message")}.union<${name}>({`, partsDocs(module, message), "})", ",")
  ]
}

// Only with defaults to fill is it more than the class's own constructor.
const exceptionMake = (module: Module, message: Ir.Message): ReadonlyArray<Doc> => {
  if (!hasDefaults(message)) return []
  const name = module.name(message)
  const fields: Doc = ["fields: ", exceptionInput(module, message)]
  const parameters: Doc = makesWithout(message)
    ? ["(", indent(hardline, fields, " = {}"), hardline, ")"]
    : ["(", fields, ")"]
  const made = block(`new ${name}({`, madeEntries(module, message), "})", ",")
  return [["static readonly make = ", parameters, `: ${name} =>`, indent(hardline, made)]]
}

const exceptionInput = (module: Module, message: Ir.Message): Doc => {
  const keys = EmitProgram.keysOf(module.program, message)
  const docs = EmitEncode.byId(message.fields).map((field) => {
    const isOptional = field.requiredness !== "required" || field.default !== undefined
    return propertyDoc(module, { ...field, doc: "" }, keys.get(field)!, isOptional)
  })
  return block("{", docs, "}")
}

const exceptionDocs = (module: Module, message: Ir.Message): ReadonlyArray<Doc> => {
  const name = module.name(message)
  const properties = propertyDocs(module, message)
  const base = `export class ${name} extends ${module.use("TaggedException")}(${quote(message.name)})`
  const head: Doc = properties.length === 0 ? `${base} {` : [block(`${base}<{`, properties, "}>"), " {"]
  return [
    [
      comment(message.doc),
      block(
        head,
        [
          block(
            `static readonly idl = ${module.use("Message")}.exception<${name}>({`,
            exceptionParts(module, message),
            "})",
            ","
          ),
          `static readonly codec = ${name}.idl.codec`,
          ...exceptionMake(module, message)
        ],
        "}"
      )
    ]
  ]
}

/** A message in full: its type and its value side; its functions go where functions stand. */
export const messageDocs = (module: Module, message: Ir.Message): ReadonlyArray<Doc> => {
  module.functions.push(...functionDocs(module, message))
  switch (message.kind) {
    case "struct":
      return structDocs(module, message)
    case "union":
      return unionDocs(module, message)
    case "exception":
      return exceptionDocs(module, message)
  }
}

/** An enum: a const object, and a type that any number is of, for the members of newer IDLs. */
export const enumDocs = (module: Module, declared: Ir.Enum): ReadonlyArray<Doc> => {
  const name = module.name(declared)
  const members = declared.members.map((member): Doc => [
    comment(member.doc),
    `${property(member.name)}: ${member.value}`
  ])
  return [
    [comment(declared.doc), block(`export const ${name} = {`, members, "} as const", ",")],
    aliasOf(name, [`(typeof ${name})[keyof typeof ${name}]`, "(number & {})"])
  ]
}

/** A typedef: a type of another name. */
export const aliasDocs = (module: Module, alias: Ir.Alias): ReadonlyArray<Doc> => [
  [comment(alias.doc), `export type ${module.name(alias)} = `, typeDoc(module, alias.type, alias.annotations)]
]
