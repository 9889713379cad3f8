/** The page's own server: the page, its program in one file, what it is told, and what it answers. */
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { build } from "rolldown"
import type { Report, Task } from "./Results.ts"

export interface Site {
  /** Of the page, as its browser names it. */
  readonly origin: string
  /** Says what the page has to do. To be called before it is opened. */
  readonly set: (task: Task) => void
  readonly report: Effect.Effect<Report>
}

const bundle = async (): Promise<string> => {
  const { output } = await build({
    input: fileURLToPath(new URL("Page.ts", import.meta.url)),
    platform: "browser",
    logLevel: "silent",
    write: false
  })
  return output[0].code
}

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const html = '<!doctype html><title>Volant</title><script type="module" src="/program.js"></script>'

export const make: Effect.Effect<Site, never, Scope.Scope> = Effect.gen(function* () {
  const program = yield* Effect.promise(bundle)
  const reported = yield* Deferred.make<Report>()
  let task: Task | undefined
  const pages = new Map<string, readonly [type: string, text: () => string]>([
    ["/", ["text/html", () => html]],
    ["/program.js", ["text/javascript", () => program]],
    ["/task", ["application/json", () => JSON.stringify(task)]]
  ])
  const server = createServer((request, response) => {
    if (request.url === "/report") {
      void textOf(request).then((text) => {
        response.end()
        Deferred.doneUnsafe(reported, Effect.succeed(JSON.parse(text) as Report))
      })
      return
    }
    const page = pages.get(request.url ?? "")
    if (page === undefined) response.writeHead(404).end()
    else response.writeHead(200, { "content-type": page[0] }).end(page[1]())
  })
  yield* Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void)))
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      server.close()
      server.closeAllConnections()
    })
  )
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    set: (next) => void (task = next),
    report: Deferred.await(reported)
  }
})
