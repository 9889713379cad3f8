/** Streams that this side has reset lately: the peer may not have known when it sent what still comes of them. */

const most = 1000

/** Of one connection. Remembers a thousand; of what is older than one that it had to let go it says yes, to be on the safe side. */
export class Forgotten {
  private ids: Set<number> | undefined
  private letGo = 0

  has(id: number): boolean {
    return this.ids !== undefined && (this.ids.has(id) || id <= this.letGo)
  }

  /** The oldest makes room. */
  add(id: number): void {
    const ids = (this.ids ??= new Set())
    ids.add(id)
    if (ids.size <= most) return
    for (const oldest of ids) {
      ids.delete(oldest)
      this.letGo = Math.max(this.letGo, oldest)
      return
    }
  }
}
