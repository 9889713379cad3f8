import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import * as Idl from "./Idl.ts"
import * as Job from "./Job.ts"
import * as JobFlags from "./JobFlags.ts"
import * as Jsonl from "./Jsonl.ts"
import * as Transcode from "./Transcode.ts"

const hex = Flag.String("hex").pipe(
  Flag.withMetavar("DIGITS"),
  Flag.withDescription("The bytes; without it they come from standard input, as they are or as hexadecimal digits"),
  Flag.optional
)

/** `volant decode`: bytes to JSON. A message prints what its header says beside `value`. */
export const command = Command.make(
  "decode",
  { ...JobFlags.flags, hex },
  Effect.fnUntraced(function* (given) {
    const idl = Idl.make(given.include)
    if (given.jsonl) return yield* Jsonl.run(Jsonl.decode(idl))
    const form = yield* JobFlags.toForm(given)
    const bytes = Option.isSome(given.hex) ? Buffer.from(given.hex.value) : yield* JobFlags.input
    const isDigits = Option.isSome(given.hex) || (form.protocol !== "json" && looksLikeHex(bytes))
    const decoded = yield* JobFlags.attempt(() =>
      Transcode.decode(idl, { ...form, bytes: isDigits ? Job.fromHex(bytes.toString("latin1")) : bytes })
    )
    yield* Console.log(JSON.stringify(form.type === undefined ? decoded : decoded.value))
  })
).pipe(
  Command.withDescription("Decode a Thrift struct or message, or a protobuf message, to JSON"),
  Command.withExamples([
    {
      command: "volant decode --idl item.proto --type volant.example.Item --protocol protobuf --hex 0801",
      description: "The message as JSON"
    },
    {
      command: `echo '{"idl": "item.thrift", "type": "Item", "protocol": "compact", "hex": "..."}' | volant decode --jsonl`,
      description: 'Each line {"value"}, or {"error": {"tag", "message"}}'
    }
  ])
)

/** Every Thrift struct ends with a zero byte, so bytes that are digits and white space alone are never one; nor is a protobuf message in practice. */
const looksLikeHex = (bytes: Buffer): boolean => /^[\s0-9a-fA-F]+$/.test(bytes.toString("latin1"))
