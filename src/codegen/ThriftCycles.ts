/**
 * Circles that no value could ever come out of: defaults that need themselves, and required fields that do.
 */
import type * as Ir from "./Ir.ts"
import type { Span } from "./Source.ts"
import type * as ThriftFields from "./ThriftFields.ts"
import * as ThriftScope from "./ThriftScope.ts"
import * as ThriftTypes from "./ThriftTypes.ts"

interface Visit<Node> {
  readonly node: Node
  readonly next: Array<Node>
}

/** Calls `found` once for each way back to a node that is on the path. With its own stack, for paths may be long. */
const search = <Node>(
  roots: Iterable<Node>,
  next: (node: Node) => Array<Node>,
  found: (circle: ReadonlyArray<Node>) => void
): void => {
  const seen = new Set<Node>()
  const open = new Set<Node>()
  const stack: Array<Visit<Node>> = []
  const enter = (node: Node): void => {
    seen.add(node)
    open.add(node)
    stack.push({ node, next: next(node) })
  }
  for (const root of roots) {
    if (!seen.has(root)) enter(root)
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const node = top.next.pop()
      if (node === undefined) {
        open.delete(top.node)
        stack.pop()
      } else if (open.has(node)) {
        found(stack.slice(stack.findIndex((each) => each.node === node)).map((each) => each.node))
      } else if (!seen.has(node)) enter(node)
    }
  }
}

const path = (names: ReadonlyArray<string>): string => {
  const shown = names.length > 8 ? [...names.slice(0, 4), "...", ...names.slice(-3)] : names
  return [...shown, names[0]!].map((name) => (name === "..." ? name : `\`${name}\``)).join(" -> ")
}

/** What has to be there before a value is: the defaults of what it leaves out, and the constants that it names. */
const needsOf = (value: Ir.Value, into: Array<Ir.Field | Ir.Constant>): void => {
  switch (value.kind) {
    case "constant":
      into.push(value.constant)
      break
    case "list":
      for (const element of value.elements) needsOf(element, into)
      break
    case "map":
      for (const [key, entry] of value.entries) {
        needsOf(key, into)
        needsOf(entry, into)
      }
      break
    case "message": {
      const given = new Set(value.fields.map(([field]) => field))
      for (const [, entry] of value.fields) needsOf(entry, into)
      if (value.message.kind === "union") break
      for (const field of value.message.fields) if (field.default !== undefined && !given.has(field)) into.push(field)
    }
  }
}

/** Reports defaults that fill in themselves: to make such a value would never end. */
export const checkDefaults = (pending: ReadonlyArray<ThriftFields.PendingDefault>): void => {
  const places = new Map<Ir.Field | Ir.Constant, ThriftFields.PendingDefault>()
  for (const each of pending) places.set(each.field, each)
  const next = (node: Ir.Field | Ir.Constant): Array<Ir.Field | Ir.Constant> => {
    const needs: Array<Ir.Field | Ir.Constant> = []
    const value = "id" in node ? node.default : node.value
    if (value !== undefined) needsOf(value, needs)
    return needs.reverse()
  }
  search(places.keys(), next, (circle) => {
    const place = circle.map((each) => places.get(each)).find((each) => each !== undefined)
    if (place === undefined) return
    const message = `the default of \`${place.field.name}\` needs itself: ${path(circle.map((each) => each.name))}`
    ThriftScope.report(place.scope, place.value.span, message)
  })
}

/** Warns of structs that hold themselves in required fields, so that there can be no value of them. */
export const checkRequired = (
  declared: Iterable<{ readonly message: Ir.Message; readonly scope: ThriftScope.Scope; readonly span: Span }>
): void => {
  const places = new Map([...declared].map((each) => [each.message, each]))
  const next = (message: Ir.Message): Array<Ir.Message> =>
    message.fields.flatMap((field) => {
      if (field.requiredness !== "required" || field.default !== undefined) return []
      const type = ThriftTypes.dereference(field.type)
      return type.kind === "message" && type.message.kind !== "union" ? [type.message] : []
    })
  search(places.keys(), next, (circle) => {
    const place = places.get(circle[0]!)
    if (place === undefined) return
    const message = `no value of \`${place.message.name}\` can be made, for its required fields need one`
    const circled = `${message}: ${path(circle.map((each) => each.name))}`
    ThriftScope.report(place.scope, place.span, circled, "warning")
  })
}
