/** The class that errors declared in an IDL extend. */
import * as Data from "effect/Data"

// `message` and `name` live on every error; a field of that name shadows them, and only when it is set.
const inherited = ["message", "name"] as const

const longest = 200

const describe = (error: object): string => {
  const fields = Object.entries(error).filter(([key, value]) => key !== "_tag" && value !== undefined)
  const text = fields.map(([key, value]) => `${key}: ${JSON.stringify(value, readable)}`).join(", ")
  return text.length > longest ? `${text.slice(0, longest)}...` : text
}

const readable = (_key: string, value: unknown): unknown => {
  if (typeof value === "bigint") return `${value}`
  if (value instanceof Map) return Array.from(value)
  if (value instanceof Set) return Array.from(value)
  return value instanceof Uint8Array ? `${value.length} bytes` : value
}

/**
 * The class that a generated exception extends: a tagged error, made from its fields. Where a field is called `message`
 * or `name` it is the error's, and reads as the error's own when absent; `own` tells the difference.
 */
export const TaggedException = <Tag extends string>(tag: Tag): ReturnType<typeof Data.TaggedError<Tag>> => {
  class Base extends Data.TaggedError(tag)<Record<string, unknown>> {
    constructor(fields: Record<string, unknown> = {}) {
      super(fields)
      for (const key of inherited) if (fields[key] === undefined) Reflect.deleteProperty(this, key)
    }

    /** For logs: what the fields say, where none of them is the message. */
    override get message(): string {
      return describe(this)
    }

    override set message(_absent) {}
  }
  return Base as never
}

/**
 * An exception that was received, made without a stack trace: it would show our decoder, where nothing went wrong, and costs
 * several times what the rest of decoding does.
 */
export const receive = <A, Fields>(construct: new (fields: Fields) => A, fields: Fields): A => {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return new construct(fields)
  } finally {
    Error.stackTraceLimit = limit
  }
}

/** The field `message` or `name` of an exception, undefined when it is absent. */
export const own = (error: Error, key: "message" | "name"): string | undefined =>
  Object.hasOwn(error, key) ? error[key] : undefined
