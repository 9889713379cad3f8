import { assert, describe, it } from "@effect/vitest"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Queue from "effect/Queue"
import * as Sink from "effect/Sink"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Jsonl from "../../src/cli/Jsonl.ts"
import * as Idl from "../../src/cli/Idl.ts"
import * as Program from "./Program.ts"

const idl = `${Program.folder}/golden.thrift`
const job = (more: object): string => JSON.stringify({ idl, type: "U", protocol: "binary", ...more })

const decode = Jsonl.decode(Idl.make())
const encode = Jsonl.encode(Idl.make())

const parsed = (answer: string): Record<string, unknown> => JSON.parse(answer) as Record<string, unknown>
const tagOf = (answer: string): unknown => (parsed(answer)["error"] as { readonly tag?: unknown } | undefined)?.tag

describe("answers", () => {
  it("a value and bytes", () => {
    assert.deepStrictEqual(parsed(encode(job({ value: { n: -1 } }))), { hex: "080001ffffffff00" })
    assert.deepStrictEqual(parsed(decode(job({ hex: "080001FFFFFFFF00" }))), { value: { n: -1 } })
  })

  it.each([
    ["no JSON", "{", "InvalidJob"],
    ["an empty line", "", "InvalidJob"],
    ["no object", "[1]", "InvalidJob"],
    ["no idl", `{"type":"U","protocol":"binary","hex":"00"}`, "InvalidJob"],
    ["no type", JSON.stringify({ idl, protocol: "binary", hex: "00" }), "InvalidJob"],
    ["no protocol", JSON.stringify({ idl, type: "U", hex: "00" }), "InvalidJob"],
    ["an unknown protocol", job({ protocol: "json", hex: "00" }), "InvalidJob"],
    ["no hex", job({}), "InvalidJob"],
    ["half a byte", job({ hex: "0" }), "InvalidJob"],
    ["no digit", job({ hex: "0g" }), "InvalidJob"],
    ["a wrong entry", job({ hex: "00", framed: "yes" }), "InvalidJob"],
    ["a wrong seqid", job({ hex: "00", seqid: 2 ** 31 }), "InvalidJob"],
    ["no such file", job({ idl: "absent.thrift", hex: "00" }), "InvalidIdl"],
    ["no such type", job({ type: "Absent", hex: "00" }), "UnknownName"],
    ["an enum", job({ type: "Color", hex: "00" }), "UnknownName"],
    ["no such service", job({ type: null, service: "Absent", hex: "00" }), "UnknownName"],
    ["a prefix of a name", job({ type: "constructor", hex: "00" }), "UnknownName"],
    ["bytes that end", job({ hex: "080001" }), "Truncated"],
    ["a frame that ends", job({ framed: true, hex: "0000000500" }), "Truncated"],
    ["a negative frame", job({ framed: true, hex: "ffffffff00" }), "Malformed"]
  ])("decode: %s", (_, line, tag) => {
    assert.strictEqual(tagOf(decode(line)), tag)
  })

  it.each([
    ["no value", job({}), "InvalidJob"],
    ["no method", job({ type: null, service: "Svc", value: {} }), "InvalidJob"],
    ["no such method", job({ type: null, service: "Svc", method: "absent", value: {} }), "UnknownName"],
    ["a wrong message type", job({ service: "Svc", method: "ping", messageType: "shout", value: {} }), "InvalidJob"],
    ["a value of another type", job({ value: { n: "one" } }), "InvalidValue"],
    ["a number out of range", job({ value: { n: 2 ** 31 } }), "InvalidValue"],
    ["a field that there is not", job({ value: { absent: 1 } }), "InvalidValue"],
    ["no object", job({ value: 5 }), "InvalidValue"],
    ["a missing required field", job({ type: "Opts", value: {} }), "MissingField"]
  ])("encode: %s", (_, line, tag) => {
    assert.strictEqual(tagOf(encode(line)), tag)
  })

  it("says where an IDL file is wrong", () => {
    const { error } = parsed(decode(job({ idl: "absent.thrift", hex: "00" }))) as { error: { message: string } }
    assert.match(error.message, /absent\.thrift/)
  })

  it("an inherited method, a default type of message, a name for a shared connection", () => {
    const ping = { idl, protocol: "binary", service: "golden.Svc", method: "ping", multiplexed: "Svc", value: {} }
    const { hex } = parsed(encode(JSON.stringify(ping)))
    assert.strictEqual(hex, `80010001${"00000008"}${Buffer.from("Svc:ping").toString("hex")}0000000000`)
    assert.deepStrictEqual(parsed(decode(JSON.stringify({ idl, protocol: "binary", service: "Svc", hex }))), {
      value: {},
      service: "Svc",
      method: "ping",
      messageType: "call",
      seqid: 0,
      framed: false,
      multiplexed: "Svc"
    })
    const fire = parsed(encode(JSON.stringify({ ...ping, method: "fire", multiplexed: null, value: { what: "x" } })))
    assert.match(String(fire["hex"]), /^80010004/)
  })

  it("a method that the service lacks may only be excepted to", () => {
    const exception = { idl, protocol: "compact", service: "Svc", method: "none", messageType: "exception", seqid: -3 }
    const { hex } = parsed(encode(JSON.stringify({ ...exception, value: { message: "m", type: 1 } })))
    const answer = parsed(decode(JSON.stringify({ idl, protocol: "compact", service: "Svc", hex })))
    assert.deepInclude(answer, { method: "none", messageType: "exception", seqid: -3 })
    assert.deepStrictEqual(answer["value"], { message: "m", type: 1 })
  })
})

