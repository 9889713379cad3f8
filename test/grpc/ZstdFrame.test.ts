import * as Crypto from "node:crypto"
import * as Zlib from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import * as Compression from "../../src/grpc/Compression.ts"
import * as ZstdFrame from "../../src/grpc/ZstdFrame.ts"

const { ZSTD_c_checksumFlag, ZSTD_c_contentSizeFlag } = Zlib.constants
const compress = (bytes: Buffer, params: Record<number, number> = {}) =>
  Zlib.zstdCompressSync(bytes, { params, pledgedSrcSize: bytes.length } as Zlib.ZstdOptions)

const text = Buffer.from("so it goes, ".repeat(20))
const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])
const large = Crypto.createHash("shake256", { outputLength: 300_000 }).update("x").digest()

const frames: ReadonlyArray<readonly [name: string, bytes: Buffer]> = [
  ["nothing", compress(Buffer.alloc(0))],
  ["one octet", compress(Buffer.from("x"))],
  ["text", compress(text)],
  ["text with a checksum", compress(text, { [ZSTD_c_checksumFlag]: 1 })],
  ["text without its size", compress(text, { [ZSTD_c_contentSizeFlag]: 0 })],
  ["zeros", compress(Buffer.alloc(1_000_000))],
  ["many blocks", compress(large, { [ZSTD_c_checksumFlag]: 1 })],
  ["frames one behind the other", Buffer.concat([compress(text), compress(large), skipped])],
  ["a frame to be skipped before another", Buffer.concat([skipped, compress(text)])]
]

describe("a frame", () => {
  for (const [name, bytes] of frames) {
    it(`is whole, or cut off: ${name}`, () => {
      assert.isFalse(ZstdFrame.isCutOff(bytes))
      const step = Math.max(1, Math.floor(bytes.length / 997))
      const ends = new Set([compress(text).length, skipped.length, compress(text).length + compress(large).length])
      for (let size = bytes.length - 1; size >= 0; size -= step) {
        if (ends.has(size) && name.includes("frame")) continue
        assert.isTrue(ZstdFrame.isCutOff(bytes.subarray(0, size)), `${size} of ${bytes.length}`)
      }
    })
  }

  it("that is none is left to the decompression", () => {
    for (const rubbish of [Buffer.alloc(10, 7), Buffer.from("28b52ffd0000060000", "hex")]) {
      assert.isFalse(ZstdFrame.isCutOff(rubbish))
    }
  })
})

it("a message whose end is missing is never taken for a shorter one", () => {
  const message = compress(large.subarray(0, 2000))
  for (let size = 0; size < message.length; size++) {
    let fault: string | undefined
    Compression.decompress("zstd", message.subarray(0, size), 10_000, {
      onBytes: () => {},
      onFault: (error) => (fault = error.message)
    })
    assert.match(fault ?? "none", /not zstd: it is cut off/, `${size}`)
  }
})
