// The client of the gRPC interop list, with its flags:
// node test/interop/grpc-interop-client.ts [--server_host=127.0.0.1] [--server_port=8080] [--test_case=large_unary]
import "./sources.ts"

const { main } = await import("./grpc/Client.ts")
main(process.argv.slice(2))
