/** A method's arguments and its codec: what a service's contract class is made of. */
import { block, bracket, type Doc, group, hardline, indent, join, line, typed, unionOf } from "./EmitDoc.ts"
import * as EmitDecode from "./EmitDecode.ts"
import * as EmitEncode from "./EmitEncode.ts"
import { codecDocs, fieldDoc, fieldsDoc, propertyDoc } from "./EmitMessage.ts"
import { type Module, quote } from "./EmitModule.ts"
import { Scope, toUpperCamel } from "./EmitNames.ts"
import * as EmitProgram from "./EmitProgram.ts"
import { shapeOf, typeDoc } from "./EmitTypes.ts"
import * as EmitWire from "./EmitWire.ts"
import type * as Ir from "./Ir.ts"

/** A method being written: the names of what belongs to it. */
export interface Parts {
  readonly module: Module
  readonly service: Ir.Service
  readonly method: Ir.Method
  readonly argumentsName: string
  readonly response: Doc
  readonly errors: ReadonlyArray<Doc>
  /** `ItemServiceGetItem`: the middle of its functions' names. */
  readonly stem: string
  /** The method in messages. */
  readonly title: string
}

/** Names what belongs to a method of the service that declares it. */
export const partsOf = (module: Module, service: Ir.Service, method: Ir.Method): Parts => {
  const errors = [...new Set(method.throws.map((field) => typeDoc(module, field.type) as string))]
  return {
    module,
    service,
    method,
    argumentsName: argumentsNameOf(module, service, method),
    response: method.returns === undefined ? "void" : typeDoc(module, method.returns, method.annotations),
    errors: errors.length === 0 ? ["never"] : errors,
    stem: `${module.program.names.get(service)!}${toUpperCamel(method.name)}`,
    title: `${service.name}.${method.name}`
  }
}

const argumentsNameOf = (module: Module, service: Ir.Service, method: Ir.Method): string => {
  const name = module.program.argumentNames.get(method)!
  if (service.file === module.file) return name
  const owner = module.name(service)
  return `${owner.slice(0, owner.lastIndexOf(".") + 1)}${name}`
}

// An argument is demanded unless the IDL says that it may be absent; what is demanded here is not demanded on the wire.
const isDemanded = (field: Ir.Field): boolean =>
  field.requiredness === "required" || (field.requiredness === "default" && field.default === undefined)

/** The type of a method's arguments. */
export const argumentsInterface = (parts: Parts): Doc => {
  const { module, method } = parts
  const keys = EmitProgram.keysOfFields(module.program, method.arguments)
  const properties = EmitEncode.byId(method.arguments).map((field) =>
    propertyDoc(module, field, keys.get(field)!, !isDemanded(field))
  )
  return [
    `/** The arguments of \`${parts.title}\`. */`,
    hardline,
    block(`export interface ${parts.argumentsName} {`, properties, "}")
  ]
}

// In TypeScript an unmarked argument must be given, and so it is required on both sides.
const asStruct = (fields: ReadonlyArray<Ir.Field>): ReadonlyArray<Ir.Field> =>
  fields.map((field) => (isDemanded(field) ? { ...field, requiredness: "required" } : field))

const successField = (method: Ir.Method): Ir.Field | undefined =>
  method.returns === undefined
    ? undefined
    : {
        name: "success",
        doc: "",
        annotations: method.annotations,
        position: method.position,
        id: 0,
        requiredness: "optional",
        type: method.returns,
        default: undefined
      }

const resultType = (parts: Parts): Doc => {
  const result = parts.module.use("Result")
  return bracket(`${result}.Result<`, [parts.response, unionOf(parts.errors)], ">")
}

const encodeThrown = (parts: Parts, context: EmitWire.Context): ReadonlyArray<Doc> => {
  const { module, method } = parts
  const refuse = `throw ${module.use("Message")}.undeclared(${quote(parts.title)}, value.failure)`
  const seen = new Set<string>()
  const branches: Array<Doc> = []
  for (const field of method.throws) {
    const shape = shapeOf(module, field.type)
    if (shape.kind !== "message") continue
    const name = module.name(shape.message)
    if (seen.has(name)) continue
    seen.add(name)
    const scope = new Scope()
    const slot = { id: field.id, shape, value: "value.failure" }
    branches.push([
      `if (value.failure instanceof ${name}) {`,
      indent(hardline, join(EmitEncode.encodeField(context, scope, slot, "0"), hardline)),
      hardline,
      "} else "
    ])
  }
  return [[...branches, branches.length === 0 ? refuse : block("{", [refuse], "}")]]
}

const encodeResult = (parts: Parts, context: EmitWire.Context, name: string): Doc => {
  const { module, method } = parts
  const success = successField(method)
  const stop = `${context.wire}.writeStop(writer)`
  const write =
    success === undefined
      ? []
      : EmitEncode.encodeField(
          context,
          new Scope(),
          { id: 0, shape: shapeOf(module, success.type, success.annotations), value: "value.success" },
          "0"
        )
  const isSuccess = `${module.use("Result")}.isSuccess(value)`
  const thrown = encodeThrown(parts, context)
  const body: ReadonlyArray<Doc> =
    write.length === 0
      ? [block(`if (!${isSuccess}) {`, thrown, "}"), stop]
      : [[block(`if (${isSuccess}) {`, write, "} "), block("else {", thrown, "}")], stop]
  return EmitEncode.encoder(context, name, resultType(parts), body)
}

