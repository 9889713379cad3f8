/**
 * The part of the grammar that nests: messages, enums, extensions and all that stands in them.
 */
import type * as Ast from "./ProtoAst.ts"
import { Unexpected } from "./Cursor.ts"
import type { Cursor } from "./ProtoCursor.ts"
import * as ProtoOptionParser from "./ProtoOptionParser.ts"

type Edition = Ast.Document["edition"]

/** How deep messages may nest. */
export const maximumDepth = 64

const isEdition = (edition: Edition): boolean => edition !== "proto2" && edition !== "proto3"

const label = (cursor: Cursor, edition: Edition): Ast.Field["label"] => {
  const { end, start, text } = cursor.peek()
  if (cursor.peek().kind !== "word") return undefined
  if (text !== "optional" && text !== "required" && text !== "repeated") return undefined
  cursor.take()
  const span = { start, end }
  if (text === "required" && edition === "proto3") {
    cursor.report(span, "proto3 has no `required`; leave it out")
  } else if (text === "required" && isEdition(edition)) {
    cursor.report(span, "editions have no `required`; write `[features.field_presence = LEGACY_REQUIRED]`")
  } else if (text === "optional" && isEdition(edition)) {
    cursor.report(
      span,
      "editions have no `optional`; leave it out: a field's presence is a feature, explicit by default"
    )
  }
  return { text, span }
}

const typeOf = (cursor: Cursor): Ast.Type => {
  const start = cursor.peek().start
  if (cursor.isWord("group")) {
    cursor.take()
    return { kind: "group", span: cursor.spanFrom(start) }
  }
  if (!cursor.isWord("map") || !cursor.isSymbol("<", 1)) {
    return { kind: "named", name: cursor.expectDotted("a field's type", true) }
  }
  cursor.take()
  cursor.take()
  const key = cursor.expectDotted("the map's key type", true)
  cursor.expectSymbol(",", "between the map's key and value type")
  const value = cursor.expectDotted("the map's value type", true)
  cursor.expectSymbol(">", "after the map's value type")
  return { kind: "map", key, value, span: cursor.spanFrom(start) }
}

interface FieldPlace {
  readonly edition: Edition
  readonly depth: number
  readonly where: "message" | "oneof" | "extend"
}

const checkLabel = (cursor: Cursor, place: FieldPlace, found: Ast.Field["label"], type: Ast.Type): void => {
  const { edition, where } = place
  if (where === "oneof") {
    if (found !== undefined) cursor.report(found.span, "a field of a oneof has no label; leave it out")
    if (type.kind === "map") cursor.report(type.span, "a oneof cannot hold a map; put it into a message of its own")
    return
  }
  if (type.kind === "map") {
    if (where === "extend") cursor.report(type.span, "a map cannot be an extension; put it into a message of its own")
    if (found !== undefined) cursor.report(found.span, `a map has no label; leave \`${found.text}\` out`)
    return
  }
  if (found !== undefined || edition !== "proto2") return
  const span = type.kind === "named" ? type.name.span : type.span
  cursor.report(span, "expected `optional`, `required` or `repeated` before the type, as proto2 demands")
}

const groupBody = (cursor: Cursor, place: FieldPlace, name: Ast.Name, doc: string): Ast.Message => {
  if (!/^[A-Z]/.test(name.text)) cursor.report(name.span, "a group's name begins with a capital letter")
  const body = messageBody(cursor, place.edition, place.depth + 1, `group \`${name.text}\``)
  return { kind: "message", name, doc, visibility: undefined, ...body }
}

const field = (cursor: Cursor, place: FieldPlace): Ast.Field => {
  const before = cursor.doc()
  const found = label(cursor, place.edition)
  const type = typeOf(cursor)
  checkLabel(cursor, place, found, type)
  const name = cursor.expectName("the field's name")
  cursor.expectSymbol("=", "and a number after the field's name")
  const number = cursor.expectInt("the field's number", false)
  const options = ProtoOptionParser.bracketed(cursor)
  const base = { kind: "field" as const, label: found, type, number, options }
  if (type.kind !== "group") {
    cursor.expectSymbol(";", "after the field")
    return { ...base, name, doc: cursor.docOr(before), group: undefined }
  }
  if (place.edition !== "proto2") {
    const instead = isEdition(place.edition) ? "`[features.message_encoding = DELIMITED]`" : "a message"
    cursor.report(type.span, `groups are proto2's; use ${instead}`)
  }
  const group = groupBody(cursor, place, name, before)
  return { ...base, name: { ...name, text: name.text.toLowerCase() }, doc: before, group }
}

