/**
 * First pass over a file: every declaration gets its place in the IR and its full name, types still unresolved.
 */
import type * as Ast from "./ProtoAst.ts"
import * as ProtoFeatures from "./ProtoFeatures.ts"
import type * as ProtoIr from "./ProtoIr.ts"
import * as ProtoScope from "./ProtoScope.ts"
import type { Mutable, Scope } from "./ProtoScope.ts"

type Features = ProtoFeatures.Features

/** Where a declaration stands. */
interface Place {
  readonly scope: Scope
  /** The full name around it. */
  readonly container: string
  readonly parent: Mutable<ProtoIr.Message> | undefined
  readonly features: Features
}

/** Stands for options until they are interpreted, and for types that cannot be resolved. */
export const nothing: ProtoIr.Message = {
  kind: "message",
  name: "?",
  fullName: "?",
  nestedName: "?",
  visibility: undefined,
  doc: "",
  position: { file: "", line: 1, column: 1 },
  get options(): ProtoIr.Options {
    return { kind: "message", message: nothing, fields: [] }
  },
  get file(): ProtoIr.File {
    throw new Error("nothing stands in no file")
  },
  parent: undefined,
  fields: [],
  oneofs: [],
  messages: [],
  enums: [],
  extensions: [],
  extensionRanges: [],
  reservedRanges: [],
  reservedNames: [],
  messageSet: false
}

const noOptions: ProtoIr.Options = { kind: "message", message: nothing, fields: [] }

const base = ({ container, scope }: Place, { doc, name }: Ast.Declared) => ({
  name: name.text,
  fullName: ProtoScope.join(container, name.text),
  doc,
  position: ProtoScope.position(scope, name.span),
  options: noOptions
})

const optioned = (
  { container, scope }: Place,
  kind: ProtoScope.OptionKind,
  ast: ReadonlyArray<Ast.Option>,
  target: { options: ProtoIr.Options }
): void => {
  scope.optioned.push({ kind, ast, target, container })
}

/** lowerCamelCase as protoc has it: an underscore goes, and the letter behind it is a capital. */
export const toJsonName = (name: string): string => name.replace(/_+(.?)/g, (_, next: string) => next.toUpperCase())

const explicitJsonName = ({ options }: Ast.Field): string | undefined => {
  const option = options.find(({ parts }) => parts.length === 1 && parts[0]!.text === "json_name")
  return option?.value.kind === "string" ? new TextDecoder().decode(option.value.bytes) : undefined
}

/** A field as far as it is known without its type. */
const fieldOf = (place: Place, ast: Ast.Field, features: Features): Mutable<ProtoIr.Field> => ({
  ...base(place, ast),
  kind: "field",
  id: Number(ast.number.value),
  type: { kind: "message", message: nothing },
  presence: features.presence,
  packed: false,
  delimited: false,
  validateUtf8: features.validateUtf8,
  oneof: undefined,
  jsonName: explicitJsonName(ast) ?? toJsonName(ast.name.text),
  default: undefined,
  proto3Optional: place.scope.file.edition === "proto3" && ast.label?.text === "optional",
  group: ast.type.kind === "group"
})

const declareField = (
  place: Place,
  ast: Ast.Field,
  oneof: Mutable<ProtoIr.Oneof> | undefined
): ProtoScope.DeclaredField => {
  const { container, scope } = place
  const features = ProtoFeatures.within(place.features, ast.options)
  const field = fieldOf(place, ast, features)
  field.oneof = oneof
  ProtoScope.declare(scope, field.fullName, ast.name.span, { kind: "field" })
  optioned(place, "FieldOptions", ast.options, field)
  if (ast.group !== undefined && place.parent !== undefined) {
    place.parent.messages = [...place.parent.messages, declareMessage(place, ast.group)]
  }
  if (ast.type.kind === "map") {
    const name = ast.name.text.replace(/_+(.?)/g, (_, next: string) => next.toUpperCase())
    const entry = `${name.charAt(0).toUpperCase()}${name.slice(1)}Entry`
    ProtoScope.declare(scope, ProtoScope.join(container, entry), ast.name.span, { kind: "map entry" })
  }
  return { ast, field, features, container, extend: undefined }
}

