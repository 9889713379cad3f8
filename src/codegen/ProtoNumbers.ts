/**
 * Numbers of fields and ranges: their bounds, what is taken twice, what is reserved.
 */
import type * as Ast from "./ProtoAst.ts"
import { toRange } from "./ProtoDeclare.ts"
import type * as ProtoIr from "./ProtoIr.ts"
import * as ProtoScope from "./ProtoScope.ts"
import type { DeclaredField, DeclaredMessage, Scope } from "./ProtoScope.ts"
import * as ProtoWords from "./ProtoWords.ts"
import type { Span } from "./Source.ts"

/** The largest number of a field. */
export const maximum = 536870911
const messageSetMaximum = 0x7ffffffe

interface PlacedRange extends ProtoIr.Range {
  readonly what: "reserved" | "an extension range"
  readonly span: Span
}

/** Whether the number is one that a field may have; reports it where not. */
export const checkBounds = (scope: Scope, { number }: Ast.Field, isMessageSet = false): boolean => {
  const { span, value } = number
  const most = isMessageSet ? messageSetMaximum : maximum
  if (value < 1n || value > BigInt(most)) {
    ProtoScope.report(scope, span, `a field's number goes from 1 to ${most}, not ${value}`)
    return false
  }
  if (value < 19000n || value > 19999n) return true
  ProtoScope.report(scope, span, "19000 to 19999 are kept for protobuf itself; expected another number")
  return false
}

const checkRange = (scope: Scope, range: Ast.Range, least: bigint, most: bigint): boolean => {
  const { end, start } = range
  for (const each of [start, ...(end === undefined ? [] : [end])]) {
    if (each.value >= least && each.value <= most) continue
    ProtoScope.report(scope, each.span, `a range goes from ${least} to ${most} at most, not ${each.value}`)
    return false
  }
  if (end === undefined || end.value >= start.value) return true
  ProtoScope.report(scope, range.span, `a range begins with its smaller number; write ${end.value} to ${start.value}`)
  return false
}

const overlap = (a: ProtoIr.Range, b: ProtoIr.Range): boolean => a.start <= b.end && b.start <= a.end

/** Each range against those before it. */
const checkOverlaps = (scope: Scope, ranges: ReadonlyArray<PlacedRange>): void => {
  const sorted = [...ranges].sort((a, b) => a.start - b.start)
  for (const [index, range] of sorted.entries()) {
    const before = sorted[index - 1]
    if (before === undefined || !overlap(before, range)) continue
    const [first, second] = before.span.start < range.span.start ? [before, range] : [range, before]
    const line = ProtoScope.position(scope, first.span).line
    const other = `${ProtoWords.range(first)} of line ${line}, which is ${first.what}`
    ProtoScope.report(scope, second.span, `${ProtoWords.range(second)} overlaps with ${other}`)
  }
}

const rangesOf = (scope: Scope, { ast, message }: DeclaredMessage): ReadonlyArray<PlacedRange> =>
  ast.items.flatMap((item): ReadonlyArray<PlacedRange> => {
    if (item.kind !== "reserved" && item.kind !== "extensions") return []
    const isExtension = item.kind === "extensions"
    // What is reserved may lie beyond what a field can have.
    const most = isExtension && !message.messageSet ? maximum : messageSetMaximum
    return item.ranges
      .filter((each) => checkRange(scope, each, 1n, BigInt(most)))
      .map((each) => ({
        ...toRange(each, isExtension ? most : maximum),
        what: isExtension ? "an extension range" : "reserved",
        span: each.span
      }))
  })

/** The smallest number that nothing has. */
const nextFree = (message: ProtoIr.Message, ranges: ReadonlyArray<PlacedRange>): number => {
  const taken = new Set(message.fields.map((field) => field.id))
  for (let number = 1; ; number++) {
    if (number === 19000) number = 20000
    const range = ranges.find((each) => each.start <= number && number <= each.end)
    if (range !== undefined) number = range.end
    else if (!taken.has(number)) return number
    if (number >= maximum) return maximum
  }
}

