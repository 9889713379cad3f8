/** Comparing what came back with what was sent. */
import { isDeepStrictEqual } from "node:util"

/** Fails with both values where they differ. A field that is undefined is as good as an absent one. */
export const same = (actual: unknown, expected: unknown): void => {
  if (!isDeepStrictEqual(plain(actual), plain(expected))) throw new Mismatch(actual, expected)
}

const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return { hex: Buffer.from(value).toString("hex") }
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Set) return new Set([...value].map(plain))
  if (value instanceof Map) return new Map([...value].map(([key, part]) => [plain(key), plain(part)]))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([key, part]) => [key, plain(part)])
  )
}

export class Mismatch extends Error {
  constructor(actual: unknown, expected: unknown) {
    super(`expected ${show(expected)}, got ${show(actual)}`)
  }
}

/** One line, also of maps, sets and bytes. */
export const show = (value: unknown): string => {
  const text = JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === "bigint") return `${part}n`
    if (part instanceof Map) return [...part]
    if (part instanceof Set) return [...part]
    return part instanceof Uint8Array ? Buffer.from(part).toString("hex") : part
  })
  return text === undefined ? String(value) : text.length > 300 ? `${text.slice(0, 300)}...` : text
}