const declareExtend = (place: Place, extend: Ast.Extend): ReadonlyArray<Mutable<ProtoIr.Extension>> =>
  extend.fields.map((ast) => {
    const { container, parent, scope } = place
    const features = ProtoFeatures.within(place.features, ast.options)
    const extension: Mutable<ProtoIr.Extension> = {
      ...fieldOf(place, ast, features),
      kind: "extension",
      file: scope.file,
      extendee: nothing,
      scope: parent
    }
    extension.jsonName = `[${extension.fullName}]`
    ProtoScope.declare(scope, extension.fullName, ast.name.span, { kind: "extension", extension })
    optioned(place, "FieldOptions", ast.options, extension)
    if (ast.group !== undefined) {
      const group = declareMessage(place, ast.group)
      if (parent === undefined) scope.file.messages = [...scope.file.messages, group]
      else parent.messages = [...parent.messages, group]
    }
    scope.extensions.push({ ast, field: extension, features, container, extend })
    return extension
  })

const declareOneof = (place: Place, ast: Ast.Oneof, declared: ProtoScope.DeclaredMessage): void => {
  const { message } = declared
  const oneof: Mutable<ProtoIr.Oneof> = { ...base(place, ast), message, fields: [] }
  ProtoScope.declare(place.scope, oneof.fullName, ast.name.span, { kind: "oneof" })
  optioned(place, "OneofOptions", ast.options, oneof)
  const inner = { ...place, features: ProtoFeatures.within(place.features, ast.options) }
  const fields = ast.fields.map((each) => declareField(inner, each, oneof))
  declared.fields.push(...fields)
  oneof.fields = fields.map((each) => each.field)
  message.fields = [...message.fields, ...oneof.fields]
  message.oneofs = [...message.oneofs, oneof]
}

const maximumField = 536870911

/** Bounds that protobuf can hold, whatever was written; what was is reported by the checker. */
const clamp = (value: bigint): number =>
  Number(BigInt.asIntN(32, value) === value ? value : value < 0n ? -(2n ** 31n) : 2n ** 31n - 1n)

/** A range as the IR has it; `maximum` is what `max` stands for. */
export const toRange = ({ end, start }: Ast.Range, maximum: number): ProtoIr.Range => ({
  start: clamp(start.value),
  end: end === undefined ? maximum : clamp(end.value)
})

const declareItem = (inner: Place, item: Ast.MessageItem, declared: ProtoScope.DeclaredMessage): void => {
  const { message } = declared
  switch (item.kind) {
    case "field": {
      const field = declareField(inner, item, undefined)
      declared.fields.push(field)
      message.fields = [...message.fields, field.field]
      return
    }
    case "oneof":
      return declareOneof(inner, item, declared)
    case "message":
      message.messages = [...message.messages, declareMessage(inner, item)]
      return
    case "enum":
      message.enums = [...message.enums, declareEnum(inner, item)]
      return
    case "extend":
      message.extensions = [...message.extensions, ...declareExtend(inner, item)]
      return
    case "reserved":
      message.reservedRanges = [...message.reservedRanges, ...item.ranges.map((each) => toRange(each, maximumField))]
      message.reservedNames = [...message.reservedNames, ...item.names.map((each) => each.text)]
      return
    case "extensions":
      for (const each of item.ranges) {
        const maximum = message.messageSet ? 0x7ffffffe : maximumField
        const range: Mutable<ProtoIr.ExtensionRange> = { ...toRange(each, maximum), options: noOptions }
        optioned(inner, "ExtensionRangeOptions", item.options, range)
        message.extensionRanges = [...message.extensionRanges, range]
      }
  }
}

const isSet = (options: ReadonlyArray<Ast.Option>, name: string): boolean =>
  options.some(({ parts, value }) => {
    const isNamed = parts.length === 1 && parts[0]!.text === name && !parts[0]!.isExtension
    return isNamed && value.kind === "word" && value.text === "true"
  })

const isLocal = ({ features, parent }: Place, visibility: Ast.Visibility): boolean => {
  if (visibility !== undefined) return visibility.text === "local"
  if (features.visibility === "none") return true
  return parent !== undefined && (features.visibility === "topLevel" || features.visibility === "strict")
}

const nestedName = ({ parent }: Place, name: string): string =>
  parent === undefined ? name : `${parent.nestedName}.${name}`

