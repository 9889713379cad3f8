import { assert, it } from "@effect/vitest"
import { describe } from "vitest"
import * as Frame from "../../../src/transport/http2/Frame.ts"
import * as GoAway from "../../../src/transport/http2/GoAway.ts"
import * as HpackEncoder from "../../../src/transport/http2/HpackEncoder.ts"
import * as Ping from "../../../src/transport/http2/Ping.ts"
import * as Settings from "../../../src/transport/http2/Settings.ts"
import { Writer } from "../../../src/wire/Writer.ts"

const payload = Buffer.from("0102030405060708", "hex")
const prepared = HpackEncoder.prepare([":status", "200", "server", "x"])

/** What writes into a writer, and the octets of it. */
const cases: Record<string, readonly [write: (writer: Writer) => void, hex: string]> = {
  RST_STREAM: [(writer) => Frame.writeRstStream(writer, 5, 8), "000004 03 00 00000005 00000008"],
  WINDOW_UPDATE: [(writer) => Frame.writeWindowUpdate(writer, 0x7fff_ffff, 0x102), "000004 08 00 7fffffff 00000102"],
  SETTINGS: [
    (writer) =>
      Settings.write(writer, [
        [Settings.enablePush, 0],
        [Settings.initialWindowSize, 0x10000]
      ]),
    "00000c 04 00 00000000 0002 00000000 0004 00010000"
  ],
  "SETTINGS, acknowledged": [Settings.writeAck, "000000 04 01 00000000"],
  PING: [(writer) => new Ping.Pings().write(writer, () => {}), "000008 06 00 00000000 00000000 00000001"],
  "PING, answered": [(writer) => Ping.writeAck(writer, payload, 0), "000008 06 01 00000000 0102030405060708"],
  GOAWAY: [(writer) => GoAway.write(writer, 7, 11, "why"), "00000b 07 00 00000000 00000007 0000000b 776879"],
  "a header block": [
    (writer) => new HpackEncoder.HpackEncoder().encode(writer, prepared, ["x-y", "z"]),
    "88 760178 0003782d79017a"
  ]
}

describe("Frame", () => {
  for (const [name, [write, hex]] of Object.entries(cases)) {
    it(`writes ${name}, wherever the writer's memory ends`, () => {
      const expected = hex.replaceAll(" ", "")
      for (let room = 0; room < 48; room++) {
        const writer = new Writer(64)
        writer.position = 64 - room
        write(writer)
        assert.strictEqual(writer.bytes.toString("hex", 64 - room, writer.position), expected, `${room} octets of room`)
      }
    })
  }

  it("reads GOAWAY, and makes what it says printable", () => {
    const writer = new Writer()
    GoAway.write(writer, 7, 11, "too\nmuch")
    assert.deepStrictEqual(GoAway.read(writer.toBytes(), Frame.headSize, writer.position), {
      lastId: 7,
      code: 11,
      detail: "too?much"
    })
  })
})