const decodeResult = (parts: Parts, context: EmitWire.Context, name: string): Doc => {
  const { module, method } = parts
  const result = module.use("Result")
  const scope = EmitDecode.reserve(context)
  const success = successField(method)
  const outcome = scope.add("success")
  const failure = scope.add("failure")
  const targets = method.throws.map((field): EmitDecode.Target => ({
    id: field.id,
    type: field.type,
    shape: shapeOf(module, field.type),
    take: (value) => [`${failure} = `, value]
  }))
  const first: ReadonlyArray<EmitDecode.Target> =
    success === undefined
      ? []
      : [
          {
            id: 0,
            type: success.type,
            shape: shapeOf(module, success.type, success.annotations),
            take: (value) => [`${outcome} = `, value]
          }
        ]
  const noResult = `throw ${module.use("Message")}.noResult(${quote(parts.title)})`
  const body: ReadonlyArray<Doc> = [
    ...(success === undefined ? [] : [[`let ${outcome}: `, parts.response, " | undefined"]]),
    ...(targets.length === 0 ? [] : [typed(`let ${failure}`, [...parts.errors, "undefined"])]),
    ...EmitDecode.decodeLoop(context, scope, [...first, ...targets], `${context.wire}.skip(reader, fieldType)`),
    ...(targets.length === 0 ? [] : [`if (${failure} !== undefined) return ${result}.fail(${failure})`]),
    ...(success === undefined
      ? [`return ${result}.void`]
      : [group(`if (${outcome} === undefined)`, indent(line, noResult)), `return ${result}.succeed(${outcome})`])
  ]
  return EmitDecode.decoder(context, name, resultType(parts), body)
}

const constantOf = (parts: Parts): string => {
  const stem = parts.stem
  return stem.charAt(0).toLowerCase() + stem.slice(1)
}

type Name = (what: string) => (verb: string, protocol: EmitWire.Protocol) => string

/** The functions that write and read a method's arguments with one protocol. */
const argumentFunctions = (parts: Parts, context: EmitWire.Context, name: Name): ReadonlyArray<Doc> => {
  const { module, method } = parts
  const keys = EmitProgram.keysOfFields(module.program, method.arguments)
  const fields = asStruct(method.arguments)
  const keyed = new Map(fields.map((field, index) => [field, keys.get(method.arguments[index]!)!]))
  const owner = `${parts.title} arguments`
  return [
    EmitEncode.encoder(
      context,
      name("Args")("encode", context.protocol),
      parts.argumentsName,
      EmitEncode.encodeFields(context, owner, fields, keyed, { isError: false, keepsUnknown: false }),
      fields.length === 0 ? "_value" : "value"
    ),
    EmitDecode.decoder(
      context,
      name("Args")("decode", context.protocol),
      parts.argumentsName,
      EmitDecode.decodeFields(context, {
        owner,
        typeName: parts.argumentsName,
        fields,
        keys: keyed,
        keepsUnknown: false,
        construct: undefined
      })
    )
  ]
}

/** The codec of a method and the functions it consists of. */
export const methodDocs = (parts: Parts): { readonly doc: Doc; readonly codec: string } => {
  const { module, method } = parts
  const names = new Map<string, string>()
  const name: Name = (what) => (verb, protocol) => {
    const key = `${verb}${parts.stem}${what}${protocol}`
    if (!names.has(key)) names.set(key, module.scope.add(key))
    return names.get(key)!
  }
  const codec = module.scope.add(constantOf(parts))
  const functions = EmitWire.protocols.flatMap((protocol) => {
    const context = EmitWire.context(module, protocol)
    const args = argumentFunctions(parts, context, name)
    if (method.oneway) return args
    return [
      ...args,
      encodeResult(parts, context, name("Result")("encode", protocol)),
      decodeResult(parts, context, name("Result")("decode", protocol))
    ]
  })
  module.functions.push(...functions)
  return { doc: codecDoc(parts, codec, name), codec }
}

const codecDoc = (parts: Parts, codec: string, name: Name): Doc => {
  const { module, method } = parts
  const message = module.use("Message")
  const keys = EmitProgram.keysOfFields(module.program, method.arguments)
  const args = asStruct(method.arguments)
  const argumentFields = EmitEncode.byId(args).map((field) =>
    fieldDoc(module, field, keys.get(method.arguments[args.indexOf(field)]!)!)
  )
  const success = successField(method)
  const resultFields = [
    ...(success === undefined ? [] : [fieldDoc(module, success, "success")]),
    ...method.throws.map((field) => fieldDoc(module, field, field.name))
  ]
  const part = (what: string, type: string, title: string, fields: ReadonlyArray<Doc>): Doc =>
    block(
      `${message}.${type}({`,
      [`name: ${quote(`${parts.title} ${title}`)}`, ["fields: ", fieldsDoc(module, fields)], ...codecDocs(name(what))],
      "})",
      ","
    )
  const outcome = method.oneway ? `${message}.nothing` : part("Result", "result", "result", resultFields)
  return block(
    `const ${codec} = ${message}.method(`,
    [part("Args", "args", "arguments", argumentFields), outcome],
    ")",
    ","
  )
}
