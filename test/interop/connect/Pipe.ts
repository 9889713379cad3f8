/** The suite's messages on standard input and output: a length of four bytes, the most significant first, and that many bytes. */
import { Reader } from "../../../src/wire/Reader.ts"
import { Writer } from "../../../src/wire/Writer.ts"
import * as Protobuf from "../../../src/grpc/Protobuf.ts"
import type { Codec } from "../../../src/Codec.ts"

interface Message<A> {
  readonly codec: Codec<A, Writer, Reader>
}

/** Every message of standard input, until it ends. */
export async function* read<A>({ codec }: Message<A>): AsyncGenerator<A> {
  let rest = Buffer.alloc(0)
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const end = 4 + rest.readUInt32BE(0)
      yield codec.decode(new Reader(Buffer.from(rest.subarray(4, end)), Protobuf.limits))
      rest = rest.subarray(end)
    }
  }
}

export const write = <A>({ codec }: Message<A>, value: A): void => {
  const writer = new Writer(1024)
  codec.encode(writer, value)
  const bytes = writer.toBytes()
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  process.stdout.write(Buffer.concat([length, bytes]))
}
