/**
 * Services: their methods, what they extend, and what Thrift forbids of both.
 */
import type * as Ir from "./Ir.ts"
import type * as Ast from "./ThriftAst.ts"
import * as ThriftFields from "./ThriftFields.ts"
import * as ThriftScope from "./ThriftScope.ts"
import * as ThriftTypes from "./ThriftTypes.ts"

/** How many services may extend one another in a chain. */
export const maximumDepth = 100

const isVoid = (type: Ast.Type): boolean => type.kind === "name" && type.name === "void"

const noneReserved: ReadonlyMap<number, string> = new Map()
const resultReserved: ReadonlyMap<number, string> = new Map([[0, "the result"]])

/** Whether a field of `throws` may stay; other tools let scalars pass there, which no peer could send as an exception. */
const isThrowable = (scope: ThriftScope.Scope, field: Ir.Field, ast: Ast.Field): boolean => {
  const target = ThriftTypes.dereference(field.type)
  if (target === ThriftTypes.unknown) return true
  if (target.kind === "message" && target.message.kind === "exception") return true
  const type = ThriftTypes.render(field.type)
  if (target.kind === "scalar") {
    const message = `\`${type}\` is no exception and cannot be thrown: \`${field.name}\` is left out`
    ThriftScope.report(scope, ast.type.span, message, "warning")
  } else {
    ThriftScope.report(scope, ast.type.span, `\`${type}\` is no exception and cannot be thrown; expected an exception`)
  }
  return false
}

const checkOneway = (scope: ThriftScope.Scope, ast: Ast.Method): void => {
  if (!ast.oneway) return
  if (!isVoid(ast.returns)) {
    const message = `oneway method \`${ast.name.text}\` gets no reply and cannot return a result; expected \`void\``
    ThriftScope.report(scope, ast.returns.span, message)
  }
  if (ast.throws.length > 0) {
    const message = `oneway method \`${ast.name.text}\` gets no reply and cannot throw; expected no \`throws\``
    ThriftScope.report(scope, ast.throws[0]!.name.span, message)
  }
}

const makeMethod = (
  scope: ThriftScope.Scope,
  ast: Ast.Method,
  pending: Array<ThriftFields.PendingDefault>
): Ir.Method => {
  checkOneway(scope, ast)
  const inputs = { label: `method \`${ast.name.text}\``, isUnion: false, reserved: noneReserved }
  const outputs = { ...inputs, label: `\`throws\` of \`${ast.name.text}\``, reserved: resultReserved }
  const returns = isVoid(ast.returns) ? undefined : ThriftTypes.resolve(scope, ast.returns)
  const args = ThriftFields.make(scope, inputs, ast.arguments, pending)
  const throws = ThriftFields.make(scope, outputs, ast.throws, pending)
  return {
    name: ast.name.text,
    doc: ast.doc,
    annotations: ast.annotations,
    position: ThriftScope.position(scope, ast.name.span),
    oneway: ast.oneway,
    arguments: args,
    returns,
    throws: throws.filter((field, index) => isThrowable(scope, field, ast.throws[index]!))
  }
}

/** Fills a service with its methods. */
export const fill = (
  scope: ThriftScope.Scope,
  declared: ThriftScope.DeclaredService,
  pending: Array<ThriftFields.PendingDefault>
): void => {
  const names = new Map<string, Ast.Method>()
  for (const ast of declared.ast.methods) {
    const other = names.get(ast.name.text)
    if (other === undefined) {
      names.set(ast.name.text, ast)
      continue
    }
    const line = ThriftScope.at(ThriftScope.position(scope, other.name.span))
    const message = `service \`${declared.ast.name.text}\` has a method \`${ast.name.text}\` already (${line}); expected another name`
    ThriftScope.report(scope, ast.name.span, message)
  }
  declared.service.methods = declared.ast.methods.map((ast) => makeMethod(scope, ast, pending))
}

/** Finds the service that one extends. */
export const link = (scope: ThriftScope.Scope, declared: ThriftScope.DeclaredService): void => {
  const name = declared.ast.extends
  if (name === undefined) return
  const found = ThriftScope.find(scope, name.text, (each, local) => each.services.get(local))
  if (typeof found === "object") {
    declared.service.extends = found.value.service
    return
  }
  if (found === "excused") return
  const isType = typeof ThriftTypes.findDeclared(scope, name.text) === "object"
  const message = isType
    ? `\`${name.text}\` is a type; expected a service to extend`
    : `unknown service \`${name.text}\`; ${ThriftScope.hint(scope, name.text)}`
  ThriftScope.report(scope, name.span, message)
}

/** Reports circles and over-long chains of `extends`, and methods that hide an inherited one. */
export const checkInheritance = (scope: ThriftScope.Scope, declared: ThriftScope.DeclaredService): void => {
  const { ast, service } = declared
  const chain: Array<Ir.Service> = [service]
  for (let parent = service.extends; parent !== undefined; parent = parent.extends) {
    // A circle further up is reported where it is.
    if (parent !== service && chain.includes(parent)) break
    if (parent === service || chain.length > maximumDepth) {
      const path = [...chain.slice(0, 8), parent].map((each) => each.name).join(" -> ")
      const message = parent === service ? `leads back to itself: ${path}` : `extends more than ${maximumDepth} others`
      ThriftScope.report(scope, ast.extends?.span ?? ast.name.span, `service \`${service.name}\` ${message}`)
      service.extends = undefined
      return
    }
    chain.push(parent)
  }
  const inherited = new Map<string, string>()
  for (const parent of chain.slice(1)) for (const each of parent.methods) inherited.set(each.name, parent.name)
  for (const method of ast.methods) {
    const owner = inherited.get(method.name.text)
    if (owner === undefined) continue
    const message = `method \`${method.name.text}\` hides the one that \`${owner}\` declares; expected another name`
    ThriftScope.report(scope, method.name.span, message, "warning")
  }
}
