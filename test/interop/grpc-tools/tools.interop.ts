/** grpcurl, ghz and h2load against our server. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Reflection from "../../../src/grpc/Reflection.ts"
import { start } from "../../fixtures/ReflectionServed.ts"
import { file_shop_more } from "../../grpc/gen/shop/more.ts"
import { Order, Shop } from "../../grpc/gen/shop/order.ts"
import * as Processes from "../Processes.ts"
import * as Peers from "./peers.ts"

const program = fileURLToPath(new URL("../grpc-interop-server.ts", import.meta.url))

const server = Effect.gen(function* () {
  const port = yield* Effect.promise(() => Processes.freePort())
  const command = { command: process.execPath, args: [program, `--port=${port}`], env: { NODE_OPTIONS: "" } }
  yield* Effect.acquireRelease(
    Effect.promise(() => Processes.start(command, port)),
    (running) => Effect.promise(() => running.stop())
  )
  return port
})

/** The output of a command that must end well; undefined where it is absent. */
const output = (command: Processes.Command | undefined, code = 0) =>
  Effect.gen(function* () {
    if (command === undefined) {
      console.warn("NOT RUN: grpcurl, ghz and h2load, absent")
      return undefined
    }
    const finished = yield* Effect.promise(() => Processes.run(command))
    assert.strictEqual(finished.code, code, finished.output)
    return finished.output
  })

const test = (name: string, body: (port: number) => Effect.Effect<void>) =>
  it.live(name, () => Effect.scoped(Effect.flatMap(server, body)))

describe("grpcurl", () => {
  test("calls each kind of method", (port) =>
    Effect.gen(function* () {
      const call = (method: string, data: string, code?: number) =>
        output(Peers.grpcurlOfProto(["-d", data, `127.0.0.1:${port}`, `grpc.testing.TestService/${method}`]), code)
      const unary = yield* call("UnaryCall", '{"responseSize":3}')
      if (unary === undefined) return
      assert.deepStrictEqual(JSON.parse(unary), { payload: { body: "AAAA" } })
      const down = yield* call("StreamingOutputCall", '{"responseParameters":[{"size":3},{"size":6}]}')
      assert.deepStrictEqual(down!.match(/AA+/g), ["AAAA", "AAAAAAAA"])
      const up = yield* call("StreamingInputCall", '{"payload":{"body":"AAAA"}}{"payload":{"body":"AAAA"}}')
      assert.deepStrictEqual(JSON.parse(up!), { aggregatedPayloadSize: 6 })
      const both = yield* call(
        "FullDuplexCall",
        '{"responseParameters":[{"size":3}]}{"responseParameters":[{"size":6}]}'
      )
      assert.deepStrictEqual(both!.match(/AA+/g), ["AAAA", "AAAAAAAA"])
      const failure = yield* call("UnaryCall", '{"responseStatus":{"code":9,"message":"née"}}', 64 + 9)
      assert.include(failure, "née")
    }))
})

describe("grpcurl through reflection", () => {
  test("lists, describes and calls", (port) =>
    Effect.gen(function* () {
      const address = `127.0.0.1:${port}`
      const list = yield* output(Peers.grpcurl([address, "list"]))
      if (list === undefined) return
      assert.include(list.split("\n"), "grpc.testing.TestService")
      const methods = yield* output(Peers.grpcurl([address, "list", "grpc.testing.TestService"]))
      assert.include(methods!.split("\n"), "grpc.testing.TestService.UnaryCall")
      const method = yield* output(Peers.grpcurl([address, "describe", "grpc.testing.TestService.FullDuplexCall"]))
      assert.include(method, "( stream .grpc.testing.StreamingOutputCallRequest ) returns ( stream ")
      const message = yield* output(Peers.grpcurl([address, "describe", "grpc.testing.SimpleRequest"]))
      assert.include(message, "int32 response_size = 2;")
      const call = ["-d", '{"responseSize":3}', address, "grpc.testing.TestService/UnaryCall"]
      const reply = yield* output(Peers.grpcurl(call))
      assert.deepStrictEqual(JSON.parse(reply!), { payload: { body: "AAAA" } })
    }))
})

const shop = start(
  Shop.serve({ getOrder: Effect.succeed, watch: () => Stream.make(Order.make()) }),
  Reflection.serveWith({ files: [file_shop_more] })
)

