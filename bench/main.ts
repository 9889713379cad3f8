/** `npm run bench`: measures Volant and its peers in turn and prints one table. The method is in the sections' files. */
import { writeFileSync } from "node:fs"
import { availableParallelism, cpus } from "node:os"
import { parse, usage } from "./Options.ts"
import * as ClientCost from "./ClientCost.ts"
import * as Figure from "./Figure.ts"
import * as GrpcCost from "./GrpcCost.ts"
import * as GrpcLoad from "./GrpcLoad.ts"
import * as MemoryCost from "./MemoryCost.ts"
import * as MiddlewareCost from "./MiddlewareCost.ts"
import { pins, program, start } from "./Process.ts"
import { progress } from "./Progress.ts"
import * as ServerCost from "./ServerCost.ts"

const options = (() => {
  try {
    return parse(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`)
    process.exit(2)
  }
})()

/** Each in a process of its own, so that it is pinned and nothing else has shaped its functions. */
const codecFigures = async (): Promise<ReadonlyArray<Figure.Figure>> => {
  const figures: Array<Figure.Figure> = []
  for (const codec of ["thrift", "protobuf"]) {
    progress(`codec, ${codec}`)
    const { value } = await start(program("codecFigures"), [codec], "load").lines.next()
    if (value === undefined) throw new Error("bench/codecFigures.ts printed nothing")
    figures.push(...(JSON.parse(value) as ReadonlyArray<Figure.Figure>))
  }
  return figures
}

const measures: Record<Figure.Section, () => Promise<ReadonlyArray<Figure.Figure>>> = {
  server: () => ServerCost.measure(options),
  client: () => ClientCost.measure(options),
  codec: codecFigures,
  middleware: () => MiddlewareCost.measure(options),
  memory: () => MemoryCost.measure(),
  grpc: () => GrpcCost.measure(options)
}

const machine = `${cpus()[0]?.model.trim() ?? "unknown processor"}, ${availableParallelism()} cores, ${process.platform}`
console.log(`Node ${process.version} on ${machine}`)
console.log(
  pins
    ? "Servers are pinned to core 0, load and clients to core 1."
    : "Nothing is pinned to a core (no taskset, or one core only): compare with care."
)
console.log("CPU is the least of all windows and rounds; everything ran in turn in this run.")
console.log(`gRPC servers are loaded by ${GrpcLoad.name}.\n`)

const figures: Array<Figure.Figure> = []
for (const section of Figure.sections) {
  if (options.only.includes(section)) figures.push(...(await measures[section]()))
}
progress("")
console.log(Figure.table(figures))
if (options.json !== undefined) {
  const results = figures.map((figure) =>
    Object.assign({ result: Figure.result(figure), holds: Figure.mark(figure) }, figure)
  )
  writeFileSync(
    options.json,
    JSON.stringify({ node: process.version, machine, pins, figures: results }, null, 2) + "\n"
  )
}
