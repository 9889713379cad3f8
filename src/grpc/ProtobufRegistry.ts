/** Message types and extensions by name: for `Any` and for extensions in JSON. */
import type * as Extension from "./ProtobufExtension.ts"
import type * as Type from "./ProtobufType.ts"
import * as WellKnown from "./WellKnown.ts"

/** What can be found by its name. */
export interface Registry {
  /** By the full name. */
  readonly messages: ReadonlyMap<string, Type.AnyMessage>
  /** By the full name of the message that they extend, and then by the key of canonical JSON, brackets included. */
  readonly extensions: ReadonlyMap<string, ReadonlyMap<string, Extension.Any>>
}

const isMessage = (value: unknown): value is Type.AnyMessage =>
  typeof value === "object" && value !== null && "typeName" in value && "wire" in value

const isExtension = (value: unknown): value is Extension.Any =>
  typeof value === "object" && value !== null && "extendee" in value && "field" in value

/** The message that a generated value stands for: itself, or what an error class holds. */
const messageOf = (value: unknown): Type.AnyMessage | undefined => {
  if (isMessage(value)) return value
  const idl: unknown = typeof value === "function" ? Reflect.get(value, "idl") : undefined
  return isMessage(idl) ? idl : undefined
}

/**
 * All messages and extensions among the exports of generated modules, given as `import * as module`, besides the well-known types.
 */
export const make = (...modules: ReadonlyArray<object>): Registry => {
  const messages = new Map<string, Type.AnyMessage>()
  const extensions = new Map<string, Map<string, Extension.Any>>()
  for (const value of [WellKnown, ...modules].flatMap((module): ReadonlyArray<unknown> => Object.values(module))) {
    const message = messageOf(value)
    if (message !== undefined) messages.set(message.typeName, message)
    if (!isExtension(value)) continue
    const known = extensions.get(value.extendee)
    if (known === undefined) extensions.set(value.extendee, new Map([[value.field.jsonName, value]]))
    else known.set(value.field.jsonName, value)
  }
  return { messages, extensions }
}

/** The well-known types alone. */
export const wellKnown: Registry = make()
