/** Services of .proto files: the contract class. */
import { block, bracket, type Doc, hugging, print, unionOf, width } from "./EmitDoc.ts"
import { call, property, quote } from "./EmitModule.ts"
import { commentOf } from "./EmitProtoComment.ts"
import type { Module } from "./EmitProtoModule.ts"
import * as EmitProtoProgram from "./EmitProtoProgram.ts"
import { messageDoc } from "./EmitProtoTypes.ts"
import type * as ProtoIr from "./ProtoIr.ts"

const kindOf = (method: ProtoIr.Method): string =>
  method.clientStreaming
    ? method.serverStreaming
      ? "bidiStream"
      : "clientStream"
    : method.serverStreaming
      ? "serverStream"
      : "unary"

const codecDoc = (module: Module, service: ProtoIr.Service, method: ProtoIr.Method): Doc => {
  const runtime = module.use("Message")
  const path = quote(`/${service.fullName}/${method.name}`)
  const args = [path, module.value(method.input), module.value(method.output)]
  const descriptor = module.descriptor(service.file)
  const errors = method.errors.map((each) => `${runtime}.error(${module.name(each.message)}, ${each.status})`)
  if (descriptor !== undefined) return call(`${runtime}.method`, [...args, bracket("[", errors, "]"), descriptor])
  if (errors.length === 0) return call(`${runtime}.method`, args)
  return [`${runtime}.method(${args.join(", ")}, `, bracket("[", errors, "]"), ")"]
}

/** One entry of the contract class. */
const entryDoc = (module: Module, service: ProtoIr.Service, method: ProtoIr.Method, key: string): Doc => {
  const errors = method.errors.map((each) => module.name(each.message))
  const types = [
    messageDoc(module, method.input),
    messageDoc(module, method.output),
    ...(errors.length === 0 ? [] : [unionOf(errors)])
  ]
  const kind = kindOf(method)
  const properties: ReadonlyArray<Doc> = [
    `name: ${quote(method.name)}`,
    `contract: ${quote(service.fullName)}`,
    ...(method.idempotency === "unknown" ? [] : ["idempotent: true"]),
    ["codec: ", codecDoc(module, service, method)]
  ]
  const runtime = module.use(kind === "unary" ? "Method" : "StreamMethod")
  const head = bracket(`${property(key)}: ${runtime}.${kind}<`, types, ">")
  const flat = print(head, Infinity)
  const isFlat = 2 + flat.length < width
  return [commentOf(method), isFlat ? hugging(2, flat, [], properties) : [head, block("({", properties, "})", ",")]]
}

/** A service in full. */
export const serviceDocs = (module: Module, service: ProtoIr.Service): ReadonlyArray<Doc> => {
  const name = module.name(service)
  const keys = EmitProtoProgram.methodKeysOf(module.program, service)
  const entries = service.methods.map((method, index) => entryDoc(module, service, method, keys[index]!))
  const head = `export class ${name} extends ${module.use("Contract")}.Service<${name}>()`
  return [[commentOf(service), hugging(0, head, [quote(service.fullName)], entries, " {}")]]
}
