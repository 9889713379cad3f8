/** Which options outlive the source: those whose own `retention` option does not say RETENTION_SOURCE. */
import type * as ProtoIr from "./ProtoIr.ts"

const isOfSource = (field: ProtoIr.Field): boolean =>
  field.options.fields.some(
    ([{ fullName }, value]) =>
      fullName === "google.protobuf.FieldOptions.retention" &&
      value.kind === "enum" &&
      value.member.name === "RETENTION_SOURCE"
  )

const ofValue = (value: ProtoIr.Value): ProtoIr.Value => {
  switch (value.kind) {
    case "message":
      return runtime(value)
    case "list":
      return { ...value, elements: value.elements.map(ofValue) }
    case "map":
      return { ...value, entries: value.entries.map(([key, content]) => [key, ofValue(content)]) }
    default:
      return value
  }
}

/** The options without those of the source, also within messages that options are. What an Any holds stays as it is. */
export const runtime = (options: ProtoIr.MessageValue): ProtoIr.MessageValue => ({
  ...options,
  fields: options.fields.flatMap(([field, value]) => (isOfSource(field) ? [] : [[field, ofValue(value)] as const]))
})
