/**
 * The key-values that propagate (CloudWeGo's metainfo): `persistent` ones travel along the whole chain of calls,
 * `transient` ones one hop, `backward` ones return with the reply. Immutable; keys keep their case.
 */
export type Entries = ReadonlyMap<string, string>

/** What travels with a request. What returns with a reply is `Reply.backward`. */
export interface Metainfo {
  readonly persistent: Entries
  readonly transient: Entries
}

const none: Entries = new Map()

/** No entry of either kind. */
export const empty: Metainfo = { persistent: none, transient: none }

/** Whether there is no entry of either kind. */
export const isEmpty = (self: Metainfo): boolean => self.persistent.size === 0 && self.transient.size === 0

/** Sets an entry that travels along the whole chain of calls. */
export const withPersistent = (self: Metainfo, key: string, value: string): Metainfo => ({
  persistent: new Map(self.persistent).set(key, value),
  transient: self.transient
})

/** Sets an entry that travels to the next server and no further. */
export const withTransient = (self: Metainfo, key: string, value: string): Metainfo => ({
  persistent: self.persistent,
  transient: new Map(self.transient).set(key, value)
})

/** What a call made while serving `self` sends on: persistent entries stay, transient ones have made their hop. */
export const next = (self: Metainfo): Metainfo =>
  self.transient.size === 0 ? self : { persistent: self.persistent, transient: none }

/** Both, `that` winning where a key is in both. */
export const merge = (self: Metainfo, that: Metainfo): Metainfo => {
  if (isEmpty(self)) return that
  if (isEmpty(that)) return self
  return {
    persistent: new Map([...self.persistent, ...that.persistent]),
    transient: new Map([...self.transient, ...that.transient])
  }
}
