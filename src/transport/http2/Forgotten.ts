/** Streams that this side has reset lately: the peer may not have known when it sent what still comes of them. */

const most = 1000

/** Of one connection; a thousand at most. */
export class Forgotten {
  private ids: Set<number> | undefined

  has(id: number): boolean {
    return this.ids !== undefined && this.ids.has(id)
  }

  /** The oldest makes room. */
  add(id: number): void {
    const ids = (this.ids ??= new Set())
    ids.add(id)
    if (ids.size <= most) return
    for (const oldest of ids) {
      ids.delete(oldest)
      return
    }
  }
}
