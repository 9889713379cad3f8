// The server of the gRPC interop list, with its flags: node test/interop/grpc-interop-server.ts [--port=8080]
import "./sources.ts"

const { main } = await import("./grpc/Server.ts")
main(process.argv.slice(2))
