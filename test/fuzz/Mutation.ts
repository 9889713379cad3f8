/** Inputs that are almost right: seeds with a few bytes changed, cut, repeated, or joined to another seed. */
import type { Random } from "./Random.ts"

/** Bytes at which Thrift decoders branch: type ids, STOP, message types, protocol ids, sign and continuation bits. */
const bytes = [0, 1, 2, 3, 4, 6, 8, 0x0a, 0x0b, 0x0c, 0x0d, 0x0f, 0x10, 0x19, 0x1c, 0x21, 0x7f, 0x80, 0x82, 0xf5, 0xff]
/** Sizes at which they allocate or loop. */
const words = [0, 1, 0x7f, 0x80, 0xffff, 0x01000000, 0x7fffffff, 0x80000000, 0x80010001, 0xfffffff0, 0xffffffff]

type Mutate = (random: Random, input: Buffer, seeds: ReadonlyArray<Buffer>) => Buffer

const overwrite = (input: Buffer, at: number, patch: Buffer): Buffer => {
  const copy = Buffer.from(input)
  patch.copy(copy, at)
  return copy
}

const insert = (input: Buffer, at: number, patch: Buffer): Buffer =>
  Buffer.concat([input.subarray(0, at), patch, input.subarray(at)])

const word = (random: Random): Buffer => {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32BE(random.pick(words))
  return buffer
}

const mutations: ReadonlyArray<Mutate> = [
  (random, input) => {
    const at = random.below(input.length)
    return overwrite(input, at, Buffer.of(input[at]! ^ (1 << random.below(8))))
  },
  (random, input) => overwrite(input, random.below(input.length), Buffer.of(random.below(256))),
  (random, input) => overwrite(input, random.below(input.length), Buffer.of(random.pick(bytes))),
  (random, input) => overwrite(input, random.below(input.length), word(random)),
  (random, input) => insert(input, random.below(input.length + 1), Buffer.of(random.pick(bytes))),
  (random, input) => insert(input, random.below(input.length + 1), word(random)),
  (random, input) => insert(input, random.below(input.length + 1), Buffer.alloc(1 + random.below(12), 0xff)),
  (random, input) => input.subarray(0, random.below(input.length)),
  (random, input) => {
    const at = random.below(input.length)
    return Buffer.concat([input.subarray(0, at), input.subarray(at + 1 + random.below(8))])
  },
  (random, input) => {
    const from = random.below(input.length)
    return insert(input, random.below(input.length + 1), input.subarray(from, from + 1 + random.below(32)))
  },
  (random, input, seeds) => {
    const other = random.pick(seeds)
    return Buffer.concat([
      input.subarray(0, random.below(input.length + 1)),
      other.subarray(random.below(other.length))
    ])
  },
  // Nesting far beyond any limit: one byte that opens a struct or a list, many times.
  (random, input) =>
    insert(input, random.below(input.length + 1), Buffer.alloc(64 + random.below(512), random.pick(bytes)))
]

/** One to four mutations of one seed. */
export const mutate = (random: Random, seeds: ReadonlyArray<Buffer>): Buffer => {
  let input = random.pick(seeds)
  for (let times = 1 + random.below(4); times > 0; times--) {
    input = input.length === 0 ? Buffer.of(random.pick(bytes)) : random.pick(mutations)(random, input, seeds)
  }
  return input
}
