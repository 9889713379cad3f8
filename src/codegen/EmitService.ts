/** Services: the contract class, and what its methods need. */
import { block, bracket, type Doc, hugging, print, unionOf, width } from "./EmitDoc.ts"
import * as EmitMethod from "./EmitMethod.ts"
import { comment, type Module, property, quote } from "./EmitModule.ts"
import * as EmitProgram from "./EmitProgram.ts"
import type * as Ir from "./Ir.ts"

const isTrue = (value: string | undefined): boolean => value !== undefined && value !== "false" && value !== "0"

const isIdempotent = (method: Ir.Method): boolean =>
  ["volant.idempotent", "idempotent"].some((key) => isTrue(method.annotations.find((each) => each.key === key)?.value))

/** One entry of the contract class. */
const entryDoc = (parts: EmitMethod.Parts, contract: string, key: string, codec: string): Doc => {
  const { module, method } = parts
  const types = [parts.argumentsName, parts.response, ...(method.throws.length === 0 ? [] : [unionOf(parts.errors)])]
  const kind = method.oneway ? "oneway" : "unary"
  const properties = [
    `name: ${quote(method.name)}`,
    `contract: ${quote(contract)}`,
    ...(isIdempotent(method) ? ["idempotent: true"] : []),
    `codec: ${codec}`
  ]
  const head = bracket(`${property(key)}: ${module.use("Method")}.${kind}<`, types, ">")
  const flat = print(head, Infinity)
  const isFlat = 2 + flat.length < width
  return [comment(method.doc), isFlat ? hugging(2, flat, [], properties) : [head, block("({", properties, "})", ",")]]
}

/** A service in full: types of arguments, codecs, and the class. */
export const serviceDocs = (module: Module, service: Ir.Service): ReadonlyArray<Doc> => {
  const name = module.name(service)
  const contract = `${EmitProgram.namespaceOf(service.file)}.${service.name}`
  const keys = EmitProgram.methodKeysOf(module.program, service)
  const own: Array<Doc> = []
  const entries = EmitProgram.methodsOf(service).map(({ owner, method }) => {
    const parts = EmitMethod.partsOf(module, owner, method)
    const key = keys.get(method)!
    if (owner !== service) {
      const ownerKey = EmitProgram.methodKeysOf(module.program, owner).get(method)!
      return entryDoc(parts, contract, key, `${module.name(owner)}.methods.${ownerKey}.codec`)
    }
    const { doc, codec } = EmitMethod.methodDocs(parts)
    own.push(EmitMethod.argumentsInterface(parts), doc)
    return entryDoc(parts, contract, key, codec)
  })
  const head = `export class ${name} extends ${module.use("Contract")}.Service<${name}>()`
  return [...own, [comment(service.doc), hugging(0, head, [quote(contract)], entries, " {}")]]
}
