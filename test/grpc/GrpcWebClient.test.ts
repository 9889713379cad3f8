/** Our client of gRPC-Web against peers that tests script: what it sends, and what it makes of responses, good and bad. */
import type { IncomingMessage, ServerResponse } from "node:http"
import { gzipSync } from "node:zlib"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as CallOptions from "../../src/CallOptions.ts"
import * as GrpcClient from "../../src/grpc/GrpcClient.ts"
import * as GrpcWebClient from "../../src/grpc/GrpcWebClient.ts"
import * as Metadata from "../../src/Metadata.ts"
import type { Reason } from "../../src/RpcError.ts"
import { failure, live } from "../fixtures/Connected.ts"
import { connectBy } from "../fixtures/GrpcConnected.ts"
import { encodeText, frame, message } from "../fixtures/GrpcPeer.ts"
import { askCodec } from "../fixtures/GrpcProbe.ts"
import * as WebPeer from "../fixtures/WebPeer.ts"
import { Reader } from "../../src/wire/Reader.ts"

type Format = "binary" | "text"

const types = { binary: "application/grpc-web+proto", text: "application/grpc-web-text+proto" } as const

const ways = [
  { http: "1.1", format: "binary" },
  { http: "1.1", format: "text" },
  { http: "2", format: "binary" },
  { http: "2", format: "text" }
] as const

/** A response, in as many pieces as there are chunks. */
interface Scripted {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly chunks?: ReadonlyArray<Uint8Array>
  /** The connection, or the stream, is cut behind the chunks. */
  readonly isCut?: boolean
  /** Of the body, where the peer says it. */
  readonly length?: number
}

const respond = (format: Format, scripted: Scripted, response: ServerResponse): void => {
  const { chunks = [], headers = {}, isCut, length, status = 200 } = scripted
  const sized = length === undefined ? {} : { "content-length": length }
  response.writeHead(status, { "content-type": types[format], ...sized, ...headers })
  for (const chunk of chunks) response.write(format === "text" ? toText(chunk) : chunk)
  if (isCut === true) response.destroy()
  else response.end()
}

const toText = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64")

const textOf = (body: Buffer): string => askCodec.decode(new Reader(body.subarray(5))).text

/** What a peer does with a request whose text is `ok`. */
const good: Scripted = { chunks: [WebPeer.body("fine")] }

