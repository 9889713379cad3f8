// The server of Apache Thrift's cross test, with its command line:
// node test/interop/thrift-test-server.ts [--port=9090] [--host=H] [--domain-socket=PATH] [--protocol=binary|compact|multi|multic]
//   [--transport=buffered|framed]
// It takes all protocols and transports on one port, each connection as it begins; the two options are only checked.
import "./sources.ts"

const { main } = await import("./thrift-test/Server.ts")
main(process.argv.slice(2))
