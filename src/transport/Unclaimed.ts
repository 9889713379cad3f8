/** Sequence ids of replies that may still come though nobody waits for them. */

/** So many replies may be owed to calls that gave up; a peer that owes more is stuck. */
export const maxAbandoned = 65_536

/** Of oneway calls only the last so many are remembered: most peers never answer one, some do to say that it failed. */
const maxOneway = 1024

/** Two bounded sets of ids: of calls that were given up, and of oneway calls. */
export class Unclaimed {
  private readonly abandoned = new Set<number>()
  private readonly oneway = new Set<number>()

  /** A call was given up; a reply should follow. false when too many are owed. */
  addAbandoned(sequenceId: number): boolean {
    this.abandoned.add(sequenceId)
    return this.abandoned.size <= maxAbandoned
  }

  /** A oneway call was sent; no reply should follow. */
  addOneway(sequenceId: number): void {
    this.oneway.add(sequenceId)
    if (this.oneway.size <= maxOneway) return
    for (const oldest of this.oneway) {
      this.oneway.delete(oldest)
      return
    }
  }

  has(sequenceId: number): boolean {
    return this.abandoned.has(sequenceId) || this.oneway.has(sequenceId)
  }

  /** A reply with this id came. false when it is none of these. */
  take(sequenceId: number): boolean {
    return this.abandoned.delete(sequenceId) || this.oneway.delete(sequenceId)
  }

  get isEmpty(): boolean {
    return this.abandoned.size === 0 && this.oneway.size === 0
  }

  clear(): void {
    this.abandoned.clear()
    this.oneway.clear()
  }
}
