/** From values to canonical JSON. */
import { CodecError } from "../Codec.ts"
import * as Check from "./ProtobufCheck.ts"
import * as Extension from "./ProtobufExtension.ts"
import { unknownFields } from "./ProtobufMessage.ts"
import * as Registry from "./ProtobufRegistry.ts"
import type * as Type from "./ProtobufType.ts"
import { wrappedTypes } from "./WellKnownWrappers.ts"

/** How values are written. */
export interface Options {
  /** Where types of `Any` and extensions are found. Default: the well-known types alone. */
  readonly registry?: Registry.Registry | undefined
  /** Writes fields without presence that are zero, empty lists and empty maps too. Default false. */
  readonly alwaysPrint?: boolean | undefined
  /** Keys as in the IDL instead of lowerCamelCase. Default false. */
  readonly idlNames?: boolean | undefined
  /** Enums as numbers instead of names. Default false. */
  readonly enumsAsNumbers?: boolean | undefined
}

/** Messages may nest so deep. */
const deepest = 100

interface State {
  readonly options: Options
  readonly registry: Registry.Registry
  readonly context: Type.JsonContext
  depth: number
}

const numberToJson = (value: number): unknown =>
  Number.isFinite(value) ? value : Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity"

/** The shortest text that reads as the same float. */
const floatToJson = (value: number): unknown => {
  const float = Math.fround(value)
  if (float === 0 || !Number.isFinite(float)) return numberToJson(float)
  for (let digits = 6; digits <= 9; digits++) {
    const short = Number(float.toPrecision(digits))
    if (Math.fround(short) === float) return short
  }
  return float
}

const scalarToJson = (kind: Type.ScalarKind, value: unknown): unknown => {
  if (kind === "float") return floatToJson(value as number)
  if (kind === "double") return numberToJson(value as number)
  if (kind === "binary") {
    const bytes = value as Uint8Array
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")
  }
  return kind.includes("64") ? String(value) : value
}

const enumToJson = (state: State, type: Type.Enum, value: number): unknown => {
  if (type.name === "google.protobuf.NullValue") return null
  if (state.options.enumsAsNumbers === true) return value
  return Object.keys(type.members).find((name) => type.members[name] === value) ?? value
}

const singleToJson = (state: State, type: Type.Type, value: unknown): unknown => {
  if (type.kind === "message" || type.kind === "group") return messageToJson(state, type.message, value)
  return type.kind === "enum" ? enumToJson(state, type, value as number) : scalarToJson(type.kind, value)
}

const isZero = (value: unknown): boolean =>
  value === 0 ? Object.is(value, 0) : value === 0n || value === "" || value === false || isEmpty(value)

const isEmpty = (value: unknown): boolean => value instanceof Uint8Array && value.length === 0

/** The JSON of a field, undefined when it is left out. */
const fieldToJson = (state: State, field: Type.Field, value: unknown): unknown => {
  const always = state.options.alwaysPrint === true
  switch (field.cardinality) {
    case "list":
    case "packed": {
      const list = value as ReadonlyArray<unknown>
      return list.length === 0 && !always ? undefined : list.map((each) => singleToJson(state, field.type, each))
    }
    case "map": {
      const map = value as ReadonlyMap<unknown, unknown>
      if (map.size === 0 && !always) return undefined
      const object: Record<string, unknown> = {}
      for (const [key, item] of map) define(object, String(key), singleToJson(state, field.type, item))
      return object
    }
    case "implicit":
      return isZero(value) && !always ? undefined : singleToJson(state, field.type, value)
    default:
      return value === undefined ? undefined : singleToJson(state, field.type, value)
  }
}

const define = (object: Record<string, unknown>, key: string, value: unknown): void => {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

const extensionsToJson = (state: State, message: Type.AnyMessage, value: object, object: Record<string, unknown>) => {
  const known = state.registry.extensions.get(message.typeName)
  const unknown = Reflect.get(value, unknownFields) as Uint8Array | undefined
  if (known === undefined || unknown === undefined) return
  for (const [name, extension] of known) {
    const found = Extension.find(unknown, extension.field)
    if (found !== undefined) object[name] = fieldToJson(state, extension.field, found)
  }
}

const fieldsToJson = (state: State, message: Type.AnyMessage, value: object): unknown => {
  const object: Record<string, unknown> = {}
  for (const field of message.fields()) {
    const json = fieldToJson(state, field, Check.valueOf(field, value))
    if (json !== undefined) define(object, state.options.idlNames === true ? field.name : field.jsonName, json)
  }
  extensionsToJson(state, message, value, object)
  return object
}

const messageToJson = (state: State, message: Type.AnyMessage, value: unknown): unknown => {
  const wrapped = wrappedTypes.get(message)
  if (wrapped !== undefined) return scalarToJson(wrapped.kind, value)
  if (++state.depth > deepest) {
    throw new CodecError(
      "LimitExceeded",
      `messages nest deeper than ${deepest} levels, or refer to each other in a circle`
    )
  }
  const json =
    message.json === undefined
      ? fieldsToJson(state, message, value as object)
      : message.json.toJson(value, state.context)
  state.depth--
  return json
}

/** A value as JSON. */
export const write = (message: Type.AnyMessage, value: unknown, options: Options): unknown => {
  const registry = options.registry ?? Registry.wellKnown
  const state: State = {
    options,
    registry,
    depth: 0,
    context: {
      find: (typeName) => registry.messages.get(typeName),
      write: (nested, held) => messageToJson(state, nested, held),
      read: () => undefined
    }
  }
  try {
    return messageToJson(state, message, value)
  } catch (error) {
    throw Check.explain(error, message, value)
  }
}
