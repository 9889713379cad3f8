/**
 * Extension ranges that say which extensions they are for: what their option `declaration` demands of an extension.
 */
import type * as ProtoIr from "./ProtoIr.ts"
import * as ProtoOptions from "./ProtoOptions.ts"

const entriesOf = (range: ProtoIr.ExtensionRange): ReadonlyArray<ProtoIr.MessageValue> => {
  const list = ProtoOptions.get(range.options, "declaration")
  return list?.kind === "list" ? list.elements.filter((each) => each.kind === "message") : []
}

const text = (entry: ProtoIr.MessageValue, name: string): string | undefined => {
  const value = ProtoOptions.get(entry, name)
  return value?.kind === "string" ? value.value : undefined
}

const isTrue = (entry: ProtoIr.MessageValue, name: string): boolean => {
  const value = ProtoOptions.get(entry, name)
  return value?.kind === "bool" && value.value
}

const typeName = (type: ProtoIr.Type): string => {
  if (type.kind === "list") return typeName(type.element)
  if (type.kind === "scalar") return type.name === "binary" ? "bytes" : type.name
  if (type.kind === "map") return ""
  return `.${type.kind === "enum" ? type.enum.fullName : type.message.fullName}`
}

const mismatch = (field: ProtoIr.Extension, entry: ProtoIr.MessageValue): string | undefined => {
  if (isTrue(entry, "reserved")) return `${field.extendee.fullName} reserves extension ${field.id}`
  const name = text(entry, "full_name")
  const type = text(entry, "type")
  const wanted = `${field.extendee.fullName} declares extension ${field.id}`
  if (name !== undefined && name !== `.${field.fullName}`) return `${wanted} as ${name}, not .${field.fullName}`
  const own = typeName(field.type)
  if (type !== undefined && type !== own) return `${wanted} to be of type ${type}, not ${own}`
  const isRepeated = field.type.kind === "list"
  if (isTrue(entry, "repeated") === isRepeated) return undefined
  return `${wanted} to be ${isRepeated ? "singular" : "repeated"}`
}

/** Why the range that it falls into does not take an extension, or undefined. */
export const fault = (field: ProtoIr.Extension): string | undefined => {
  const range = field.extendee.extensionRanges.find(({ end, start }) => start <= field.id && field.id <= end)
  if (range === undefined) return undefined
  const entries = entriesOf(range)
  const state = ProtoOptions.get(range.options, "verification")
  const isStrict = entries.length > 0 || (state?.kind === "enum" && state.member.name === "DECLARATION")
  if (!isStrict) return undefined
  const entry = entries.find((each) => {
    const number = ProtoOptions.get(each, "number")
    return number?.kind === "int" && Number(number.value) === field.id
  })
  return entry === undefined
    ? `${field.extendee.fullName} has to declare extension ${field.id} at its extension range`
    : mismatch(field, entry)
}
