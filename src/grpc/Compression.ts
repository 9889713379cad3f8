/** Compression of messages (grpc/doc/compression.md): which encodings there are, which one is used, and how much comes out at most. */
import * as Zlib from "node:zlib"
import * as Envelope from "./Envelope.ts"
import * as Status from "./Status.ts"
import * as StatusCode from "./StatusCode.ts"
import * as ZstdFrame from "./ZstdFrame.ts"

/** The encodings that this side knows, besides `identity`. gRPC's `deflate` is the zlib format (RFC 1950). */
export type Encoding = "gzip" | "deflate" | "zstd"

/** All encodings that this side knows. */
export const all: ReadonlyArray<Encoding> = ["gzip", "deflate", "zstd"]

/** What one side does. */
export interface Options {
  /** What messages are sent in: the first that the peer takes. Default none, so that nothing is compressed. */
  readonly send?: ReadonlyArray<Encoding> | undefined
  /** What is taken from a peer. Default all. */
  readonly accept?: ReadonlyArray<Encoding> | undefined
  /** Messages of fewer bytes are sent as they are. Default 1024. */
  readonly threshold?: number | undefined
}

/** The default of `threshold`. */
export const defaultThreshold = 1024

/** From so many bytes on the work is done on another thread. */
const asyncFrom = 16 * 1024

/** `grpc-accept-encoding` of a side that takes these. */
export const acceptHeader = (accept: ReadonlyArray<Encoding>): string => ["identity", ...accept].join(",")

/** The first of `wanted` that the peer takes; undefined when there is none, and messages go as they are. */
export const choose = (wanted: ReadonlyArray<Encoding>, acceptEncoding: string | undefined): Encoding | undefined => {
  if (wanted.length === 0 || acceptEncoding === undefined) return undefined
  const accepted = new Set<string>(acceptEncoding.split(",").map((name) => name.trim().toLowerCase()))
  return wanted.find((encoding) => accepted.has(encoding))
}

/** The value of `grpc-encoding`: an encoding of `accept`, identity, or one that is not taken. */
export const parse = (text: string | undefined, accept: ReadonlyArray<Encoding>): Encoding | "identity" | undefined => {
  if (text === undefined || text === "identity") return "identity"
  return accept.find((encoding) => encoding === text.toLowerCase())
}

interface Algorithm {
  readonly compress: (bytes: Uint8Array, done: Zlib.CompressCallback) => void
  readonly compressSync: (bytes: Uint8Array) => Buffer
  readonly decompress: (bytes: Uint8Array, limit: { maxOutputLength: number }, done: Zlib.CompressCallback) => void
  readonly decompressSync: (bytes: Uint8Array, limit: { maxOutputLength: number }) => Buffer
}

const algorithms: Readonly<Record<Encoding, Algorithm>> = {
  gzip: {
    compress: (bytes, done) => Zlib.gzip(bytes, done),
    compressSync: (bytes) => Zlib.gzipSync(bytes),
    decompress: (bytes, limit, done) => Zlib.gunzip(bytes, limit, done),
    decompressSync: (bytes, limit) => Zlib.gunzipSync(bytes, limit)
  },
  deflate: {
    compress: (bytes, done) => Zlib.deflate(bytes, done),
    compressSync: (bytes) => Zlib.deflateSync(bytes),
    decompress: (bytes, limit, done) => Zlib.inflate(bytes, limit, done),
    decompressSync: (bytes, limit) => Zlib.inflateSync(bytes, limit)
  },
  zstd: {
    compress: (bytes, done) => Zlib.zstdCompress(bytes, done),
    compressSync: (bytes) => Zlib.zstdCompressSync(bytes),
    decompress: (bytes, limit, done) => Zlib.zstdDecompress(bytes, limit, done),
    decompressSync: (bytes, limit) => Zlib.zstdDecompressSync(bytes, limit)
  }
}

/** What is told when the work is done: at once for what is small, otherwise later. */
export interface Done {
  readonly onBytes: (bytes: Buffer) => void
  readonly onFault: (error: Envelope.EnvelopeError) => void
}

/** Compresses a message. */
export const compress = (encoding: Encoding, bytes: Buffer, done: Done): void => {
  const algorithm = algorithms[encoding]
  if (bytes.length < asyncFrom) return done.onBytes(algorithm.compressSync(bytes))
  algorithm.compress(bytes, (error, result) => {
    if (error === null) done.onBytes(result)
    else done.onFault(broken(encoding, error))
  })
}

/** Decompresses a message to at most `maxSize` bytes. One compressed though its stream has no encoding is the peer's fault. */
export const decompress = (encoding: Encoding | "identity", bytes: Buffer, maxSize: number, done: Done): void => {
  if (encoding === "identity") return done.onFault(notAnnounced)
  const algorithm = algorithms[encoding]
  const limit = { maxOutputLength: Math.max(1, maxSize) }
  const onError = (error: Error) => done.onFault(toFault(encoding, error, maxSize))
  if (encoding === "zstd" && ZstdFrame.isCutOff(bytes)) return onError(new Error("it is cut off"))
  if (bytes.length < asyncFrom) {
    let result: Buffer
    try {
      result = algorithm.decompressSync(bytes, limit)
    } catch (error) {
      return onError(error as Error)
    }
    return done.onBytes(result)
  }
  algorithm.decompress(bytes, limit, (error, result) => {
    if (error === null) done.onBytes(result)
    else onError(error)
  })
}

const toFault = (encoding: Encoding, error: Error, maxSize: number): Envelope.EnvelopeError =>
  (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE"
    ? Envelope.tooLarge(undefined, maxSize)
    : broken(encoding, error)

const broken = (encoding: Encoding, error: Error): Envelope.EnvelopeError =>
  new Envelope.EnvelopeError(Status.make(StatusCode.internal, `a message is not ${encoding}: ${error.message}`))

const notAnnounced = new Envelope.EnvelopeError(
  Status.make(StatusCode.internal, "a message is compressed, but grpc-encoding names no compression")
)
