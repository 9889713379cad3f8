/** IDL files that are almost right: what a front end must make of them, whatever the IDL. */
import { existsSync, readdirSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import type * as Diagnostic from "../../src/codegen/Diagnostic.ts"
import * as Budget from "./Budget.ts"
import { Random } from "./Random.ts"

/** An IDL takes a thousand times as long as a message. */
const inputs = Math.max(300, Math.floor(Budget.inputs / 20))
/** Milliseconds for one IDL. */
const slowest = 2000

/** One IDL with its front end and emitter. */
export interface Idl {
  readonly name: string
  readonly seed: number
  /** Texts that mutations begin with. */
  readonly texts: ReadonlyArray<string>
  /** Takes a text apart, without rest. */
  readonly token: RegExp
  /** Words and signs that mean something to the parser or to the checker. */
  readonly words: ReadonlyArray<string>
  /** A module for each file, or all errors. */
  readonly emit: (text: string) => Result.Result<ReadonlyArray<string>, ReadonlyArray<Diagnostic.Diagnostic>>
}

/** Other people's files lie beside the checkout, or not: a clone elsewhere has none, and our own are enough. */
export const others = (folder: string, ending: string): ReadonlyArray<string> => {
  const path = fileURLToPath(new URL(`../../../shared/corpus/${folder}`, import.meta.url))
  if (!existsSync(path)) return []
  const names = readdirSync(path).filter((name) => name.endsWith(ending))
  return names.map((name) => `${path}/${name}`)
}

/** Of every IDL: what breaks lexers, and names that JavaScript has already. */
export const commonWords: ReadonlyArray<string> = [
  ..."{ } ( ) < > [ ] , ; : = ' \" /* // \\ é".split(" "),
  "\u0000",
  "\n",
  ..."Foo self prototype constructor __proto__ toString then".split(" ")
]

const mutate = (random: Random, { texts, token, words }: Idl): string => {
  const tokens = random.pick(texts).match(token) ?? []
  const from = random.below(tokens.length)
  // A whole file with one change is often accepted; a part with several is quicker, and wrong in more ways.
  const isWhole = random.below(2) === 0
  const part = isWhole ? [...tokens] : tokens.slice(from, from + 400)
  for (let times = isWhole ? 1 : 1 + random.below(6); times > 0; times--) {
    const at = random.below(part.length + 1)
    const other = random.below(part.length + 1)
    const kind = random.below(6)
    if (kind === 0) part.splice(at, 1)
    else if (kind === 1) part.splice(at, 0, random.pick(words))
    else if (kind === 2) part[at] = random.pick(words)
    else if (kind === 3) part.splice(at, 0, ...part.slice(other, other + 1 + random.below(12)))
    else if (kind === 4) part[at] = part[other] ?? ""
    else part.splice(at, 0, ...Array.from({ length: 1 + random.below(300) }, () => part[other] ?? "<"))
  }
  return part.join("")
}

/** Whether the text was accepted; its modules are TypeScript. */
const isAccepted = (idl: Idl, text: string): boolean => {
  const modules = idl.emit(text)
  if (Result.isSuccess(modules)) {
    for (const module of modules.success) stripTypeScriptTypes(module)
    return true
  }
  assert.isAbove(modules.failure.length, 0)
  for (const { position } of modules.failure) assert.isAtLeast(position.line, 1)
  return false
}

const timed = (run: () => void): number => {
  const start = performance.now()
  run()
  return performance.now() - start
}

/** A suite of its own. */
export const suite = (idl: Idl): void => {
  describe(`${idl.name} that are almost right`, () => {
    it(
      "are refused with a place, or give modules that are TypeScript, in bounded time",
      () => {
        const random = new Random(idl.seed)
        const ends = { accepted: 0, refused: 0, slowest: 0 }
        for (let index = 0; index < inputs; index++) {
          const text = mutate(random, idl)
          let took = timed(() => {
            try {
              if (isAccepted(idl, text)) ends.accepted++
              else ends.refused++
            } catch (cause) {
              throw new Error(`seed ${idl.seed}, input ${index}:\n${text}`, { cause })
            }
          })
          // The machine may have been busy.
          if (took > slowest) took = timed(() => void idl.emit(text))
          ends.slowest = Math.max(ends.slowest, took)
          assert.isBelow(took, slowest, `milliseconds for input ${index} of seed ${idl.seed}:\n${text}`)
        }
        Budget.report(idl.name, ends, inputs)
        assert.isAbove(ends.accepted, inputs / 50)
        assert.isAbove(ends.refused, inputs / 50)
      },
      Budget.timeout
    )
  })
}
