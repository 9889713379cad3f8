/** The Huffman code of HPACK (RFC 7541 section 5.2 and appendix B). */

/**
 * Bits of the code of each octet, and of EOS behind them. The code is canonical: codes count up from the shortest length to the
 * longest, and within a length in the order of the octets. So the lengths are all there is to it.
 */
// oxfmt-ignore
const lengths = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30
]

const eos = 256

const codes = ((): Uint32Array => {
  const codes = new Uint32Array(lengths.length)
  let code = 0
  for (let length = 1; length <= 30; length++) {
    code *= 2
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] === length) codes[symbol] = code++
    }
  }
  return codes
})()

// The decoder is an automaton over half octets. Its states are the inner nodes of the code's tree; no code is shorter than
// five bits, so that a half octet completes one symbol at most. An entry is: next state, symbol << 8, and these.
const emits = 1 << 16
const fails = 1 << 17

interface Automaton {
  readonly transitions: Int32Array
  /** Whether the input may end in a state: the bits since the last symbol are fewer than eight, and all ones. */
  readonly accepting: Uint8Array
}

/** Children of the inner nodes: 0 is none, positive another inner node, negative a symbol as -1 - symbol. */
const tree = (): ReadonlyArray<[number, number]> => {
  const nodes: Array<[number, number]> = [[0, 0]]
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    let node = 0
    for (let bit = lengths[symbol]! - 1; bit >= 0; bit--) {
      const branch = ((codes[symbol]! >>> bit) & 1) as 0 | 1
      if (bit === 0) {
        nodes[node]![branch] = -1 - symbol
      } else {
        if (nodes[node]![branch] === 0) nodes[node]![branch] = nodes.push([0, 0]) - 1
        node = nodes[node]![branch]
      }
    }
  }
  return nodes
}

const automaton = ((): Automaton => {
  const nodes = tree()
  const transitions = new Int32Array(nodes.length * 16)
  for (let state = 0; state < nodes.length; state++) {
    for (let half = 0; half < 16; half++) transitions[state * 16 + half] = transition(nodes, state, half)
  }
  const accepting = new Uint8Array(nodes.length)
  for (let state = 0, bits = 0; bits < 8; bits++) {
    accepting[state] = 1
    state = nodes[state]![1]
  }
  return { transitions, accepting }
})()

function transition(nodes: ReadonlyArray<[number, number]>, state: number, half: number): number {
  let node = state
  let emitted = 0
  for (let bit = 3; bit >= 0; bit--) {
    const next = nodes[node]![((half >>> bit) & 1) as 0 | 1]
    if (next >= 0) {
      node = next
    } else {
      const symbol = -1 - next
      if (symbol === eos) return fails
      emitted = emits | (symbol << 8)
      node = 0
    }
  }
  return emitted | node
}

/** What `size` octets of the code may decode to at most. */
export const maxDecoded = (size: number): number => Math.ceil((size * 8) / 5)

/**
 * Decodes `source` from `start` to `end` into the beginning of `target`, which has room for `maxDecoded`. Answers how many
 * octets that are, or -1 for what no encoder writes: EOS inside, or a padding that is too long or not all ones.
 */
export const decode = (source: Uint8Array, start: number, end: number, target: Uint8Array): number => {
  const { accepting, transitions } = automaton
  let state = 0
  let length = 0
  for (let at = start; at < end; at++) {
    const octet = source[at]!
    const high = transitions[(state << 4) | (octet >>> 4)]!
    if (high >= emits) {
      if (high >= fails) return -1
      target[length++] = (high >>> 8) & 0xff
    }
    const low = transitions[((high & 0xff) << 4) | (octet & 15)]!
    if (low >= emits) {
      if (low >= fails) return -1
      target[length++] = (low >>> 8) & 0xff
    }
    state = low & 0xff
  }
  return accepting[state] === 1 ? length : -1
}

/** Octets that `text`, of Latin-1 characters, takes when encoded. */
export const encodedSize = (text: string): number => {
  let bits = 0
  for (let i = 0; i < text.length; i++) bits += lengths[text.charCodeAt(i) & 0xff]!
  return (bits + 7) >>> 3
}

/** Encodes `text`, of Latin-1 characters, into `target` at `at`, where `encodedSize` octets have room. Answers where it ends. */
export const encode = (text: string, target: Uint8Array, at: number): number => {
  let position = at
  // Bits not yet written stand in the low `count` bits; there are less than eight of them before each symbol, and a code that
  // would not fit beside them is added in two parts.
  let pending = 0
  let count = 0
  const add = (code: number, length: number): void => {
    pending = (pending << length) | code
    count += length
    while (count >= 8) {
      count -= 8
      target[position++] = pending >>> count
      pending &= (1 << count) - 1
    }
  }
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i) & 0xff
    const length = lengths[symbol]!
    const code = codes[symbol]!
    if (length > 16) {
      add(code >>> 16, length - 16)
      add(code & 0xffff, 16)
    } else {
      add(code, length)
    }
  }
  if (count > 0) target[position++] = (pending << (8 - count)) | (0xff >>> count)
  return position
}
