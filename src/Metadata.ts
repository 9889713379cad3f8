/**
 * Key-values beside one message: gRPC metadata, TTHeader string keys, HTTP headers. A key may repeat; keys are
 * lower-cased, since every carrier but TTHeader compares them so. Immutable.
 */
export type Value = string | Uint8Array

/** Entries in the order in which they were added or received, keys in lower case. */
export interface Metadata {
  readonly entries: ReadonlyArray<readonly [key: string, value: Value]>
}

/** No entry. */
export const empty: Metadata = { entries: [] }

/** Whether there is no entry. */
export const isEmpty = (self: Metadata): boolean => self.entries.length === 0

/** Metadata of these entries, in their order. */
export const fromEntries = (entries: Iterable<readonly [string, Value]>): Metadata => ({
  entries: Array.from(entries, ([key, value]) => [key.toLowerCase(), value] as const)
})

/** The first value of a key. */
export const get = (self: Metadata, key: string): Value | undefined => {
  const wanted = key.toLowerCase()
  return self.entries.find(([name]) => name === wanted)?.[1]
}

/** All values of a key, in their order. */
export const getAll = (self: Metadata, key: string): ReadonlyArray<Value> => {
  const wanted = key.toLowerCase()
  return self.entries.filter(([name]) => name === wanted).map(([, value]) => value)
}

/** Adds a value and keeps those that the key already has. */
export const append = (self: Metadata, key: string, value: Value): Metadata => ({
  entries: [...self.entries, [key.toLowerCase(), value]]
})

/** Leaves out all values of a key. */
export const remove = (self: Metadata, key: string): Metadata => {
  const wanted = key.toLowerCase()
  return { entries: self.entries.filter(([name]) => name !== wanted) }
}

/** Replaces all values of a key by one. */
export const set = (self: Metadata, key: string, value: Value): Metadata => append(remove(self, key), key, value)

/** All entries of both, `that` behind `self`. */
export const concat = (self: Metadata, that: Metadata): Metadata =>
  isEmpty(self) ? that : isEmpty(that) ? self : { entries: [...self.entries, ...that.entries] }
