// The server under test of Connect's conformance runner: it reads one ServerCompatRequest and serves until SIGTERM.
import "./sources.ts"

const { main } = await import("./connect/Server.ts")
await main()