const declareMessage = (place: Place, ast: Ast.Message): Mutable<ProtoIr.Message> => {
  const { parent, scope } = place
  const features = ProtoFeatures.within(place.features, ast.options)
  const message: Mutable<ProtoIr.Message> = {
    ...base(place, ast),
    kind: "message",
    file: scope.file,
    parent,
    nestedName: nestedName(place, ast.name.text),
    visibility: ast.visibility?.text,
    fields: [],
    oneofs: [],
    messages: [],
    enums: [],
    extensions: [],
    extensionRanges: [],
    reservedRanges: [],
    reservedNames: [],
    messageSet: isSet(ast.options, "message_set_wire_format")
  }
  const isHidden = isLocal(place, ast.visibility)
  const declared: ProtoScope.DeclaredMessage = { ast, message, features, fields: [], isLocal: isHidden }
  scope.messages.push(declared)
  ProtoScope.declare(scope, message.fullName, ast.name.span, { kind: "message", declared })
  optioned(place, "MessageOptions", ast.options, message)
  const inner: Place = { scope, container: message.fullName, parent: message, features }
  for (const item of ast.items) declareItem(inner, item, declared)
  return message
}

const declareEnum = (place: Place, ast: Ast.Enum): Mutable<ProtoIr.Enum> => {
  const { container, parent, scope } = place
  const features = ProtoFeatures.within(place.features, ast.options)
  const result: Mutable<ProtoIr.Enum> = {
    ...base(place, ast),
    kind: "enum",
    file: scope.file,
    parent,
    nestedName: nestedName(place, ast.name.text),
    visibility: ast.visibility?.text,
    closed: !features.openEnum,
    allowAlias: isSet(ast.options, "allow_alias"),
    members: [],
    reservedRanges: ast.reserved.flatMap((each) => each.ranges.map((range) => toRange(range, 0x7fffffff))),
    reservedNames: ast.reserved.flatMap((each) => each.names.map((name) => name.text))
  }
  const declared = { ast, enum: result, features, isLocal: isLocal(place, ast.visibility) }
  scope.enums.push(declared)
  ProtoScope.declare(scope, result.fullName, ast.name.span, { kind: "enum", declared })
  optioned(place, "EnumOptions", ast.options, result)
  result.members = ast.members.map((each) => {
    const member = { ...base(place, each), value: clamp(each.number.value) }
    ProtoScope.declare(scope, ProtoScope.join(container, each.name.text), each.name.span, { kind: "value" })
    optioned(place, "EnumValueOptions", each.options, member)
    return member
  })
  return result
}

const declareService = (place: Place, ast: Ast.Service): Mutable<ProtoIr.Service> => {
  const { scope } = place
  const service: Mutable<ProtoIr.Service> = { ...base(place, ast), file: scope.file, methods: [] }
  scope.services.push({ ast, service })
  ProtoScope.declare(scope, service.fullName, ast.name.span, { kind: "service" })
  optioned(place, "ServiceOptions", ast.options, service)
  const inner = { ...place, container: service.fullName }
  service.methods = ast.methods.map((each) => {
    const method: Mutable<ProtoIr.Method> = {
      ...base(inner, each),
      input: nothing,
      output: nothing,
      clientStreaming: each.clientStreaming,
      serverStreaming: each.serverStreaming,
      idempotency: "unknown",
      errors: []
    }
    ProtoScope.declare(scope, method.fullName, each.name.span, { kind: "method" })
    optioned(inner, "MethodOptions", each.options, method)
    return method
  })
  return service
}

const declarePackage = (scope: Scope): void => {
  const name = scope.unit.document.package
  if (name === undefined) return
  const steps = name.text.split(".")
  for (let length = 1; length <= steps.length; length++) {
    ProtoScope.declare(scope, steps.slice(0, length).join("."), name.span, { kind: "package" })
  }
}

/** Declares all that a file holds. */
export const file = (scope: Scope): void => {
  const { document } = scope.unit
  declarePackage(scope)
  const place: Place = { scope, container: scope.package, parent: undefined, features: scope.features }
  optioned(place, "FileOptions", document.options, scope.file)
  for (const item of document.items) {
    if (item.kind === "message") scope.file.messages = [...scope.file.messages, declareMessage(place, item)]
    if (item.kind === "enum") scope.file.enums = [...scope.file.enums, declareEnum(place, item)]
    if (item.kind === "extend") scope.file.extensions = [...scope.file.extensions, ...declareExtend(place, item)]
    if (item.kind === "service") scope.file.services = [...scope.file.services, declareService(place, item)]
  }
}
