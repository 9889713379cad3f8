/** What tests of one's own services and middleware are made with. */
export * as FakeEndpoint from "./FakeEndpoint.ts"
export * as Loopback from "./Loopback.ts"
