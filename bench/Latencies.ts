/** Counts latencies in buckets of 10 microseconds up to 200 ms, so that counting costs nothing worth mentioning. */
const bucket = 0.01
const buckets = 20_000

export class Latencies {
  private readonly counts = new Uint32Array(buckets)
  count = 0

  /** Milliseconds. */
  add(latency: number): void {
    const index = Math.min(buckets - 1, (latency / bucket) | 0)
    this.counts[index] = this.counts[index]! + 1
    this.count++
  }

  clear(): void {
    this.counts.fill(0)
    this.count = 0
  }

  /** Microseconds; 0 when nothing was counted. */
  quantile(q: number): number {
    let seen = 0
    for (let index = 0; index < buckets; index++) {
      seen += this.counts[index]!
      if (seen >= q * this.count) return Math.round((index + 1) * bucket * 1000)
    }
    return 0
  }
}
