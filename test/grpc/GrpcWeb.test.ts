/** gRPC-Web over both versions of HTTP, asked by Node's own HTTP and by a client of gRPC-Web that is none of ours. */
import * as Zlib from "node:zlib"
import { assert } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Call from "../../src/Call.ts"
import type * as GrpcServer from "../../src/grpc/GrpcServer.ts"
import * as StatusDetails from "../../src/grpc/StatusDetails.ts"
import * as ReplyMetadata from "../../src/ReplyMetadata.ts"
import * as Certificate from "../fixtures/Certificate.ts"
import { encodeText, frame } from "../fixtures/GrpcPeer.ts"
import { Refused } from "../fixtures/GrpcProbe.ts"
import { ask } from "../fixtures/GrpcRaw.ts"
import { connect as connectJs, type Handlers, live, portOf, promise, serve, settled } from "../fixtures/GrpcServed.ts"
import { binary, connect, fromText, read, text, toText, type Version, versions } from "../fixtures/WebRaw.ts"

const path = "/test.Probe/ask"
const origin = "https://app.example.com"

const start = (version: Version, own?: Handlers, options?: GrpcServer.Options) =>
  Effect.gen(function* () {
    const listener = yield* serve(own, { web: { origins: [origin] }, ...options })
    return { listener, web: yield* connect(portOf(listener), version) }
  })

const texts = (messages: ReadonlyArray<Buffer>) => messages.map((message) => message.subarray(2).toString())

