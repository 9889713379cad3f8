/**
 * The frames of Zstandard (RFC 8878 section 3.1.1), as far as it takes to see that one is cut off: Node 22 gives what could be
 * decompressed of it, and no error.
 */

/** Whether the octets end before their frames do. Of what is no frame, the decompression will tell. */
export const isCutOff = (bytes: Buffer): boolean => {
  let at = 0
  do {
    if (bytes.length - at < 5) return true
    const end = endOf(bytes, at)
    if (end === undefined) return false
    at = end
  } while (at < bytes.length)
  return at > bytes.length
}

/** Where a frame ends, perhaps behind the octets; undefined when it is none. */
const endOf = (bytes: Buffer, start: number): number | undefined => {
  const magic = bytes.readUInt32LE(start)
  if ((magic & 0xff_ff_ff_f0) >>> 0 === skippable) {
    return bytes.length - start < 8 ? Infinity : start + 8 + bytes.readUInt32LE(start + 4)
  }
  if (magic !== 0xfd_2f_b5_28) return undefined
  const descriptor = bytes[start + 4]!
  const isSingleSegment = (descriptor & 0x20) !== 0
  const window = isSingleSegment ? 0 : 1
  const contentSize = descriptor < 0x40 ? 1 - window : 1 << (descriptor >>> 6)
  const checksum = (descriptor & 4) === 0 ? 0 : 4
  const blocks = endOfBlocks(bytes, start + 5 + window + dictionarySizes[descriptor & 3]! + contentSize)
  return blocks === undefined ? undefined : blocks + checksum
}

const endOfBlocks = (bytes: Buffer, start: number): number | undefined => {
  for (let at = start; at + blockHeadSize <= bytes.length;) {
    const head = bytes.readUIntLE(at, blockHeadSize)
    const type = (head >>> 1) & 3
    if (type === reserved) return undefined
    at += blockHeadSize + (type === repeated ? 1 : head >>> 3)
    if ((head & 1) === 1) return at
  }
  return Infinity
}

const skippable = 0x18_4d_2a_50
const dictionarySizes = [0, 1, 2, 4]
const blockHeadSize = 3

// Types of blocks.
const repeated = 1
const reserved = 3
