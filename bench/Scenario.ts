/** How a server is loaded. All scenarios call `Echo` of echo.thrift. */

export interface Scenario {
  /** connections x calls in flight on each */
  readonly name: string
  readonly connections: number
  /** Calls in flight on all connections together. */
  readonly outstanding: number
  /** Length of the echoed `msg`; 45 makes a struct of 64 bytes in Thrift Binary. */
  readonly message: number
}

/** One call a connection: what is paid for system calls. */
export const wide: Scenario = { name: "64 x 1, 64 B", connections: 64, outstanding: 64, message: 45 }

/** One multiplexed connection: what is paid for the framework. */
export const deep: Scenario = { name: "1 x 64, 64 B", connections: 1, outstanding: 64, message: 45 }

/** Several multiplexed connections and larger messages. */
export const large: Scenario = { name: "8 x 32, 1 KiB", connections: 8, outstanding: 256, message: 1024 }

export const all: ReadonlyArray<Scenario> = [wide, deep, large]

const letters = "abcdefghijklmnopqrstuvwxyz"

/** The echoed text. */
export const text = (length: number): string => letters.repeat(Math.ceil(length / letters.length)).slice(0, length)