for (const version of versions) {
  const over = `over HTTP/${version}`

  live(
    `a unary call ${over}, binary and text`,
    Effect.gen(function* () {
      const { listener, web } = yield* start(version)
      const headers = { "content-type": binary, "x-grpc-web": "1", origin }
      const answer = yield* promise(() => web.call(path, ask("hi"), headers))
      assert.deepStrictEqual([answer.status, answer.headers["content-type"]], [200, binary])
      assert.strictEqual(answer.headers["access-control-allow-origin"], origin)
      assert.notProperty(answer.headers, "grpc-status")
      assert.isTrue(
        answer.body.equals(Buffer.concat([ask("hi"), Buffer.from("\x80\0\0\0\x10grpc-status: 0\r\n", "latin1")]))
      )

      for (const pieces of [[ask("hi")], [ask("hi").subarray(0, 1), ask("hi").subarray(1, 3), ask("hi").subarray(3)]]) {
        const asked = yield* promise(() => web.call(path, toText(...pieces), { ...headers, "content-type": text }))
        assert.deepStrictEqual([asked.status, asked.headers["content-type"]], [200, text])
        assert.isTrue(fromText(asked.body).equals(answer.body))
      }
      assert.strictEqual(listener.inFlight(), 0)
    })
  )

  live(
    `the form of the answer ${over} is that of the request, unless accept says otherwise`,
    Effect.gen(function* () {
      const { web } = yield* start(version)
      const cases = [
        ["application/grpc-web", undefined, binary],
        ["application/grpc-web; charset=utf-8", undefined, binary],
        ["application/grpc-web-text", undefined, text],
        ["application/grpc-web", "application/grpc-web-text", text],
        ["application/grpc-web-text", "application/grpc-web", binary],
        ["application/grpc-web", "application/grpc-web, application/grpc-web-text", binary],
        ["application/grpc-web-text", "*/*", text]
      ] as const
      for (const [type, accept, expected] of cases) {
        const body = type.includes("text") ? toText(ask("hi")) : ask("hi")
        const headers = { "content-type": type, ...(accept === undefined ? {} : { accept }) }
        const answer = yield* promise(() => web.call(path, body, headers))
        assert.strictEqual(answer.headers["content-type"], expected, `${type} ${accept}`)
        const { messages, trailers } = read(expected === text ? fromText(answer.body) : answer.body)
        assert.deepStrictEqual([texts(messages), trailers["grpc-status"]], [["hi"], "0"])
      }
    })
  )

  live(
    `a stream of answers ${over}: each message leaves when it is there`,
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const { web } = yield* start(version, {
        list: () => Stream.concat(Stream.make("a", "b"), Stream.fromEffect(Effect.as(Deferred.await(gate), "c")))
      })
      const calls = [binary, text].map((type) => {
        const call = web.open("/test.Probe/list", { "content-type": type })
        call.end(type === text ? toText(ask("x")) : ask("x"))
        return { call, decode: type === text ? fromText : (body: Buffer) => body }
      })
      for (const { call, decode } of calls) {
        yield* settled(() => read(decode(call.received())).messages.length === 2)
      }
      yield* Deferred.succeed(gate, undefined)
      for (const { call, decode } of calls) {
        const { messages, trailers } = read(decode((yield* promise(() => call.answer)).body))
        assert.deepStrictEqual([texts(messages), trailers], [["a", "b", "c"], { "grpc-status": "0" }])
      }
    })
  )

  live(
    `streams of requests ${over}`,
    Effect.gen(function* () {
      const { web } = yield* start(version)
      for (const type of [binary, text]) {
        const encode = (...pieces: ReadonlyArray<Buffer>) => (type === text ? toText(...pieces) : Buffer.concat(pieces))
        const decode = type === text ? fromText : (body: Buffer) => body
        const joined = web.open("/test.Probe/join", { "content-type": type })
        joined.write(encode(ask("a"), ask("b").subarray(0, 4)))
        joined.end(encode(ask("b").subarray(4)))
        const { messages } = read(decode((yield* promise(() => joined.answer)).body))
        assert.deepStrictEqual(texts(messages), ["a,b"])

        const chat = web.open("/test.Probe/chat", { "content-type": type })
        for (const [index, word] of ["one", "two", "three"].entries()) {
          chat.write(encode(ask(word)))
          yield* settled(() => read(decode(chat.received())).messages.length === index + 1)
        }
        chat.end()
        const { messages: heard, trailers } = read(decode((yield* promise(() => chat.answer)).body))
        assert.deepStrictEqual([texts(heard), trailers], [["one", "two", "three"], { "grpc-status": "0" }])
      }
    })
  )

  live(
    `metadata ${over}, both ways, in the headers and in the trailers`,
    Effect.gen(function* () {
      const { web } = yield* start(version, {
        ask: () =>
          Effect.gen(function* () {
            const call = yield* Call.Current
            const entries = call?.metadata.entries.filter(([key]) => key.startsWith("x-")) ?? []
            yield* ReplyMetadata.append("x-lead", "1")
            yield* ReplyMetadata.append("x-lead-bin", Uint8Array.of(1, 2, 3))
            yield* ReplyMetadata.appendTrailer("x-trail", "two")
            yield* ReplyMetadata.appendTrailer("x-trail-bin", Uint8Array.of(255))
            return entries.map(([key, value]) => `${key}=${Buffer.from(value as string).toString("hex")}`).join()
          })
      })
      const headers = { "content-type": binary, origin, "x-a": ["1", "2"], "x-b-bin": "AAEC" }
      const answer = yield* promise(() => web.call(path, ask("x"), headers))
      const { messages, trailers } = read(answer.body)
      // HTTP/2 of Node joins what HTTP/1.1 of Node sends apart.
      assert.strictEqual(texts(messages)[0]!.replace("x-a=31,x-a=32", "x-a=312c2032"), "x-a=312c2032,x-b-bin=000102")
      assert.deepStrictEqual([answer.headers["x-lead"], answer.headers["x-lead-bin"]], ["1", "AQID"])
      assert.deepStrictEqual(trailers, { "grpc-status": "0", "x-trail": "two", "x-trail-bin": "/w" })
      assert.strictEqual(
        answer.headers["access-control-expose-headers"],
        "grpc-status,grpc-message,grpc-status-details-bin,grpc-accept-encoding,x-lead,x-lead-bin"
      )
    })
  )

  live(
    `failures ${over}: before the first message in the headers, behind it in the trailers`,
    Effect.gen(function* () {
      const { web } = yield* start(version, {
        ask: () => Effect.fail(new Refused({ why: "née" })),
        list: () => Stream.concat(Stream.make("a"), Stream.fail(new Refused({ why: "late" })))
      })
      const headers = { "content-type": binary, origin }
      const early = yield* promise(() => web.call(path, ask("x"), headers))
      assert.deepStrictEqual([early.status, early.body.length, early.headers["grpc-status"]], [200, 0, "9"])
      const details = StatusDetails.decode(Buffer.from(early.headers["grpc-status-details-bin"]!, "base64"))!
      assert.strictEqual(details.details[0]!.typeUrl, "type.googleapis.com/test.Refused")
      assert.include(early.headers["access-control-expose-headers"]!, "grpc-status-details-bin")

      const late = yield* promise(() => web.call("/test.Probe/list", ask("x"), headers))
      const { messages, trailers } = read(late.body)
      assert.deepStrictEqual([texts(messages), trailers["grpc-status"]], [["a"], "9"])
      assert.property(trailers, "grpc-status-details-bin")

      const unknown = yield* promise(() => web.call("/test.Probe/nothing", ask("x"), headers))
      assert.deepStrictEqual(
        [unknown.status, unknown.headers["grpc-status"], unknown.headers["grpc-message"]],
        [200, "12", 'test.Probe has no method "nothing"']
      )
      const inText = yield* promise(() => web.call(path, toText(ask("x")), { ...headers, "content-type": text }))
      assert.deepStrictEqual([inText.body.length, inText.headers["grpc-status"]], [0, "9"])
    })
  )

  live(
    `compressed messages ${over}`,
    Effect.gen(function* () {
      const { web } = yield* start(version, {}, { compression: { send: ["zstd", "gzip"], threshold: 0 } })
      const request = frame(Zlib.gzipSync(ask("squeezed").subarray(5)), true)
      const headers = { "grpc-encoding": "gzip", "grpc-accept-encoding": "gzip" }
      for (const type of [binary, text]) {
        const body = type === text ? toText(request) : request
        const answer = yield* promise(() => web.call(path, body, { ...headers, "content-type": type }))
        assert.strictEqual(answer.headers["grpc-encoding"], "gzip")
        const { messages, trailers } = read(type === text ? fromText(answer.body) : answer.body)
        assert.deepStrictEqual(texts(messages.map((message) => Zlib.gunzipSync(message))), ["squeezed"])
        assert.strictEqual(trailers["grpc-status"], "0")
      }
    })
  )

  live(
    `large messages ${over}`,
    Effect.gen(function* () {
      const { web } = yield* start(version)
      for (const size of [16_379, 1_000_000, 4_000_000]) {
        const request = frame(encodeText("x".repeat(size)))
        for (const type of [binary, text]) {
          const body = type === text ? toText(request) : request
          const answer = yield* promise(() => web.call(path, body, { "content-type": type }))
          const { messages } = read(type === text ? fromText(answer.body) : answer.body)
          assert.isTrue(messages[0]!.equals(request.subarray(5)), `${size} ${type}`)
        }
      }
    })
  )

  live(
    `a preflight ${over}, of a page that may call and of one that may not`,
    Effect.gen(function* () {
      const { web } = yield* start(version)
      const asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-grpc-web"
      }
      const allowed = yield* promise(() => web.call(path, undefined, { ...asked, origin }, "OPTIONS"))
      assert.strictEqual(allowed.status, 204)
      assert.strictEqual(allowed.headers["access-control-allow-origin"], origin)
      assert.strictEqual(allowed.headers["access-control-allow-headers"], "content-type,x-grpc-web")
      const other = { ...asked, origin: "https://evil.example" }
      const refused = yield* promise(() => web.call(path, undefined, other, "OPTIONS"))
      assert.strictEqual(refused.status, 403)
      assert.isEmpty(Object.keys(refused.headers).filter((name) => name.startsWith("access-control-")))
      assert.strictEqual(refused.headers["vary"], "origin")
      const called = yield* promise(() => web.call(path, ask("x"), { "content-type": binary, ...other }))
      assert.isEmpty(Object.keys(called.headers).filter((name) => name.startsWith("access-control-")))
    })
  )

  live(
    `what is no call ${over} is told so`,
    Effect.gen(function* () {
      const { web } = yield* start(version)
      const cases: ReadonlyArray<readonly [string, string, string | undefined, number, RegExp]> = [
        ["GET", "/", undefined, 404, /no method of a gRPC service has this path/],
        ["GET", path, undefined, 405, /POST/],
        ["HEAD", path, undefined, 405, /^$/],
        ["OPTIONS", "/", undefined, 204, /^$/],
        ["POST", path, undefined, 415, /application\/grpc-web\+proto/],
        ["POST", path, "application/json", 415, /takes gRPC/],
        ["POST", path, "application/grpc-web+json", 415, /takes gRPC/],
        ...(version === 1 ? [["POST", path, "application/grpc", 505, /gRPC needs HTTP\/2/] as const] : [])
      ]
      for (const [method, target, type, status, said] of cases) {
        const headers = { origin, ...(type === undefined ? {} : { "content-type": type }) }
        const body = method === "POST" ? ask("x") : undefined
        const answer = yield* promise(() => web.call(target, body, headers, method))
        assert.strictEqual(answer.status, status, `${method} ${target} ${type}`)
        assert.match(answer.body.toString(), said)
        if (status === 405) assert.strictEqual(answer.headers["allow"], "POST, OPTIONS")
      }
      const good = yield* promise(() => web.call(path, ask("x"), { "content-type": binary }))
      assert.strictEqual(read(good.body).trailers["grpc-status"], "0")
    })
  )

  live(
    `with TLS ${over}, agreed on by ALPN, with the identity of the client`,
    Effect.gen(function* () {
      const authority = Certificate.make("authority")
      const server = Certificate.make("server", authority)
      const client = Certificate.make("client", authority)
      const listener = yield* serve(
        { ask: () => Effect.map(Call.Current, (call) => call?.identity?.commonName ?? "nobody") },
        {
          web: { origins: "*" },
          tls: { key: server.key, cert: server.cert, ca: authority.cert, requestCert: true }
        }
      )
      const tls = { ca: authority.cert, key: client.key, cert: client.cert }
      for (const more of version === 1 ? [{}, { ALPNProtocols: ["http/1.1"] }] : [{}]) {
        const web = yield* connect(portOf(listener), version, { ...tls, ...more })
        const answer = yield* promise(() => web.call(path, ask("x"), { "content-type": binary }))
        assert.deepStrictEqual(texts(read(answer.body).messages), ["client"])
      }
    })
  )
}

live(
  "gRPC and both versions of gRPC-Web on one port",
  Effect.gen(function* () {
    const { listener, web } = yield* start(1)
    const web2 = yield* connect(portOf(listener), 2)
    const js = yield* connectJs(portOf(listener))
    for (const client of [web, web2]) {
      const answer = yield* promise(() => client.call(path, ask("x"), { "content-type": binary }))
      assert.strictEqual(read(answer.body).trailers["grpc-status"], "0")
    }
    const outcome = yield* promise(() => js.unary("ask", "plain"))
    assert.deepStrictEqual([outcome.code, outcome.replies], [0, ["plain"]])
    assert.strictEqual(listener.connections(), 3)
  })
)

live(
  "options that would do harm are an error of the layer",
  Effect.gen(function* () {
    const error = yield* Effect.flip(serve({}, { web: { origins: "*", credentials: true } }))
    assert.match((error as Error).message, /gRPC-Web are refused: credentials need a list of origins/)
  })
)
