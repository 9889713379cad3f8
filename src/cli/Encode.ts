import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import { Stdio } from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Idl from "./Idl.ts"
import * as JobError from "./JobError.ts"
import * as JobFlags from "./JobFlags.ts"
import * as Jsonl from "./Jsonl.ts"
import * as Transcode from "./Transcode.ts"

const json = Flag.String("json").pipe(
  Flag.withMetavar("JSON"),
  Flag.withDescription("The value; without it, it comes from standard input"),
  Flag.optional
)

const raw = Flag.Boolean("raw").pipe(
  Flag.withDescription("Write the bytes themselves instead of hexadecimal digits"),
  Flag.withDefault(false)
)

/** `volant encode`: JSON to bytes, as hexadecimal digits. */
export const command = Command.make(
  "encode",
  { ...JobFlags.flags, ...JobFlags.headerFlags, json, raw },
  Effect.fnUntraced(function* (given) {
    const idl = Idl.make(given.include)
    if (given.jsonl) return yield* Jsonl.run(Jsonl.encode(idl))
    const form = yield* JobFlags.toForm(given, {
      method: Option.getOrUndefined(given.method),
      messageType: Option.getOrUndefined(given.messageType),
      seqid: given.seqid,
      multiplexed: Option.getOrUndefined(given.multiplexed)
    })
    const text = Option.isSome(given.json) ? given.json.value : (yield* JobFlags.input).toString("utf8")
    const bytes = yield* JobFlags.attempt(() => Transcode.encode(idl, { ...form, value: parse(text) }))
    if (!given.raw) return yield* Console.log(Buffer.from(bytes).toString("hex"))
    const { stdout } = yield* Stdio
    yield* Stream.run(Stream.succeed(bytes), stdout({ endOnDone: false }))
  })
).pipe(
  Command.withDescription("Encode JSON as a Thrift struct or message, or as a protobuf message"),
  Command.withExamples([
    {
      command: `volant encode --idl item.thrift --type Item --protocol binary --json '{"id": "1", "title": "a", "content": "b"}'`,
      description: "The bytes as hexadecimal digits"
    },
    {
      command: `echo '{"idl": "item.thrift", "type": "Item", "protocol": "compact", "value": {...}}' | volant encode --jsonl`,
      description: 'Each line {"hex"}, or {"error": {"tag", "message"}}'
    }
  ])
)

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw JobError.invalidJob(`the value is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}
