/** Apache's client, on one connection, through callbacks: cheaper than its promises. */
import { measure, message, outstanding, port } from "../../ClientLoad.ts"
import { Client } from "./Echo.ts"
import { options, thrift } from "./Thrift.ts"

const connection = thrift.createConnection("127.0.0.1", port, options)
const client = thrift.createClient(Client, connection)
let calls = 0

const call = (): void =>
  client.Echo({ action: "echo", msg: message }, (error, response) => {
    if (response?.msg?.length !== message.length) throw error
    calls++
    call()
  })

connection.on("error", (error) => {
  throw error
})
connection.on("connect", () => {
  for (let index = 0; index < outstanding; index++) call()
})
measure(() => calls)