for (const { format, http } of ways) {
  const start = (answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void) =>
    Effect.gen(function* () {
      const peer = yield* WebPeer.scripted({ http }, (request, response) => {
        void WebPeer.bodyOf(request).then(
          (body) => answer(request, response, body),
          () => {}
        )
      })
      return { peer, ...(yield* connectBy(GrpcWebClient.layer({ http, format }), peer.address)) }
    })

  /** A peer that answers everything but `ok` in this way. */
  const answering = (scripted: Scripted) =>
    start((_, response, body) => {
      const binary = format === "text" ? Buffer.from(body.toString("latin1"), "base64") : body
      respond(format, textOf(binary) === "ok" ? good : scripted, response)
    })

  /** The failure of a unary call, and then of a streamed one, that is answered in this way. Others are untouched. */
  const failuresWith = (scripted: Scripted) =>
    Effect.gen(function* () {
      const { client } = yield* answering(scripted)
      const unary = failure(yield* Effect.exit(client.ask({ text: "x" })))
      assert.strictEqual(yield* client.ask({ text: "ok" }), "fine")
      const streamed = failure(yield* Effect.exit(Stream.runDrain(client.list({ text: "x" }))))
      assert.strictEqual(yield* client.ask({ text: "ok" }), "fine")
      return [unary, streamed]
    })

  const fails = (scripted: Scripted, check: (reason: Reason) => void) =>
    Effect.map(failuresWith(scripted), (errors) => errors.forEach(({ reason }) => check(reason)))

  const isStatus = (code: number, text: RegExp) => (reason: Reason) => {
    assert.match(reason.message, text)
    const found = reason._tag === "StatusError" ? reason.code : reason._tag === "Unavailable" ? 14 : reason._tag
    assert.strictEqual(found, code)
  }

  const isGarbage = (text: RegExp) => (reason: Reason) => {
    assert.strictEqual(reason._tag, "ProtocolError")
    assert.match(reason.message, text)
  }

  describe(`GrpcWebClient, HTTP/${http}, ${format}`, () => {
    live(
      "sends what gRPC-Web asks for",
      Effect.gen(function* () {
        const seen: Array<readonly [IncomingMessage, Buffer]> = []
        const { client, peer } = yield* start((request, response, body) => {
          seen.push([request, body])
          respond(format, good, response)
        })
        const call = client.ask({ text: "hello" })
        const options = CallOptions.withMetadata("who", "me")
        assert.strictEqual(yield* call.pipe(options, CallOptions.withTimeout("1 minute")), "fine")
        const [request, body] = seen[0]!
        const { headers } = request
        assert.deepStrictEqual([request.method, request.url], ["POST", "/test.Probe/ask"])
        assert.strictEqual(headers["content-type"], types[format])
        assert.strictEqual(headers["accept"], types[format])
        assert.strictEqual(headers["x-grpc-web"], "1")
        assert.strictEqual(headers["te"], undefined)
        assert.strictEqual(headers["who"], "me")
        assert.match(headers["grpc-timeout"] as string, /^\d{1,8}[mun]$/)
        assert.match(headers["user-agent"] ?? "", /^grpc-node-volant\/\d/)
        assert.strictEqual(headers["grpc-accept-encoding"], "identity,gzip,deflate,zstd")
        assert.strictEqual(headers[http === "2" ? ":authority" : "host"], peer.address)
        const expected = message("hello")
        assert.deepStrictEqual(body, format === "text" ? Buffer.from(toText(expected)) : expected)
        if (http === "1.1") assert.strictEqual(headers["content-length"], String(body.length))
      })
    )

    live(
      "takes responses in whatever pieces they come, and trailers with capitals, blanks and no end of line",
      Effect.gen(function* () {
        const body = Buffer.concat([
          message("a"),
          message(""),
          message("b".repeat(300)),
          WebPeer.trailers("Grpc-Status:0\r\nCOST:  2\t\r\nzone-bin: AQI\r\n\r\n")
        ])
        for (const size of [1, 2, 3, 5, 6, 7, 100, 1000]) {
          const chunks: Array<Buffer> = []
          for (let at = 0; at < body.length; at += size) chunks.push(body.subarray(at, at + size))
          const { client } = yield* answering({ chunks })
          assert.deepStrictEqual(yield* Stream.runCollect(client.list({ text: "x" })), ["a", "", "b".repeat(300)])
        }
      })
    )

    live(
      "takes a status in the head, with and without a body, and metadata beside it",
      Effect.gen(function* () {
        const headers = { "grpc-status": "5", "grpc-message": "gone%21", where: "there" }
        for (const scripted of [{ headers }, { headers, length: 0 }]) {
          for (const error of yield* failuresWith(scripted)) {
            isStatus(5, /gone!/)(error.reason)
            assert.strictEqual(Metadata.get(GrpcClient.trailers(error), "where"), "there")
          }
        }
        // What the body says counts more.
        const { client } = yield* answering({ headers, chunks: [WebPeer.body("y")] })
        assert.strictEqual(yield* client.ask({ text: "x" }), "y")
        assert.deepStrictEqual(yield* Stream.runCollect(client.list({ text: "x" })), ["y"])
      })
    )

    live(
      "takes compressed messages and trailers",
      Effect.gen(function* () {
        const fields = gzipSync(Buffer.from("grpc-status: 9\r\ngrpc-message: no\r\n")).toString("latin1")
        const chunks = [frame(gzipSync(encodeText("zipped")), true), WebPeer.trailers(fields, 0x81)]
        const { client } = yield* answering({ headers: { "grpc-encoding": "gzip" }, chunks })
        const seen: Array<string> = []
        const each = (text: string) => Effect.sync(() => void seen.push(text))
        isStatus(9, /no/)(failure(yield* Effect.exit(Stream.runForEach(client.list({ text: "x" }), each))).reason)
        assert.deepStrictEqual(seen, ["zipped"])
        yield* fails({ chunks }, isGarbage(/compressed/))
        const bomb = gzipSync(Buffer.alloc(10_000_000, "a: b\r\n")).toString("latin1")
        yield* fails(
          { headers: { "grpc-encoding": "gzip" }, chunks: [WebPeer.trailers(bomb, 0x81)] },
          isGarbage(/16384/)
        )
      })
    )

    live(
      "says what is wrong with a response",
      Effect.gen(function* () {
        const ok = WebPeer.trailers("grpc-status: 0\r\n")
        const reply = message("x")
        yield* fails({ chunks: [reply] }, isStatus(2, /without grpc-status/))
        yield* fails({}, isStatus(2, /without grpc-status/))
        yield* fails({ chunks: [reply, WebPeer.trailers("cost: 1\r\n")] }, isStatus(2, /without grpc-status/))
        yield* fails({ chunks: [reply, WebPeer.trailers("grpc-status: x\r\n")] }, isStatus(2, /without grpc-status/))
        yield* fails({ chunks: [reply, WebPeer.trailers("no field\r\n")] }, isGarbage(/no field/))
        yield* fails({ chunks: [reply, ok.subarray(0, 3)] }, isGarbage(/ends within its trailers/))
        yield* fails({ chunks: [reply, ok.subarray(0, 9)] }, isGarbage(/ends within its trailers/))
        yield* fails({ chunks: [reply, ok, reply] }, isGarbage(/goes on behind the trailers/))
        yield* fails({ chunks: [reply, Buffer.concat([ok, reply])] }, isGarbage(/goes on behind the trailers/))
        yield* fails({ chunks: [WebPeer.trailers("", 0x84)] }, isGarbage(/flag 132/))
        yield* fails({ chunks: [frame(Buffer.from("x")).fill(7, 0, 1), ok] }, isGarbage(/flag 7/))
        yield* fails({ chunks: [WebPeer.trailers(`a: ${"b".repeat(20_000)}\r\n`)] }, isGarbage(/16384/))
        yield* fails({ chunks: [Buffer.from("80ffffffff", "hex")] }, isGarbage(/16384/))
        yield* fails({ chunks: [frame(Buffer.from([0x0a, 0x05])), ok] }, isGarbage(/cannot be decoded/))
        yield* fails({ chunks: [reply.subarray(0, 6), ok] }, (reason) => assert.isString(reason.message))
        yield* fails({ chunks: [Buffer.from("00ffffffff", "hex")] }, (reason) =>
          assert.strictEqual(reason._tag, "StatusError")
        )
      })
    )

    live(
      "maps what is no gRPC-Web at all",
      Effect.gen(function* () {
        const html = { "content-type": "text/html" }
        const chunks = [Buffer.from("<html>")]
        yield* fails({ status: 404, headers: html, chunks }, isStatus(12, /404/))
        yield* fails({ status: 503, headers: html, chunks }, isStatus(14, /503/))
        yield* fails({ status: 200, headers: html, chunks }, isStatus(2, /text\/html/))
        const other = types[format === "text" ? "binary" : "text"]
        yield* fails({ headers: { "content-type": other } }, isStatus(2, /content-type/))
        yield* fails({ headers: { "content-type": "application/grpc" } }, isStatus(2, /content-type/))
        yield* fails({ headers: { "grpc-encoding": "brotli" } }, isGarbage(/brotli/))
      })
    )

    live(
      "a response that is cut off is no end of it",
      Effect.gen(function* () {
        const whole = WebPeer.body("one", "two")
        for (const size of [0, 3, 10, whole.length - 5]) {
          const cut = { chunks: [whole.subarray(0, size)], isCut: true }
          for (const { reason } of yield* failuresWith(cut)) {
            if (reason._tag === "Unavailable") assert.isFalse(reason.unsent)
            else assert.include(["StatusError", "ProtocolError", "Cancelled"], reason._tag)
          }
        }
      })
    )
  })
}

describe("GrpcWebClient, text", () => {
  live(
    "base64 that is none, or ends within a group",
    Effect.gen(function* () {
      for (const [text, what] of [
        ["AAAA*AAA", /no base64/],
        ["AAAAAA", /four characters/]
      ] as const) {
        const peer = yield* WebPeer.scripted({ http: "1.1" }, (request, response) => {
          request.resume()
          response.writeHead(200, { "content-type": types.text }).end(text)
        })
        const { client } = yield* connectBy(GrpcWebClient.layer({ http: "1.1", format: "text" }), peer.address)
        const { reason } = failure(yield* Effect.exit(client.ask({ text: "x" })))
        assert.strictEqual(reason._tag, "ProtocolError")
        assert.match(reason.message, what)
      }
    })
  )
})
