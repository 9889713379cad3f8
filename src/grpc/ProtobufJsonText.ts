/**
 * Text of JSON, in which no object has a key twice and zeros keep their sign: JavaScript's parser takes the last of two keys and
 * says nothing, and its writer knows one zero.
 */
import { CodecError } from "../Codec.ts"

/** The end of a string that starts at `start`, behind its closing quote. */
const endOf = (text: string, start: number): number => {
  let position = start + 1
  while (text[position] !== '"') position += text[position] === "\\" ? 2 : 1
  return position + 1
}

const isKey = (text: string, end: number): boolean => {
  let position = end
  while (" \t\r\n".includes(text[position] ?? ":")) position++
  return text[position] === ":"
}

const add = (keys: Set<string> | undefined, text: string): void => {
  const key: string = text.includes("\\") ? JSON.parse(text) : text.slice(1, -1)
  if (keys?.has(key) === true)
    throw new CodecError("Malformed", `an object of JSON has the key ${text.slice(0, 80)} twice`)
  keys?.add(key)
}

/** Looks through text that is known to be JSON. */
const checkKeys = (text: string): void => {
  const objects: Array<Set<string>> = []
  for (let position = 0; position < text.length;) {
    const character = text[position]
    if (character === '"') {
      const end = endOf(text, position)
      if (isKey(text, end)) add(objects.at(-1), text.slice(position, end))
      position = end
      continue
    }
    if (character === "{") objects.push(new Set())
    else if (character === "}") objects.pop()
    position++
  }
}

/** Parses text; what is no JSON is a `CodecError`. */
export const parse = (text: string): unknown => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new CodecError("Malformed", `not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  checkKeys(text)
  return json
}

// Of V8; not yet in the types.
const { rawJSON } = JSON as typeof JSON & { readonly rawJSON: (text: string) => unknown }

/** The text of JSON. */
export const print = (json: unknown): string =>
  JSON.stringify(json, (_, value: unknown) => (Object.is(value, -0) ? rawJSON("-0") : value))
