/** How a server of ours says where it listens, and how it ends when it cannot. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
// Not from volant/transport: what else is there would count as the memory of a server that needs none of it.
import * as Listener from "../../src/transport/Listener.ts"

/** Runs the server until the process ends. */
export const launch = <E>(server: Layer.Layer<Listener.Listener, E>, host: string): void => {
  const announce = Layer.effectDiscard(
    Listener.Listener.useSync(({ address }) =>
      console.log(`listening on ${host}:${address._tag === "Tcp" ? address.port : ""}, process ${process.pid}`)
    )
  )
  Effect.runFork(Layer.launch(Layer.provide(announce, server))).addObserver((exit) => {
    if (Exit.isSuccess(exit)) return
    console.error(String(exit.cause))
    process.exit(1)
  })
}
