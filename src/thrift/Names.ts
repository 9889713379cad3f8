/**
 * Finds a value by the bytes of a message's name, without making a string of them where it can: most messages of a
 * connection name the method that the one before named.
 */
import type { Reader } from "../wire/Reader.ts"
import * as Message from "./Message.ts"

/** A name that was found. */
export interface Named<A> {
  /** The method's bytes for the reply's header: no peer expects the contract's name there (TMultiplexedProcessor). */
  readonly name: Buffer
  readonly value: A
}

interface Known<A> extends Named<A> {
  /** The bytes that it is found by. */
  readonly key: Buffer
}

/** Only names that `find` knows are kept, so a peer cannot fill the table. */
export class Names<A> {
  private readonly known = new Map<string, Known<A>>()
  private readonly lookUp: (name: string) => A | undefined
  private last: Known<A> | undefined

  constructor(lookUp: (name: string) => A | undefined) {
    this.lookUp = lookUp
  }

  find(reader: Reader, head: Message.Head): Named<A> | undefined {
    const last = this.last
    return last !== undefined && isEqual(last.key, reader.bytes, head.nameStart, head.nameEnd)
      ? last
      : this.findOther(Message.decodeName(reader, head))
  }

  private findOther(name: string): Named<A> | undefined {
    const known = this.known.get(name)
    if (known !== undefined) return (this.last = known)
    const value = this.lookUp(name)
    if (value === undefined) return undefined
    const { method } = Message.splitName(name)
    const named = { key: Message.encodeName(name), name: Message.encodeName(method), value }
    this.known.set(name, named)
    return (this.last = named)
  }
}

const isEqual = (key: Buffer, bytes: Buffer, start: number, end: number): boolean => {
  if (end - start !== key.length) return false
  for (let i = 0; i < key.length; i++) if (bytes[start + i] !== key[i]) return false
  return true
}
