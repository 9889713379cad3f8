/** The echo service on @connectrpc/connect-node over HTTP/2, with messages by protobuf-es. */
import { createServer } from "node:http2"
import { create, createFileRegistry } from "@bufbuild/protobuf"
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema
} from "@bufbuild/protobuf/wkt"
import { connectNodeAdapter } from "@connectrpc/connect-node"
import { answer } from "../Answers.ts"

const message = (name: string) => ({
  name,
  field: ["action", "msg"].map((field, index) => ({
    name: field,
    number: index + 1,
    label: FieldDescriptorProto_Label.OPTIONAL,
    type: FieldDescriptorProto_Type.STRING
  }))
})

// What protoc makes of echo.proto.
const file = create(FileDescriptorProtoSchema, {
  name: "echo.proto",
  package: "echo",
  syntax: "proto3",
  messageType: [message("Request"), message("Response")],
  service: [
    { name: "EchoServer", method: [{ name: "Echo", inputType: ".echo.Request", outputType: ".echo.Response" }] }
  ]
})
const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] }))
const service = registry.getService("echo.EchoServer")!

const adapter = connectNodeAdapter({
  routes: (router) => router.service(service, { echo: ({ action, msg }: any) => ({ action, msg }) } as never)
})
const server = createServer(adapter)
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  if (address !== null && typeof address === "object") console.log(`listening on 127.0.0.1:${address.port}`)
})
answer()
