/** What sessions share, for tests: limits, and timers by the machine's clock or by hand. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Context from "effect/Context"
import * as Scope from "effect/Scope"
import * as Deadlines from "../../../src/transport/Deadlines.ts"
import type { Environment } from "../../../src/transport/http2/Http2Connection.ts"
import * as Limits from "../../../src/transport/http2/Limits.ts"
import { Writers } from "../../../src/transport/Outbox.ts"

const live = (): Deadlines.Deadlines["Service"] => {
  const scope = Scope.makeUnsafe()
  return Context.get(Effect.runSync(Layer.buildWithScope(Deadlines.layer, scope)), Deadlines.Deadlines)
}

export const environment = (
  limits: Limits.Options = {},
  deadlines: Deadlines.Deadlines["Service"] = live()
): Environment => ({
  deadlines,
  writers: new Writers(),
  limits: Limits.make(limits),
  logError: (message, defect) => console.error(message, defect)
})
