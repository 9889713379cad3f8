/**
 * Fields: of structs, unions and exceptions, and of a method's arguments and exceptions, which are structs as well.
 */
import type * as Ir from "./Ir.ts"
import type { Span } from "./Source.ts"
import type * as Ast from "./ThriftAst.ts"
import * as ThriftConstants from "./ThriftConstants.ts"
import * as ThriftScalars from "./ThriftScalars.ts"
import * as ThriftScope from "./ThriftScope.ts"
import * as ThriftTypes from "./ThriftTypes.ts"

/** A list of fields: what it is called in messages, and the rules that differ. */
export interface Owner {
  readonly label: string
  readonly isUnion: boolean
  /** Ids that mean something else here. */
  readonly reserved: ReadonlyMap<number, string>
}

/** A field whose default waits until all fields and constants have their types. */
export interface PendingDefault {
  readonly field: ThriftScope.Mutable<Ir.Field>
  readonly value: Ast.Value
  readonly scope: ThriftScope.Scope
}

interface Ids {
  readonly taken: Map<number, Ast.Field>
  /** What the next field without an id gets: Apache's compiler counts down from -1. */
  next: number
}

const idOf = (scope: ThriftScope.Scope, owner: Owner, ast: Ast.Field, ids: Ids): number => {
  const span = ast.id?.span ?? ast.name.span
  let id = ids.next
  if (ast.id !== undefined) {
    if (!ThriftScalars.fits(ast.id.value, 16)) {
      ThriftScope.report(scope, span, "this field id is out of range; expected 1 to 32767")
      return 0
    }
    id = Number(ast.id.value)
  } else if (id < -32768) {
    ThriftScope.report(scope, span, "too many fields without an id; expected an id of 1 to 32767")
    return 0
  }
  if (id <= 0) ids.next = Math.min(ids.next, id) - 1
  const isFree = checkId(scope, owner, ast, id, span, ids)
  if (isFree && id <= 0 && ast.id !== undefined) {
    const message = `field id ${id} is not positive: other compilers give the field another; expected 1 to 32767`
    ThriftScope.report(scope, span, message, "warning")
  }
  return id
}

const checkId = (scope: ThriftScope.Scope, owner: Owner, ast: Ast.Field, id: number, span: Span, ids: Ids): boolean => {
  const other = ids.taken.get(id)
  const meaning = owner.reserved.get(id)
  if (other !== undefined) {
    const line = ThriftScope.at(ThriftScope.position(scope, other.name.span))
    const message = `field id ${id} is taken by \`${other.name.text}\` (${line}); expected an id of its own`
    ThriftScope.report(scope, span, message)
  } else if (meaning !== undefined) {
    ThriftScope.report(scope, span, `field id ${id} is taken by ${meaning}; expected another id`)
  } else {
    ids.taken.set(id, ast)
    return true
  }
  return false
}

const checkName = (scope: ThriftScope.Scope, owner: Owner, ast: Ast.Field, names: Map<string, Ast.Field>): void => {
  const other = names.get(ast.name.text)
  if (other === undefined) {
    names.set(ast.name.text, ast)
    return
  }
  const line = ThriftScope.at(ThriftScope.position(scope, other.name.span))
  const message = `${owner.label} has a field \`${ast.name.text}\` already (${line}); expected another name`
  ThriftScope.report(scope, ast.name.span, message)
}

const requirednessOf = (scope: ThriftScope.Scope, owner: Owner, ast: Ast.Field): Ir.Requiredness => {
  if (!owner.isUnion) return ast.requiredness
  if (ast.requiredness === "required") {
    const message = `field \`${ast.name.text}\` of a union cannot be required, for a union holds one field; expected none`
    ThriftScope.report(scope, ast.name.span, message)
  }
  return "optional"
}

/** The fields without their defaults, which are added to `pending`. */
export const make = (
  scope: ThriftScope.Scope,
  owner: Owner,
  asts: ReadonlyArray<Ast.Field>,
  pending: Array<PendingDefault>
): ReadonlyArray<Ir.Field> => {
  const ids: Ids = { taken: new Map(), next: -1 }
  const names = new Map<string, Ast.Field>()
  let hasDefault = false
  return asts.map((ast) => {
    checkName(scope, owner, ast, names)
    const field: ThriftScope.Mutable<Ir.Field> = {
      name: ast.name.text,
      doc: ast.doc,
      annotations: ast.annotations,
      position: ThriftScope.position(scope, ast.name.span),
      id: idOf(scope, owner, ast, ids),
      requiredness: requirednessOf(scope, owner, ast),
      type: ThriftTypes.resolve(scope, ast.type),
      default: undefined
    }
    if (ast.default !== undefined) {
      if (owner.isUnion && hasDefault) {
        ThriftScope.report(scope, ast.default.span, `${owner.label} has a default already; expected one at most`)
      }
      hasDefault = true
      pending.push({ field, value: ast.default, scope })
    }
    return field
  })
}

/** Checks the defaults, once all types are known. */
export const checkDefaults = (run: ThriftConstants.Run, pending: ReadonlyArray<PendingDefault>): void => {
  for (const { field, value, scope } of pending) {
    field.default = ThriftConstants.check(ThriftConstants.context(scope, run), field.type, value)
  }
}
