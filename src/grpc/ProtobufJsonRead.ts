/** From canonical JSON to values. */
import { CodecError } from "../Codec.ts"
import * as Check from "./ProtobufCheck.ts"
import * as Extension from "./ProtobufExtension.ts"
import { isMember, unknownFields } from "./ProtobufMessage.ts"
import * as Read from "./ProtobufRead.ts"
import * as Registry from "./ProtobufRegistry.ts"
import * as Scalars from "./ProtobufJsonScalar.ts"
import type * as Type from "./ProtobufType.ts"
import { Reader } from "../wire/Reader.ts"
import { wrappedTypes } from "./WellKnownWrappers.ts"

/** How JSON is read. */
export interface Options {
  /** Where types of `Any` and extensions are found. Default: the well-known types alone. */
  readonly registry?: Registry.Registry | undefined
  /** Passes over keys that the type does not know, and names that an enum does not. Default false: they are errors. */
  readonly ignoreUnknown?: boolean | undefined
}

/** Messages may nest so deep. */
const deepest = 100

interface State {
  readonly options: Options
  readonly registry: Registry.Registry
  readonly context: Type.JsonContext
  depth: number
}

const refuse = (path: string, what: string): never => {
  throw new CodecError("InvalidValue", `${path}: ${what}`)
}

/** Stands for an enum's name that is unknown and passed over. */
const ignored = Symbol("ignored")

const enumFromJson = (state: State, type: Type.Enum, json: unknown, path: string): unknown => {
  if (json === null && type.name === "google.protobuf.NullValue") return 0
  if (typeof json === "string") {
    if (Object.hasOwn(type.members, json)) return type.members[json]
    if (state.options.ignoreUnknown === true) return ignored
    return refuse(path, `"${json.slice(0, 80)}" is no member of ${type.name}`)
  }
  const number = Scalars.read("int32", json, path) as number
  if (!type.isClosed || isMember(type.members, number)) return number
  return state.options.ignoreUnknown === true ? ignored : refuse(path, `${number} is no member of ${type.name}`)
}

const singleFromJson = (state: State, type: Type.Type, json: unknown, path: string): unknown => {
  if (type.kind === "enum") return enumFromJson(state, type, json, path)
  if (type.kind === "message" || type.kind === "group") return messageFromJson(state, type.message, json, path)
  return Scalars.read(type.kind, json, path)
}

const takesNull = (type: Type.Type): boolean =>
  type.kind === "enum"
    ? type.name === "google.protobuf.NullValue"
    : type.kind === "message" && type.message.typeName === "google.protobuf.Value" && type.message.isWellKnown

const listFromJson = (state: State, field: Type.Field, json: unknown, path: string): unknown => {
  if (!Array.isArray(json)) return refuse(path, "is not an array")
  const list: Array<unknown> = []
  json.forEach((each: unknown, index) => {
    if (each === null && !takesNull(field.type)) refuse(`${path}[${index}]`, "is null, which no element may be")
    const value = singleFromJson(state, field.type, each, `${path}[${index}]`)
    if (value !== ignored) list.push(value)
  })
  return list
}

const mapFromJson = (state: State, field: Type.Field, json: unknown, path: string): unknown => {
  if (!isObject(json)) return refuse(path, "is not an object")
  const map = new Map<unknown, unknown>()
  for (const [name, each] of Object.entries(json)) {
    const at = `${path}[${JSON.stringify(name.slice(0, 80))}]`
    if (each === null && !takesNull(field.type)) refuse(at, "is null, which no value of a map may be")
    const value = singleFromJson(state, field.type, each, at)
    if (value !== ignored) map.set(Scalars.readKey(field.mapKey!.kind, name, at), value)
  }
  return map
}

const isObject = (json: unknown): json is Readonly<Record<string, unknown>> =>
  typeof json === "object" && json !== null && !Array.isArray(json)

const fieldFromJson = (state: State, field: Type.Field, json: unknown, path: string): unknown => {
  if (field.cardinality === "list" || field.cardinality === "packed") return listFromJson(state, field, json, path)
  if (field.cardinality === "map") return mapFromJson(state, field, json, path)
  return singleFromJson(state, field.type, json, path)
}

