// The client of Apache Thrift's cross test, with its command line:
// node test/interop/thrift-test-client.ts [--port=9090] [--host=localhost] [--domain-socket=PATH]
//   [--protocol=binary|compact|multi|multic] [--transport=buffered|framed]
// Exit code: the sum of 1 base types, 2 structs, 4 containers, 8 exceptions, 64 unknown, 128 timeout.
import "./sources.ts"

const { main } = await import("./thrift-test/Client.ts")
main(process.argv.slice(2))