/** Standard input and output that a test holds in its hands. */
const makeStdio = Effect.gen(function* () {
  const input = yield* Queue.unbounded<Uint8Array, Cause.Done>()
  const written: Array<string> = []
  const wrote = yield* Latch.make(false)
  const stdio = Stdio.make({
    args: Effect.succeed([]),
    stdin: Stream.fromQueue(input),
    stdout: () =>
      Sink.forEach((chunk: string | Uint8Array) => {
        written.push(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString())
        return wrote.open
      }),
    stderr: () => Sink.drain
  })
  return { input, stdio, written, wrote }
})

describe("run", () => {
  it.effect("answers in order, whatever the pieces that lines come in", () =>
    Effect.gen(function* () {
      const { input, stdio, written } = yield* makeStdio
      const lines = [job({ value: { s: "ä€😀" } }), "bad", "", job({ value: { n: 2 } })]
      // Without an end of line at the end, and cut within characters.
      const bytes = Buffer.from(lines.join("\n"))
      for (let at = 0; at < bytes.length; at += 7) yield* Queue.offer(input, bytes.subarray(at, at + 7))
      yield* Queue.end(input)
      yield* Effect.provideService(Jsonl.run(encode), Stdio.Stdio, stdio)
      const answers = written.join("").trimEnd().split("\n")
      assert.deepStrictEqual(answers.map(tagOf), [undefined, "InvalidJob", "InvalidJob", undefined])
      assert.deepStrictEqual(parsed(decode(job(parsed(answers[0] ?? "")))), { value: { s: "ä€😀" } })
    })
  )

  it.effect("does not wait for the next job before it answers", () =>
    Effect.gen(function* () {
      const { input, stdio, written, wrote } = yield* makeStdio
      const running = yield* Effect.forkChild(Effect.provideService(Jsonl.run(decode), Stdio.Stdio, stdio))
      for (const hex of ["00", "0"]) {
        yield* Queue.offer(input, Buffer.from(`${job({ type: "Empty", hex })}\n`))
        yield* wrote.await
        yield* wrote.close
      }
      assert.deepStrictEqual(written.map(tagOf), [undefined, "InvalidJob"])
      yield* Queue.end(input)
      yield* Fiber.join(running)
    })
  )
})
