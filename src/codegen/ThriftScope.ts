/**
 * Which names a file declares and which it sees: its own, and those of the files that it includes, by their prefix.
 */
import * as Diagnostic from "./Diagnostic.ts"
import type * as Ir from "./Ir.ts"
import type * as Loader from "./Loader.ts"
import * as Source from "./Source.ts"
import type * as Ast from "./ThriftAst.ts"

/** The compiler builds the IR's cyclic graph in place; nobody else may. */
export type Mutable<A> = { -readonly [K in keyof A]: A[K] }

/** A declared type: what is made of it, and how it is written. */
export type DeclaredType =
  | { readonly kind: "alias"; readonly alias: Mutable<Ir.Alias>; readonly ast: Ast.Typedef | Ast.Senum }
  | { readonly kind: "enum"; readonly enum: Mutable<Ir.Enum>; readonly ast: Ast.Enum }
  | { readonly kind: "message"; readonly message: Mutable<Ir.Message>; readonly ast: Ast.Message }

/** A constant, and how far its value is. */
export interface DeclaredConstant {
  readonly ast: Ast.Const
  readonly constant: Mutable<Ir.Constant>
  readonly scope: Scope
  /** `failed`: its error has been reported. */
  state: "new" | "running" | "done" | "failed"
}

/** A service: what is made of it, and how it is written. */
export interface DeclaredService {
  readonly ast: Ast.Service
  readonly service: Mutable<Ir.Service>
}

/** The names of one file, and the findings about it. */
export interface Scope {
  readonly unit: Loader.Unit
  readonly file: Mutable<Ir.File>
  readonly types: Map<string, DeclaredType>
  readonly constants: Map<string, DeclaredConstant>
  readonly services: Map<string, DeclaredService>
  readonly includes: ReadonlyArray<{ readonly included: Loader.Included; readonly scope: Scope | undefined }>
  /** Include lines without a file that some name refers to. */
  readonly wanted: Set<Loader.Included>
  readonly diagnostics: Array<Diagnostic.Diagnostic>
}

/** Line and column of a range's first character. */
export const position = (self: Scope, span: Source.Span): Ir.Position => Source.position(self.unit.source, span.start)

/** Names as long as a file would hide what is said of them. */
const longName = /`([^`]{100})[^`]+`/g

/** Adds a finding about a place in the scope's file. */
export const report = (
  self: Scope,
  span: Source.Span,
  message: string,
  severity: Diagnostic.Severity = "error"
): void => {
  self.diagnostics.push(Diagnostic.make(self.unit.source, span, severity, message.replace(longName, "`$1...`")))
}

/** What a name led to; `excused` when it leads nowhere for a reason that is reported elsewhere. */
export type Found<A> = { readonly value: A } | "excused" | undefined

/** Looks a name up here, then as `prefix.name` in the included files. */
export const find = <A>(self: Scope, name: string, pick: (scope: Scope, name: string) => A | undefined): Found<A> => {
  const own = pick(self, name)
  if (own !== undefined) return { value: own }
  let isExcused = name.split(".").some((part) => self.unit.document.damaged.has(part))
  for (const { included, scope } of self.includes) {
    if (!name.startsWith(`${included.prefix}.`)) continue
    const rest = name.slice(included.prefix.length + 1)
    const value = scope === undefined ? undefined : pick(scope, rest)
    if (value !== undefined) return { value }
    if (scope === undefined) self.wanted.add(included)
    isExcused ||= scope === undefined || rest.split(".").some((part) => scope.unit.document.damaged.has(part))
  }
  return isExcused ? "excused" : undefined
}

/** What to do about a name that nothing declares. */
export const hint = (self: Scope, name: string): string => {
  const dot = name.indexOf(".")
  if (dot < 0) return "expected a name that this file declares, or one of an included file with its prefix"
  const prefix = name.slice(0, name.lastIndexOf("."))
  const isIncluded = self.includes.some(({ included }) => `${prefix}.`.startsWith(`${included.prefix}.`))
  return isIncluded ? `expected a name that \`${prefix}\` declares` : `nothing is included as \`${prefix}\``
}

/** The first line that declares the same name, for messages. */
export const at = (position: Ir.Position): string => `line ${position.line}`
