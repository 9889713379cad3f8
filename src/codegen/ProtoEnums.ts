/**
 * What an enum's values may be.
 */
import * as ProtoScope from "./ProtoScope.ts"
import type { DeclaredEnum, Scope } from "./ProtoScope.ts"

const checkFirst = (scope: Scope, { ast, enum: target }: DeclaredEnum): void => {
  const first = ast.members[0]
  if (first === undefined || target.closed || first.number.value === 0n) return
  const message = `the first value of an open enum is its default and has to be 0, not ${first.number.value}`
  ProtoScope.report(scope, first.number.span, message)
}

const checkAliases = (scope: Scope, { ast, enum: target }: DeclaredEnum): void => {
  const seen = new Map<bigint, string>()
  let hasAlias = false
  for (const { name, number } of ast.members) {
    const other = seen.get(number.value)
    if (other === undefined) {
      seen.set(number.value, name.text)
      continue
    }
    hasAlias = true
    if (target.allowAlias) continue
    const message = `\`${other}\` has number ${number.value} already; to allow it, set \`option allow_alias = true;\``
    ProtoScope.report(scope, number.span, message)
  }
  if (hasAlias || !target.allowAlias) return
  const option = ast.options.find(({ parts }) => parts[0]!.text === "allow_alias")
  ProtoScope.report(scope, option?.span ?? ast.name.span, "no two values share a number; leave `allow_alias` out")
}

/** Reports a first value that is no default, and numbers that are shared without leave. */
export const check = (scope: Scope, declared: DeclaredEnum): void => {
  checkFirst(scope, declared)
  checkAliases(scope, declared)
}
