#!/usr/bin/env node
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import * as Volant from "./Volant.ts"

// Beside src and beside dist alike.
const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  readonly version: string
}

Volant.run(process.argv.slice(2), manifest.version).pipe(Effect.provide(NodeServices.layer), NodeRuntime.runMain)