const order = `shop.Order is a message:
message Order {
  string id = 1 [json_name = "orderId"];
  oneof payment_method {
    option (.shop.options.oneof_note) = "how it is paid";
    .shop.Order.Card by_card = 2;
    string by_voucher = 3 [(.shop.options.field_note) = { text: "a voucher" }];
  }
  oneof Delivery_Way {
    .google.protobuf.Timestamp at_time = 4;
    bool now = 5;
  }
  map<string, .shop.Base> bases_by_name = 6;
  .shop.Order.State state = 7 [features = { field_presence: EXPLICIT }];
  .shop.Base delimited_base = 8 [features = { message_encoding: DELIMITED }];
  message Card {
    string number = 1 [debug_redact = true];
    .shop.Order.Card.Owner owner = 2;
    message Owner {
      string name = 1;
    }
  }
  enum State {
    STATE_UNKNOWN = 0;
    STATE_PAID = 1;
  }
}
`

const service = `shop.Shop is a service:
service Shop {
  option (.shop.options.weight) = 1.500000;
  rpc GetOrder ( .shop.Order ) returns ( .shop.Order ) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (.shop.options.method_note) = { text: "reads" };
    option (.volant.errors) = "NoOrder";
  }
  rpc Watch ( stream .shop.Base ) returns ( stream .shop.Order );
}
`

describe("grpcurl through reflection of files of every form", () => {
  it.live("describes them as they were written", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { port } = yield* shop
        const describe = (symbol: string) => output(Peers.grpcurl([`127.0.0.1:${port}`, "describe", symbol]))
        const described = yield* describe("shop.Order")
        if (described === undefined) return
        assert.strictEqual(described, order)
        assert.strictEqual(yield* describe("shop.Shop"), service)
        const base = yield* describe("shop.Base")
        assert.include(base, 'default = "no \\"name\\""')
        assert.include(base, "extensions 100 to 199, 1000 to max;")
        assert.include(yield* describe("shop.Colour"), 'RED = 1 [(.shop.options.raw) = "\\000\\377"];')
        assert.include(yield* describe("shop.more.Scope.ratings"), "extend .shop.Base")
      })
    )
  )

  it.live("calls with extensions that no file of the service imports", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { port } = yield* shop
        const extended = { id: "5", "[shop.title]": "T", "[shop.more.Scope.ratings]": [1, 2] }
        const data = JSON.stringify({ orderId: "x", byVoucher: "v", delimitedBase: extended })
        const reply = yield* output(Peers.grpcurl(["-d", data, `127.0.0.1:${port}`, "shop.Shop/GetOrder"]))
        if (reply === undefined) return
        assert.deepStrictEqual(JSON.parse(reply), JSON.parse(data))
      })
    )
  )
})

describe("ghz", () => {
  for (const [method, data] of [
    ["UnaryCall", '{"responseSize":100,"payload":{"body":"AAAA"}}'],
    ["StreamingOutputCall", '{"responseParameters":[{"size":3},{"size":60000}]}'],
    ["FullDuplexCall", '{"responseParameters":[{"size":3}]}']
  ] as const) {
    test(`calls ${method} 2,000 times without an error`, (port) =>
      Effect.gen(function* () {
        const report = yield* output(Peers.ghz(port, `grpc.testing.TestService.${method}`, data, 2000))
        if (report === undefined) return
        assert.match(report, /Status code distribution:\s+\[OK\]\s+2000 responses\s*$/)
      }))
  }
})

describe("h2load", () => {
  for (const [clients, streams] of [
    [64, 1],
    [1, 100],
    [8, 32]
  ] as const) {
    test(`20,000 calls over ${clients} connections, ${streams} at a time, without an error`, (port) =>
      Effect.gen(function* () {
        const folder = mkdtempSync(join(tmpdir(), "volant-"))
        const body = join(folder, "body")
        writeFileSync(body, Buffer.alloc(5))
        const args = ["-n", "20000", "-c", String(clients), "-m", String(streams)]
        const report = yield* output(Peers.h2load(port, body, args))
        rmSync(folder, { recursive: true })
        if (report === undefined) return
        assert.include(report, "20000 succeeded, 0 failed, 0 errored, 0 timeout")
      }))
  }
})
