/** The dynamic table of HPACK (RFC 7541 sections 2.3.2 and 4): a ring that holds no memory until something is inserted. */
import type { Field } from "./HpackField.ts"

/** The size before any is negotiated, in the octets of `Field.size`. */
export const defaultSize = 4096

/** Newest first. */
export class HpackTable {
  /** Fields ever inserted. What was derived from indices holds as long as this stays as it is and nothing is evicted. */
  inserted = 0
  /** Entries present. */
  length = 0
  /** Octets present. */
  size = 0
  capacity: number
  private ring: Array<Field | undefined> = none

  constructor(capacity = defaultSize) {
    this.capacity = capacity
  }

  /** The entry with this index, counted from 0 for the newest. */
  at(index: number): Field | undefined {
    return index < this.length ? this.ring[(this.inserted - 1 - index) & (this.ring.length - 1)] : undefined
  }

  /** Evicts the oldest until the field fits. One larger than the table leaves it empty, and is not held. */
  insert(field: Field): void {
    this.evict(this.capacity - field.size)
    if (field.size <= this.capacity) {
      if (this.length === this.ring.length) this.grow()
      this.ring[this.inserted & (this.ring.length - 1)] = field
      this.length++
      this.size += field.size
    }
    this.inserted++
  }

  /** Changes the maximum size, and evicts what is too much. */
  resize(capacity: number): void {
    this.capacity = capacity
    this.evict(capacity)
  }

  /** Whether a field can be inserted without anything being evicted. */
  hasRoom(field: Field): boolean {
    return this.size + field.size <= this.capacity
  }

  private evict(size: number): void {
    while (this.size > size && this.length > 0) {
      const oldest = (this.inserted - this.length) & (this.ring.length - 1)
      this.size -= this.ring[oldest]!.size
      this.ring[oldest] = undefined
      this.length--
    }
    if (this.length === 0) this.ring = none
  }

  private grow(): void {
    const larger: Array<Field | undefined> = new Array(Math.max(8, this.ring.length * 2)).fill(undefined)
    for (let at = this.inserted - this.length; at < this.inserted; at++) {
      larger[at & (larger.length - 1)] = this.ring[at & (this.ring.length - 1)]
    }
    this.ring = larger
  }
}

const none: Array<Field | undefined> = []
