/**
 * HTTP/1.1 for sockets that somebody else has accepted, plain or of TLS. `node:http` reads requests and writes responses;
 * limits, times and ends are this folder's own.
 */
import * as Http from "node:http"
import type { Socket } from "node:net"
import { type Environment, Http1Connection, type Listener } from "./Http1Connection.ts"

/** Takes a socket. */
export type Accept = (socket: Socket, listener: Listener) => Http1Connection

/** For the connections of one server. */
export const make = (environment: Environment): Accept => {
  const { maxHeaderSize } = environment.limits
  const connections = new WeakMap<object, Http1Connection>()
  // Node's own times run by the wall's clock and its own poll. What they did is done by `Timeouts`.
  const server = Http.createServer({ maxHeaderSize, keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 })
  // The size is bounded, and beyond a count fields would be dropped without a word.
  server.maxHeadersCount = 0
  server
    .on("request", (request, response) => connections.get(request.socket)?.onRequest(request, response))
    .on("clientError", (error, socket) => {
      const connection = connections.get(socket)
      connection?.guard(() => connection.onClientError(error))
    })
    .on("connect", (_, socket) => connections.get(socket)?.onConnect())
  return (socket, listener) => {
    const connection = new Http1Connection(socket, environment, listener)
    connections.set(socket, connection)
    server.emit("connection", socket)
    return connection
  }
}
