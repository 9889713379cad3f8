/** What loads a gRPC server: h2load where it is installed, and else our own client. */
import * as H2Load from "./H2Load.ts"
import { program, start } from "./Process.ts"

export interface Plan {
  readonly port: number
  readonly connections: number
  /** Calls in flight on all connections together. */
  readonly outstanding: number
  /** Length of the echoed `msg`. */
  readonly message: number
  readonly requests: number
}

export interface Run {
  /** From the first call to the last reply. */
  readonly seconds: number
}

/** Makes the calls; fails when one is not answered. */
export type Load = (plan: Plan) => Promise<Run>

const ours: Load = async (plan) => {
  const args = Object.entries(plan).flatMap(([flag, value]) => [`--${flag}`, String(value)])
  const load = start(program("grpcOwnLoad"), args, "load")
  const line = await load.lines.next()
  await load.stop()
  if (line.value === undefined) throw new Error("the load of our client ended early")
  return JSON.parse(line.value) as Run
}

/** The loader in use, for the table's head. */
export const name: string = H2Load.isInstalled ? "h2load" : "our own client (h2load is not installed)"

export const run: Load = H2Load.isInstalled ? H2Load.run : ours
