/** The message types of .proto files at run time, from the IDL alone: for the command line, and for whoever has no generated code. */
import * as Extension from "../grpc/ProtobufExtension.ts"
import * as DynamicMessage from "../grpc/ProtobufDynamicMessage.ts"
import { type Registry, wellKnown } from "../grpc/ProtobufRegistry.ts"
import * as Type from "../grpc/ProtobufType.ts"
import type * as ProtoIr from "./ProtoIr.ts"

/** All messages and extensions of the files, besides the well-known types, which keep their natural forms. */
export const registryOf = (files: ReadonlyArray<ProtoIr.File>): Registry => {
  const types = new Types()
  const messages = new Map(wellKnown.messages)
  const extensions = new Map<string, Map<string, Extension.Any>>()
  const extend = (extension: ProtoIr.Extension): void => {
    const { fullName } = extension.extendee
    const known = extensions.get(fullName) ?? new Map<string, Extension.Any>()
    known.set(extension.jsonName, Extension.single(fullName, types.fieldOf(extension)))
    extensions.set(fullName, known)
  }
  const addAll = (scope: Pick<ProtoIr.Message, "messages" | "extensions">): void => {
    scope.extensions.forEach(extend)
    for (const message of scope.messages) {
      if (!messages.has(message.fullName)) messages.set(message.fullName, types.messageOf(message))
      addAll(message)
    }
  }
  files.forEach(addAll)
  return { messages, extensions }
}

/** Messages may refer to each other in a circle, so each is made once and its fields when they are first asked for. */
class Types {
  private readonly known = new Map<ProtoIr.Message, Type.AnyMessage>()

  messageOf(message: ProtoIr.Message): Type.AnyMessage {
    const known = wellKnown.messages.get(message.fullName) ?? this.known.get(message)
    if (known !== undefined) return known
    let fields: Type.Fields | undefined
    const made = DynamicMessage.make({
      name: message.fullName,
      isDemanding: isDemanding(message, new Set()),
      fields: () => (fields ??= message.fields.map((field) => this.fieldOf(field)).sort((a, b) => a.number - b.number))
    })
    this.known.set(message, made)
    return made
  }

  fieldOf(field: ProtoIr.Field): Type.Field {
    const { type } = field
    const single = type.kind === "list" ? type.element : type.kind === "map" ? type.value : type
    return {
      number: field.id,
      name: field.name,
      key: field.name,
      jsonName: field.jsonName,
      cardinality: cardinalityOf(field),
      type: this.typeOf(field, single),
      mapKey: type.kind === "map" ? (Type[scalarOf(field, type.key.name)] as Type.Scalar) : undefined,
      // A space keeps the oneof's name apart from those of fields.
      oneof: field.oneof === undefined ? undefined : ` ${field.oneof.name}`
    }
  }

  private typeOf(field: ProtoIr.Field, type: ProtoIr.Single): Type.Type {
    switch (type.kind) {
      case "scalar":
        return Type[scalarOf(field, type.name)]
      case "enum":
        return enumOf(type.enum)
      case "message":
        return field.delimited && field.type.kind !== "map"
          ? Type.group(this.messageOf(type.message))
          : Type.message(this.messageOf(type.message))
    }
  }
}

const cardinalityOf = (field: ProtoIr.Field): Type.Cardinality => {
  if (field.type.kind === "map") return "map"
  if (field.type.kind === "list") return field.packed ? "packed" : "list"
  return field.presence
}

const scalarOf = (field: ProtoIr.Field, name: ProtoIr.ScalarName) =>
  name === "string" && !field.validateUtf8 ? "anyString" : name

const enumOf = (declared: ProtoIr.Enum): Type.Type => {
  const members = Object.fromEntries(declared.members.map(({ name, value }) => [name, value]))
  return declared.closed ? Type.closedEnum(declared.fullName, members) : Type.openEnum(declared.fullName, members)
}

/** Whether it, or a message within it, has a required field. */
const isDemanding = (message: ProtoIr.Message, seen: Set<ProtoIr.Message>): boolean => {
  if (seen.has(message)) return false
  seen.add(message)
  return message.fields.some(({ presence, type }) => {
    if (presence === "required") return true
    const single = type.kind === "list" ? type.element : type.kind === "map" ? type.value : type
    return single.kind === "message" && isDemanding(single.message, seen)
  })
}
