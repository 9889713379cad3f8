/** Our golden.Svc: the same rules as in golden-peer.py, golden-peer.cjs and golden-peer.cpp. */
import * as Effect from "effect/Effect"
import { Boom, type Lists, Other, type Prims, Svc } from "../../golden/gen/golden.ts"

const sum = (lists: Lists, flag: boolean, a: number): Prims => ({
  t: flag,
  i: a,
  s: lists.ints?.length ?? 0,
  l: (lists.longs ?? []).reduce((total, long) => total + long, 0n),
  d: (lists.doubles ?? []).reduce((total, double) => total + double, 0),
  str: (lists.strings ?? []).join(""),
  bin: Buffer.concat([...(lists.bins ?? [])])
})

export const SvcLive = Svc.serve({
  ping: () => Effect.void,
  fire: () => Effect.void,
  nothing: () => Effect.void,
  truth: () => Effect.succeed(true),
  echo: ({ s }) => (s === "crash" ? Effect.die(new Error("crash was asked for")) : Effect.succeed(s)),
  many: ({ a, flag, l }) => {
    if (a === 1) return Effect.fail(new Boom({ code: -1, message: "boom" }))
    if (a === 2) return Effect.fail(new Other({ detail: {}, p: { i: 1 } }))
    return Effect.succeed(sum(l, flag, a))
  },
  ids: ({ ids }) => Effect.succeed(ids.toReversed()),
  pick: ({ u }) => Effect.succeed(u)
})