/** A block without items is an error of its own, unless the items had errors: `told` findings there were before it. */
const demandOne = (
  cursor: Cursor,
  items: ReadonlyArray<unknown>,
  told: number,
  name: Ast.Name,
  message: string
): void => {
  if (items.length === 0 && cursor.diagnostics.length === told) cursor.report(name.span, message)
}

const oneof = (cursor: Cursor, edition: Edition, depth: number): Ast.Oneof => {
  const before = cursor.doc()
  cursor.take()
  const name = cursor.expectName("the oneof's name")
  const options: Array<Ast.Option> = []
  const told = cursor.diagnostics.length
  const fields = cursor.block(
    `oneof \`${name.text}\``,
    () => {
      if (!cursor.isWord("option")) return field(cursor, { edition, depth, where: "oneof" })
      options.push(ProtoOptionParser.statement(cursor))
      return undefined
    },
    false
  )
  demandOne(cursor, fields, told, name, "a oneof holds at least one field")
  return { kind: "oneof", name, doc: before, options, fields }
}

const extend = (cursor: Cursor, edition: Edition, depth: number): Ast.Extend => {
  cursor.take()
  const extendee = cursor.expectDotted("the name of the message to extend", true)
  const told = cursor.diagnostics.length
  const parse = (): Ast.Field => field(cursor, { edition, depth, where: "extend" })
  const fields = cursor.block(`the extension of \`${extendee.text}\``, parse, false)
  demandOne(cursor, fields, told, extendee, "`extend` holds at least one field")
  return { kind: "extend", extendee, fields }
}

const range = (cursor: Cursor, signed: boolean): Ast.Range => {
  const start = cursor.expectInt("a number", signed)
  let end: Ast.Int | undefined = start
  if (cursor.tryWord("to")) {
    end = cursor.tryWord("max") ? undefined : cursor.expectInt("the range's last number, or `max`", signed)
  }
  return { start, end, span: cursor.spanFrom(start.span.start) }
}

const ranges = (cursor: Cursor, signed: boolean): ReadonlyArray<Ast.Range> => {
  const found = [range(cursor, signed)]
  while (cursor.trySymbol(",")) found.push(range(cursor, signed))
  return found
}

const extensions = (cursor: Cursor): Ast.ExtensionRanges => {
  cursor.take()
  const found = ranges(cursor, false)
  const options = ProtoOptionParser.bracketed(cursor)
  cursor.expectSymbol(";", "after the extension range")
  return { kind: "extensions", ranges: found, options }
}

type ReservedName = Ast.Reserved["names"][number]

const reservedName = (cursor: Cursor, isQuoted: boolean): ReservedName => {
  if (isQuoted) return { ...cursor.expectText("a name in quotes"), isQuoted }
  return { ...cursor.expectName("a name"), isQuoted }
}

const reserved = (cursor: Cursor, edition: Edition, signed: boolean): Ast.Reserved => {
  cursor.take()
  const { kind } = cursor.peek()
  const names: Array<ReservedName> = []
  let numbers: ReadonlyArray<Ast.Range> = []
  if (kind === "string" || kind === "word") {
    do names.push(reservedName(cursor, kind === "string"))
    while (cursor.trySymbol(","))
  } else {
    if (kind !== "int" && !cursor.isSymbol("-")) cursor.fail("numbers or names to reserve")
    numbers = ranges(cursor, signed)
  }
  for (const { isQuoted, span, text } of names) {
    if (isQuoted && isEdition(edition)) cursor.report(span, `in editions a reserved name has no quotes; write ${text}`)
    if (!isQuoted && !isEdition(edition)) cursor.report(span, `a reserved name stands in quotes; write "${text}"`)
  }
  cursor.expectSymbol(";", "after what is reserved")
  return { kind: "reserved", ranges: numbers, names }
}

