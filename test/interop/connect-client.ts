// The client under test of Connect's conformance runner: it answers every ClientCompatRequest with a ClientCompatResponse.
import "./sources.ts"

const { main } = await import("./connect/ClientProgram.ts")
await main()
