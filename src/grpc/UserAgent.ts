/** `user-agent` (grpc/doc/PROTOCOL-HTTP2.md, "User Agents"): the application's own in front, then the library and its version. */

/** What a client sends. `application` must be printable ASCII. */
export const make = (version: string, application?: string): string => {
  const library = `grpc-node-volant/${version}`
  return application === undefined ? library : `${application} ${library}`
}
