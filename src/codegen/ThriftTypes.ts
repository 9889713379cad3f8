/**
 * Types: from names to what they stand for.
 */
import type * as Ir from "./Ir.ts"
import type * as Ast from "./ThriftAst.ts"
import * as ThriftScope from "./ThriftScope.ts"

const scalars = new Map<string, Ir.ScalarName>([
  ["bool", "bool"],
  ["byte", "i8"],
  ["i16", "i16"],
  ["i32", "i32"],
  ["i64", "i64"],
  ["double", "double"],
  ["string", "string"],
  ["binary", "binary"]
])

/** Not in every version of Thrift: a file may declare a type of that name, and then means its own. */
const softScalars = new Map<string, Ir.ScalarName>([
  ["i8", "i8"],
  ["slist", "string"],
  ["uuid", "uuid"]
])

/** Whether a name always means a type of the language's own, or `void`. */
export const isBuiltIn = (name: string): boolean => scalars.has(name) || name === "void"

/** Stands where a type could not be resolved; its error is reported, and nothing is checked against it. */
export const unknown: Ir.Type = { kind: "scalar", name: "string", annotations: [] }

const pickType = (scope: ThriftScope.Scope, name: string): ThriftScope.DeclaredType | undefined => scope.types.get(name)

const ofDeclared = (declared: ThriftScope.DeclaredType): Ir.Type => {
  switch (declared.kind) {
    case "alias":
      return { kind: "alias", alias: declared.alias }
    case "enum":
      return { kind: "enum", enum: declared.enum }
    case "message":
      return { kind: "message", message: declared.message }
  }
}

/** The declared type of a name, with the prefix of its file where it has one. */
export const findDeclared = (scope: ThriftScope.Scope, name: string): ThriftScope.Found<ThriftScope.DeclaredType> =>
  ThriftScope.find(scope, name, pickType)

const explain = (scope: ThriftScope.Scope, name: string): string => {
  if (name === "void") return "`void` is no type of a value; expected a type"
  if (name === "list" || name === "set") return `\`${name}\` needs an element type, as in \`${name}<string>\``
  if (name === "map") return "`map` needs a key and a value type, as in `map<string, i32>`"
  const service = ThriftScope.find(scope, name, (each, local) => each.services.get(local))
  if (typeof service === "object") return `\`${name}\` is a service; expected a type`
  return `unknown type \`${name}\`; ${ThriftScope.hint(scope, name)}`
}

const named = (scope: ThriftScope.Scope, ast: Ast.Type & { readonly kind: "name" }): Ir.Type => {
  const scalar = scalars.get(ast.name)
  if (scalar !== undefined) return { kind: "scalar", name: scalar, annotations: ast.annotations }
  const found = findDeclared(scope, ast.name)
  if (typeof found === "object") return ofDeclared(found.value)
  const soft = softScalars.get(ast.name)
  if (soft !== undefined) return { kind: "scalar", name: soft, annotations: ast.annotations }
  if (found !== "excused") ThriftScope.report(scope, ast.span, explain(scope, ast.name))
  return unknown
}

/** The type that a node stands for; `unknown`, after a report, when there is none. */
export const resolve = (scope: ThriftScope.Scope, ast: Ast.Type): Ir.Type => {
  switch (ast.kind) {
    case "name":
      return named(scope, ast)
    case "list":
    case "set":
      return { kind: ast.kind, element: resolve(scope, ast.element), annotations: ast.annotations }
    case "map": {
      const key = resolve(scope, ast.key)
      return { kind: "map", key, value: resolve(scope, ast.value), annotations: ast.annotations }
    }
  }
}

/** The type behind typedefs. */
export const dereference = (type: Ir.Type): Exclude<Ir.Type, { readonly kind: "alias" }> => {
  let current = type
  while (current.kind === "alias") current = current.alias.type
  return current
}

const annotationsOf = (type: Ir.Type): ReadonlyArray<Ir.Annotation> => {
  const found: Array<Ir.Annotation> = []
  let current = type
  while (current.kind === "alias") {
    found.push(...current.alias.annotations)
    current = current.alias.type
  }
  return current.kind === "enum" || current.kind === "message" ? found : [...found, ...current.annotations]
}

const sameAnnotations = (a: ReadonlyArray<Ir.Annotation>, b: ReadonlyArray<Ir.Annotation>): boolean =>
  a.length === b.length && a.every((each, index) => each.key === b[index]?.key && each.value === b[index]?.value)

const isSameWithin = (a: Ir.Type, b: Ir.Type, budget: { steps: number }): boolean => {
  if (budget.steps-- <= 0 || !sameAnnotations(annotationsOf(a), annotationsOf(b))) return false
  const left = dereference(a)
  const right = dereference(b)
  if (left.kind === "scalar") return right.kind === "scalar" && left.name === right.name
  if (left.kind === "enum") return right.kind === "enum" && left.enum === right.enum
  if (left.kind === "message") return right.kind === "message" && left.message === right.message
  if (left.kind !== "map") return right.kind === left.kind && isSameWithin(left.element, right.element, budget)
  if (right.kind !== "map") return false
  return isSameWithin(left.key, right.key, budget) && isSameWithin(left.value, right.value, budget)
}

/**
 * Whether values of both are the same in generated code; annotations count, for they may change the representation.
 * Typedefs can name types of exponential size: for huge ones the answer is no, which is always safe.
 */
export const isSame = (a: Ir.Type, b: Ir.Type): boolean => isSameWithin(a, b, { steps: 1000 })

/** A type as the IDL writes it. */
export const render = (type: Ir.Type): string => {
  switch (type.kind) {
    case "scalar":
      return type.name
    case "list":
    case "set":
      return `${type.kind}<${render(type.element)}>`
    case "map":
      return `map<${render(type.key)}, ${render(type.value)}>`
    case "alias":
      return type.alias.name
    case "enum":
      return type.enum.name
    case "message":
      return type.message.name
  }
}