// By the message, which lives as long as its module.
const fieldMaps = new WeakMap<Type.AnyMessage, ReadonlyMap<string, Type.Field>>()

const fieldsByName = (message: Type.AnyMessage): ReadonlyMap<string, Type.Field> => {
  const known = fieldMaps.get(message)
  if (known !== undefined) return known
  const fields = message.fields()
  const made = new Map([
    ...fields.map((field) => [field.name, field] as const),
    ...fields.map((field) => [field.jsonName, field] as const)
  ])
  fieldMaps.set(message, made)
  return made
}

/** A message of no fields: what its decoder makes of no bytes, as properties. */
const emptyOf = (message: Type.AnyMessage): Record<string | symbol, unknown> => ({
  ...(message.wire.decode(new Reader(new Uint8Array(0), Read.limits)) as object)
})

const extensionFromJson = (
  state: State,
  message: Type.AnyMessage,
  name: string,
  json: unknown,
  into: Record<string | symbol, unknown>,
  path: string
): boolean => {
  const extension = state.registry.extensions.get(message.typeName)?.get(name)
  if (extension === undefined) return false
  const value = fieldFromJson(state, extension.field, json, path)
  const before = into[unknownFields] as Uint8Array | undefined
  if (value !== ignored) into[unknownFields] = Extension.put(before, extension.field, value)
  return true
}

const put = (field: Type.Field, value: unknown, into: Record<string | symbol, unknown>, path: string): void => {
  if (value === ignored) return
  if (field.oneof === undefined) {
    into[field.key] = value
    return
  }
  if (into[field.oneof] !== undefined) refuse(path, `is set beside another field of the oneof ${field.oneof}`)
  into[field.oneof] = { _tag: field.key, value }
}

const fieldsFromJson = (state: State, message: Type.AnyMessage, json: unknown, path: string): unknown => {
  if (!isObject(json)) return refuse(path, "is not an object")
  const fields = fieldsByName(message)
  const into = emptyOf(message)
  const seen = new Set<Type.Field>()
  for (const [name, each] of Object.entries(json)) {
    const field = fields.get(name)
    const at = `${path}.${name.slice(0, 80)}`
    if (field === undefined) {
      if (each !== null && name.startsWith("[") && extensionFromJson(state, message, name, each, into, at)) continue
      if (state.options.ignoreUnknown !== true) refuse(at, `is no field of ${message.typeName}`)
      continue
    }
    if (seen.has(field)) refuse(at, "is there twice, under both of its names")
    seen.add(field)
    if (each === null && !(takesNull(field.type) && !["list", "packed", "map"].includes(field.cardinality))) continue
    put(field, fieldFromJson(state, field, each, at), into, at)
  }
  return message.construct === undefined ? into : message.construct(into)
}

const explained = (path: string, read: () => unknown): unknown => {
  try {
    return read()
  } catch (error) {
    if (error instanceof CodecError && !error.message.startsWith(path)) return refuse(path, error.message)
    throw error
  }
}

const messageFromJson = (state: State, message: Type.AnyMessage, json: unknown, path: string): unknown => {
  if (++state.depth > deepest) {
    throw new CodecError("LimitExceeded", `${path.slice(0, 200)}: JSON nests deeper than ${deepest} messages`)
  }
  const { json: form } = message
  const wrapped = wrappedTypes.get(message)
  const value =
    form !== undefined
      ? explained(path, () => form.fromJson(json, state.context))
      : wrapped !== undefined
        ? Scalars.read(wrapped.kind, json, path)
        : fieldsFromJson(state, message, json, path)
  state.depth--
  return value
}

/** The value of JSON. */
export const read = (message: Type.AnyMessage, json: unknown, options: Options): unknown => {
  const registry = options.registry ?? Registry.wellKnown
  const state: State = {
    options,
    registry,
    depth: 0,
    context: {
      find: (typeName) => registry.messages.get(typeName),
      write: () => undefined,
      read: (nested, held) => messageFromJson(state, nested, held, nested.typeName)
    }
  }
  const value = messageFromJson(state, message, json, message.typeName)
  Check.required(message, value)
  return value
}
