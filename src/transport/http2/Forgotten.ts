/** Streams that this side has reset lately: the peer may not have known when it sent what still comes of them. */

const most = 1000

export class Forgotten {
  private readonly ids = new Set<number>()

  has(id: number): boolean {
    return this.ids.has(id)
  }

  /** The oldest makes room. */
  add(id: number): void {
    this.ids.add(id)
    if (this.ids.size <= most) return
    for (const oldest of this.ids) {
      this.ids.delete(oldest)
      return
    }
  }
}
