/**
 * The testee of protobuf's conformance runner: reads a u32 little-endian length and a ConformanceRequest from stdin, and answers
 * likewise until the input ends. `protobuf-testee.ts PROTOS` compiles the runner's own .proto files, which lie below that folder,
 * with our compiler into .cache/protobuf-conformance, and serves the messages that come of it.
 */
import "./sources.ts"
import process from "node:process"

const { answerTo, load } = await import("./protobuf/Testee.ts")

const protos = process.argv[2] ?? process.env["VOLANT_CONFORMANCE_PROTOS"]
if (protos === undefined) throw new Error("protobuf-testee.ts PROTOS, the folder with the runner's .proto files")
const messages = await load(protos)

const answer = (request: Uint8Array): void => {
  const bytes = answerTo(messages, request)
  const head = Buffer.alloc(4)
  head.writeUInt32LE(bytes.length, 0)
  process.stdout.write(Buffer.concat([head, bytes]))
}

let received = Buffer.alloc(0)
for await (const chunk of process.stdin) {
  received = Buffer.concat([received, chunk])
  while (received.length >= 4 && received.length >= 4 + received.readUInt32LE(0)) {
    const end = 4 + received.readUInt32LE(0)
    answer(received.subarray(4, end))
    received = received.subarray(end)
  }
}
