/** Connections: what a server listens on and announces, and the way from a client to one instance. */
export * as Announce from "./Announce.ts"
export * as Connector from "./Connector.ts"
export * as Deadlines from "./Deadlines.ts"
export * as Dial from "./Dial.ts"
export * as Direct from "./Direct.ts"
export * as Listener from "./Listener.ts"
