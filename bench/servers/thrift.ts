/** The echo service of echo.thrift. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Router } from "volant"
import { ThriftServer } from "volant/thrift"
import { EchoServer } from "../gen/echo.ts"
import { launch } from "./Announce.ts"

const EchoLive = EchoServer.serve({
  echo: ({ req }) => Effect.succeed({ action: req.action, msg: req.msg })
})

export const serve = (port: number, host: string): void =>
  launch(ThriftServer.layer({ port, host }).pipe(Layer.provide(Router.layer(EchoLive))), host)
