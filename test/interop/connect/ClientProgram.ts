import * as Effect from "effect/Effect"
import { respond } from "./Client.ts"
import { ClientCompatRequest, ClientCompatResponse } from "./gen/connectrpc/conformance/v1/client_compat.ts"
import * as Pipe from "./Pipe.ts"

/** Some cases measure time, so not all of them run at once. */
const atOnce = 6

/** Answers every request of standard input, each as soon as it can. */
export const main = async (): Promise<void> => {
  const running = new Set<Promise<void>>()
  for await (const request of Pipe.read(ClientCompatRequest)) {
    const one = Effect.runPromise(respond(request)).then((response) => Pipe.write(ClientCompatResponse, response))
    running.add(one)
    void one.then(() => running.delete(one))
    if (running.size >= atOnce) await Promise.race(running)
  }
  await Promise.all(running)
}
