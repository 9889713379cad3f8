/** Our client, and a server that tests steer frame by frame. */
import { assert } from "@effect/vitest"
import * as Net from "node:net"
import type { AddressInfo } from "node:net"
import * as Frame from "../../../src/transport/http2/Frame.ts"
import type { Environment } from "../../../src/transport/http2/Http2Connection.ts"
import * as Client from "./Client.ts"
import { RawPeer, settings } from "./RawPeer.ts"

/** A client with one request under way, and the server that a test steers. */
export const withServer = async (
  run: (client: Client.Connected, exchange: Client.Exchange, peer: RawPeer) => Promise<void>,
  hello: ReadonlyArray<Buffer> = [settings],
  environment?: Environment
): Promise<void> => {
  const accepted = Promise.withResolvers<Net.Socket>()
  const server = Net.createServer(accepted.resolve)
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve)
  })
  const client = Client.connect((server.address() as AddressInfo).port, environment)
  const exchange = Client.begin(client.session)
  const socket = await accepted.promise
  // The preface is not a frame.
  const chunk = await new Promise<Buffer>((resolve) => {
    socket.once("data", resolve)
  })
  socket.pause()
  assert.isTrue(chunk.subarray(0, Frame.preface.length).equals(Frame.preface))
  socket.unshift(chunk.subarray(Frame.preface.length))
  const peer = new RawPeer(socket)
  socket.resume()
  peer.send(...hello)
  try {
    await run(client, exchange, peer)
  } finally {
    client.session.destroy()
    await client.closed
    peer.socket.destroy()
    server.close()
  }
}
