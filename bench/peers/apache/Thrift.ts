/** The part of npm's `thrift` that the echo service uses, typed; the package has no types of its own. */
import { createRequire } from "node:module"
import type { EventEmitter } from "node:events"
import type { Server } from "node:net"

export interface Protocol {
  readMessageBegin(): { readonly fname: string; readonly mtype: number; readonly rseqid: number }
  readMessageEnd(): void
  readStructBegin(): void
  readStructEnd(): void
  readFieldBegin(): { readonly ftype: number; readonly fid: number }
  readFieldEnd(): void
  readString(): string
  skip(type: number): void
  writeMessageBegin(name: string, type: number, seqid: number): void
  writeMessageEnd(): void
  writeStructBegin(name: string): void
  writeStructEnd(): void
  writeFieldBegin(name: string, type: number, id: number): void
  writeFieldEnd(): void
  writeFieldStop(): void
  writeString(value: string): void
  flush(): void
}

/** What the library's `createClient` builds and its connection calls back. */
export interface Output {
  flush(): void
}

interface Options {
  readonly transport: unknown
  readonly protocol: unknown
}

interface Library {
  readonly TFramedTransport: unknown
  readonly TBinaryProtocol: unknown
  readonly Thrift: {
    readonly Type: { readonly STOP: number; readonly STRING: number; readonly STRUCT: number }
    readonly MessageType: { readonly CALL: number; readonly REPLY: number }
  }
  readonly createServer: (processor: unknown, handler: unknown, options: Options) => Server
  readonly createConnection: (host: string, port: number, options: Options) => EventEmitter
  readonly createClient: <C>(
    client: new (output: Output, protocol: new (output: Output) => Protocol) => C,
    connection: EventEmitter
  ) => C
}

export const thrift: Library = createRequire(import.meta.url)("thrift")

export const options: Options = { transport: thrift.TFramedTransport, protocol: thrift.TBinaryProtocol }
