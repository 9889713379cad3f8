/**
 * Services: their methods' messages, and the errors that `volant/errors.proto` lets them declare.
 */
import * as ProtoOptions from "./ProtoOptions.ts"
import type * as ProtoIr from "./ProtoIr.ts"
import * as ProtoScope from "./ProtoScope.ts"
import type { DeclaredService, Mutable, Scope } from "./ProtoScope.ts"

/** Resolves the messages that the methods take and give. */
export const resolve = (scope: Scope, { ast, service }: DeclaredService): void => {
  for (const [index, each] of ast.methods.entries()) {
    const method: Mutable<ProtoIr.Method> = service.methods[index]!
    const input = ProtoScope.findMessage(scope, method.fullName, each.input)
    const output = ProtoScope.findMessage(scope, method.fullName, each.output)
    if (input !== undefined) method.input = input.message
    if (output !== undefined) method.output = output.message
  }
}

const levels: Record<string, ProtoIr.Method["idempotency"]> = {
  NO_SIDE_EFFECTS: "noSideEffects",
  IDEMPOTENT: "idempotent"
}

const idempotency = (options: ProtoIr.Options): ProtoIr.Method["idempotency"] => {
  const value = ProtoOptions.get(options, "idempotency_level")
  return (value?.kind === "enum" ? levels[value.member.name] : undefined) ?? "unknown"
}

const unknownStatus = 2

const statusOf = (message: ProtoIr.Message): number => {
  const value = ProtoOptions.get(message.options, "volant.status")
  return value?.kind === "enum" ? value.member.value : unknownStatus
}

const errorsOf = (
  scope: Scope,
  method: ProtoIr.Method,
  ast: DeclaredService["ast"]["methods"][number]
): ReadonlyArray<ProtoIr.DeclaredError> => {
  const named = ProtoOptions.get(method.options, "volant.errors")
  if (named?.kind !== "list") return []
  const spans = ast.options.filter(({ parts }) => parts[0]!.isExtension && parts[0]!.text.endsWith("errors"))
  const messages = new Set<ProtoIr.Message>()
  for (const [index, each] of named.elements.entries()) {
    if (each.kind !== "string") continue
    const span = spans[index]?.value.span ?? ast.name.span
    const declared = ProtoScope.findMessage(scope, method.fullName, { text: each.value, span })
    if (declared === undefined) continue
    if (messages.has(declared.message)) {
      ProtoScope.report(scope, span, `\`${declared.message.fullName}\` is declared as an error twice`)
    }
    messages.add(declared.message)
  }
  return [...messages].map((message) => ({ message, status: statusOf(message) }))
}

/** Reads off the options, once they are interpreted, what they mean for the methods. */
export const finish = (scope: Scope, { ast, service }: DeclaredService): void => {
  for (const [index, each] of ast.methods.entries()) {
    const method: Mutable<ProtoIr.Method> = service.methods[index]!
    method.idempotency = idempotency(method.options)
    method.errors = errorsOf(scope, method, each)
  }
}
