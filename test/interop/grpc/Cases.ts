/** The names of the gRPC interop list, without those that want credentials of Google's, a control plane or a caching proxy. */

/** What the programs of every peer have. */
export const common = [
  "empty_unary",
  "large_unary",
  "client_streaming",
  "server_streaming",
  "ping_pong",
  "empty_stream",
  "cancel_after_begin",
  "cancel_after_first_response",
  "timeout_on_sleeping_server",
  "status_code_and_message",
  "special_status_message",
  "custom_metadata",
  "unimplemented_method",
  "unimplemented_service",
  "rpc_soak",
  "channel_soak"
] as const

/** The client compresses, and the server says INVALID_ARGUMENT where what it was told to expect does not come. */
export const clientCompressed = ["client_compressed_unary", "client_compressed_streaming"] as const

/** The same for servers that do not look. */
export const unprobed = ["client_compressed_unary_noprobe", "client_compressed_streaming_noprobe"] as const

/** The server compresses what it is asked to, and nothing else. */
export const serverCompressed = ["server_compressed_unary", "server_compressed_streaming"] as const

/** What our client has. */
export const all = [
  ...common,
  ...clientCompressed,
  ...unprobed,
  ...serverCompressed,
  "concurrent_large_unary",
  "very_large_request"
] as const

export type Case = (typeof all)[number]

/** What only clients of others have: our own has its tests of pick_first beside it. */
export const foreign = ["pick_first_unary"] as const