const messageItem = (cursor: Cursor, edition: Edition, depth: number): Ast.MessageItem => {
  const declared = declaration(cursor, edition, depth + 1)
  if (declared !== undefined) return declared
  if (cursor.isWord("extensions")) return extensions(cursor)
  if (cursor.isWord("reserved")) return reserved(cursor, edition, false)
  if (cursor.isWord("oneof")) return oneof(cursor, edition, depth)
  return field(cursor, { edition, depth, where: "message" })
}

const messageBody = (
  cursor: Cursor,
  edition: Edition,
  depth: number,
  of: string
): Pick<Ast.Message, "items" | "options"> => {
  if (depth > maximumDepth) throw new Unexpected(`messages nest deeper than ${maximumDepth} levels`, cursor.peek())
  const options: Array<Ast.Option> = []
  const items = cursor.block(of, () => {
    if (!cursor.isWord("option")) return messageItem(cursor, edition, depth)
    options.push(ProtoOptionParser.statement(cursor))
    return undefined
  })
  return { items, options }
}

interface Before {
  readonly doc: string
  readonly visibility: Ast.Visibility
}

const message = (cursor: Cursor, edition: Edition, depth: number, { doc, visibility }: Before): Ast.Message => {
  cursor.take()
  const name = cursor.expectName("the message's name")
  const body = messageBody(cursor, edition, depth, `message \`${name.text}\``)
  return { kind: "message", name, doc, visibility, ...body }
}

const enumMember = (cursor: Cursor): Ast.EnumMember => {
  const before = cursor.doc()
  const name = cursor.expectName("the name of an enum's value")
  cursor.expectSymbol("=", "and a number after the name of an enum's value")
  const number = cursor.expectInt("a number", true)
  const options = ProtoOptionParser.bracketed(cursor)
  cursor.expectSymbol(";", "after the enum's value")
  return { kind: "member", name, doc: cursor.docOr(before), number, options }
}

const enumeration = (cursor: Cursor, edition: Edition, { doc, visibility }: Before): Ast.Enum => {
  cursor.take()
  const name = cursor.expectName("the enum's name")
  const options: Array<Ast.Option> = []
  const reserves: Array<Ast.Reserved> = []
  const told = cursor.diagnostics.length
  const members = cursor.block(`enum \`${name.text}\``, () => {
    if (cursor.isWord("option")) {
      options.push(ProtoOptionParser.statement(cursor))
    } else if (cursor.isWord("reserved")) {
      reserves.push(reserved(cursor, edition, true))
    } else {
      return enumMember(cursor)
    }
    return undefined
  })
  demandOne(cursor, members, told, name, "an enum has at least one value")
  return { kind: "enum", name, doc, options, members, reserved: reserves, visibility }
}

const visibilityOf = (cursor: Cursor, edition: Edition): Ast.Visibility => {
  const { end, start, text } = cursor.peek()
  if (text !== "export" && text !== "local") return undefined
  if (!cursor.isWord("message", 1) && !cursor.isWord("enum", 1)) return undefined
  cursor.take()
  const span = { start, end }
  if (!isEdition(edition) || edition === "2023") cursor.report(span, `\`${text}\` needs edition 2024 or later`)
  return { text, span }
}

/** message, enum or extend, which stand at the top of a file and in messages; undefined where none begins. */
export const declaration = (
  cursor: Cursor,
  edition: Edition,
  depth: number
): Ast.Message | Ast.Enum | Ast.Extend | undefined => {
  const before: Before = { doc: cursor.doc(), visibility: visibilityOf(cursor, edition) }
  if (cursor.isWord("message")) return message(cursor, edition, depth, before)
  if (cursor.isWord("enum")) return enumeration(cursor, edition, before)
  if (cursor.isWord("extend")) return extend(cursor, edition, depth)
  return undefined
}