const checkNames = (scope: Scope, { ast, message }: DeclaredMessage): void => {
  const seen = new Set<string>()
  for (const item of ast.items) {
    if (item.kind === "reserved") checkReservedNames(scope, item.names, seen)
  }
  checkReserved(scope, ast.items.flatMap(namesOf), new Set(message.reservedNames))
}

const namesOf = (item: Ast.MessageItem): ReadonlyArray<Ast.Name> => {
  if (item.kind === "field") return [item.name]
  return item.kind === "oneof" ? item.fields.map((field) => field.name) : []
}

/** Names that are reserved twice, or are none. */
export const checkReservedNames = (scope: Scope, names: Ast.Reserved["names"], seen: Set<string>): void => {
  for (const { span, text } of names) {
    if (seen.has(text)) ProtoScope.report(scope, span, `\`${ProtoWords.describe(text)}\` is reserved already`)
    seen.add(text)
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) continue
    const message = "this is no name that a field could have; reserve numbers without quotes"
    ProtoScope.report(scope, span, message, "warning")
  }
}

/** Names in use that are reserved. */
export const checkReserved = (scope: Scope, names: ReadonlyArray<Ast.Name>, reserved: ReadonlySet<string>): void => {
  for (const { span, text } of names) {
    if (reserved.has(text)) ProtoScope.report(scope, span, `the name \`${text}\` is reserved; expected another`)
  }
}

const checkField = (
  scope: Scope,
  { message }: DeclaredMessage,
  { ast, field }: DeclaredField,
  taken: Map<number, DeclaredField>,
  ranges: ReadonlyArray<PlacedRange>
): void => {
  if (!checkBounds(scope, ast)) return
  const other = taken.get(field.id)
  const suggestion = (): string => `the next free number is ${nextFree(message, ranges)}`
  if (other !== undefined) {
    const message = `\`${other.field.name}\` has number ${field.id} already; ${suggestion()}`
    return ProtoScope.report(scope, ast.number.span, message)
  }
  taken.set(field.id, { ast, field } as DeclaredField)
  const range = ranges.find((each) => each.start <= field.id && field.id <= each.end)
  if (range === undefined) return
  const where = range.what === "reserved" ? "is reserved" : "is for extensions"
  ProtoScope.report(scope, ast.number.span, `number ${field.id} ${where} (${ProtoWords.range(range)}); ${suggestion()}`)
}

/** All that a message's numbers and names may not be. */
export const checkMessage = (scope: Scope, declared: DeclaredMessage): void => {
  const ranges = rangesOf(scope, declared)
  checkOverlaps(scope, ranges)
  const taken = new Map<number, DeclaredField>()
  for (const field of declared.fields) checkField(scope, declared, field, taken, ranges)
  checkNames(scope, declared)
}

const int32Least = -(2n ** 31n)
const int32Most = 2n ** 31n - 1n

/** The same for an enum. */
export const checkEnum = (scope: Scope, { ast, enum: target }: ProtoScope.DeclaredEnum): void => {
  const ranges = ast.reserved.flatMap(({ ranges }) =>
    ranges
      .filter((each) => checkRange(scope, each, int32Least, int32Most))
      .map((each): PlacedRange => ({ ...toRange(each, Number(int32Most)), what: "reserved", span: each.span }))
  )
  checkOverlaps(scope, ranges)
  const seen = new Set<string>()
  for (const { names } of ast.reserved) checkReservedNames(scope, names, seen)
  checkReserved(
    scope,
    ast.members.map((each) => each.name),
    new Set(target.reservedNames)
  )
  for (const { number } of ast.members) {
    if (number.value < int32Least || number.value > int32Most) {
      ProtoScope.report(scope, number.span, `an enum's value is an int32, not ${number.value}`)
      continue
    }
    const value = Number(number.value)
    const range = ranges.find((each) => each.start <= value && value <= each.end)
    if (range !== undefined) {
      ProtoScope.report(
        scope,
        number.span,
        `number ${value} is reserved (${ProtoWords.range(range)}); expected another`
      )
    }
  }
}
