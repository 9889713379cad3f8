import { assert, describe, it } from "@effect/vitest"
import * as Cors from "../../src/grpc/Cors.ts"
import * as HpackEncoder from "../../src/transport/http2/HpackEncoder.ts"
import { Headers } from "../../src/transport/http2/Headers.ts"

const app = "https://app.example.com"
const other = "http://localhost:5173"

const headers = (method: string, fields: Readonly<Record<string, string>>): Headers => {
  const made = new Headers()
  made.method = method
  for (const [name, value] of Object.entries(fields)) made.list.push(name, value)
  return made
}

const record = (list: ReadonlyArray<string> = []) => {
  const made: Record<string, string> = {}
  for (let at = 0; at < list.length; at += 2) {
    assert.notProperty(made, list[at]!)
    made[list[at]!] = list[at + 1]!
  }
  return made
}

const answered = (options: Cors.Options, origin: string | undefined) =>
  record(new Cors.Cors(options).fieldsFor(headers("POST", origin === undefined ? {} : { origin })))

const preflight = (options: Cors.Options, fields: Readonly<Record<string, string>>, method = "OPTIONS") =>
  new Cors.Cors(options).preflight(headers(method, fields))

describe("answers", () => {
  const table: ReadonlyArray<readonly [Cors.Options, string | undefined, Readonly<Record<string, string>>]> = [
    [{ origins: "*" }, app, { "access-control-allow-origin": "*" }],
    [{ origins: "*" }, undefined, { "access-control-allow-origin": "*" }],
    [{ origins: [app, other] }, other, { "access-control-allow-origin": other, vary: "origin" }],
    [{ origins: [app] }, other, { vary: "origin" }],
    [{ origins: [app] }, `${app}.evil.example`, { vary: "origin" }],
    [{ origins: [app] }, "null", { vary: "origin" }],
    [{ origins: [app] }, undefined, { vary: "origin" }],
    [{ origins: [] }, app, { vary: "origin" }],
    [
      { origins: [app], credentials: true },
      app,
      { "access-control-allow-origin": app, vary: "origin", "access-control-allow-credentials": "true" }
    ],
    [{ origins: [app], credentials: true }, other, { vary: "origin" }]
  ]
  for (const [options, origin, expected] of table) {
    it(`${JSON.stringify(options)} to ${origin}`, () => assert.deepStrictEqual(answered(options, origin), expected))
  }

  it("let pages see gRPC's own fields, and those that are sent, and no others", () => {
    const cors = new Cors.Cors({ origins: [app] })
    const prepared = HpackEncoder.prepare([":status", "200", "content-type", "a/b", "grpc-encoding", "gzip"])
    const sent = ["x-custom", "1", "x-custom", "2", "trace-bin", "AA"]
    const allowed = cors.fieldsFor(headers("POST", { origin: app }))
    assert.strictEqual(
      record(cors.expose(allowed, prepared, sent))["access-control-expose-headers"],
      "grpc-status,grpc-message,grpc-status-details-bin,grpc-encoding,x-custom,trace-bin"
    )
    const refused = cors.fieldsFor(headers("POST", { origin: other }))
    assert.deepStrictEqual(record(cors.expose(refused, prepared, sent)), { vary: "origin" })
  })
})

describe("preflights", () => {
  const asked = {
    origin: app,
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type,x-grpc-web,x-custom"
  }

  it("are allowed what they ask for", () => {
    assert.deepStrictEqual(record(preflight({ origins: [app], credentials: true, maxAge: "1 minute" }, asked)), {
      "access-control-allow-origin": app,
      vary: "origin",
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "POST",
      "access-control-max-age": "60",
      "access-control-allow-headers": "content-type,x-grpc-web,x-custom"
    })
    assert.deepStrictEqual(
      record(preflight({ origins: "*" }, { origin: app, "access-control-request-method": "PUT" })),
      {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "POST",
        "access-control-max-age": "7200"
      }
    )
  })

  it("of other origins are told nothing", () =>
    assert.deepStrictEqual(record(preflight({ origins: [other] }, asked)), { vary: "origin" }))

  it("are OPTIONS with an origin and a method", () => {
    assert.isUndefined(preflight({ origins: "*" }, asked, "POST"))
    assert.isUndefined(preflight({ origins: "*" }, { origin: app }))
    assert.isUndefined(preflight({ origins: "*" }, { "access-control-request-method": "POST" }))
  })
})

describe("options", () => {
  it("that are right", () => {
    for (const origin of [app, other, "http://[::1]:80", "null", "capacitor://localhost", "https://a.example:8443"]) {
      const fault = Cors.check({ origins: [origin], credentials: true })
      if (origin === "http://[::1]:80") assert.match(fault!, /no origin/)
      else assert.isUndefined(fault, origin)
    }
    assert.isUndefined(Cors.check({ origins: "*" }))
  })

  it("that could never fit a browser's origin, or would trust every page with cookies", () => {
    for (const origin of [`${app}/`, `${app}/path`, "app.example.com", "https://App.example.com", "*", ""]) {
      assert.match(Cors.check({ origins: [origin] })!, /is no origin; write it as/, origin)
    }
    assert.match(Cors.check({ origins: "*", credentials: true })!, /credentials need a list/)
  })
})
