/**
 * Typedefs that lead back to themselves, or through too many others.
 */
import type * as Ir from "./Ir.ts"
import * as ThriftScope from "./ThriftScope.ts"
import * as ThriftTypes from "./ThriftTypes.ts"

/** How many typedefs and containers may stand within one another. */
export const maximumDepth = 200

const aliasesIn = (type: Ir.Type, into: Array<Ir.Alias>): void => {
  if (type.kind === "alias") into.push(type.alias)
  else if (type.kind === "map") {
    aliasesIn(type.key, into)
    aliasesIn(type.value, into)
  } else if (type.kind === "list" || type.kind === "set") aliasesIn(type.element, into)
}

const containersIn = (type: Ir.Type): number => {
  if (type.kind === "map") return 1 + Math.max(containersIn(type.key), containersIn(type.value))
  return type.kind === "list" || type.kind === "set" ? 1 + containersIn(type.element) : 0
}

type Declared = ThriftScope.DeclaredType & { readonly kind: "alias" }

interface Visit {
  readonly declared: Declared
  readonly next: Array<Ir.Alias>
  depth: number
}

/** A walk through one file's typedefs, with its own stack, for a chain of them may be as long as the file. */
class Walk {
  readonly scope: ThriftScope.Scope
  readonly depths: Map<Ir.Alias, number>
  readonly local = new Map<Ir.Alias, Declared>()
  readonly open = new Set<Ir.Alias>()
  readonly stack: Array<Visit> = []

  constructor(scope: ThriftScope.Scope, depths: Map<Ir.Alias, number>) {
    this.scope = scope
    this.depths = depths
    for (const each of scope.types.values()) if (each.kind === "alias") this.local.set(each.alias, each)
  }

  enter(declared: Declared): void {
    const next: Array<Ir.Alias> = []
    aliasesIn(declared.alias.type, next)
    this.open.add(declared.alias)
    this.stack.push({ declared, next, depth: 0 })
  }

  fail(at: Visit, message: string): void {
    ThriftScope.report(this.scope, at.declared.ast.name.span, message)
    at.declared.alias.type = ThriftTypes.unknown
    at.next.length = 0
    at.depth = 0
  }

  leave(top: Visit): void {
    const { alias } = top.declared
    const depth = top.depth + 1 + containersIn(alias.type)
    if (depth > maximumDepth) this.fail(top, `typedefs nest deeper than ${maximumDepth} levels here`)
    const counted = depth > maximumDepth ? 1 : depth
    this.depths.set(alias, counted)
    this.open.delete(alias)
    this.stack.pop()
    const below = this.stack.at(-1)
    if (below !== undefined) below.depth = Math.max(below.depth, counted)
  }

  follow(top: Visit, alias: Ir.Alias): void {
    if (this.open.has(alias)) {
      const circle = this.stack.slice(this.stack.findIndex((each) => each.declared.alias === alias))
      const path = [...circle.slice(0, 8).map((each) => each.declared.alias.name), alias.name].join(" -> ")
      return this.fail(top, `typedef \`${top.declared.alias.name}\` leads back to itself: ${path}`)
    }
    const known = this.depths.get(alias)
    const next = known === undefined ? this.local.get(alias) : undefined
    if (next !== undefined) this.enter(next)
    else top.depth = Math.max(top.depth, known ?? 1)
  }

  run(): void {
    for (const root of this.local.values()) {
      if (!this.depths.has(root.alias)) this.enter(root)
      for (let top = this.stack.at(-1); top !== undefined; top = this.stack.at(-1)) {
        const alias = top.next.pop()
        if (alias === undefined) this.leave(top)
        else this.follow(top, alias)
      }
    }
  }
}

/** Reports such typedefs of a file and makes them `unknown`. `depths` holds what earlier files' typedefs came to. */
export const check = (scope: ThriftScope.Scope, depths: Map<Ir.Alias, number>): void => new Walk(scope, depths).run()
