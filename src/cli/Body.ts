/** The struct that a message carries, as a message of the IR: arguments, results and TApplicationException have no name in the IDL. */
import type * as Ir from "../codegen/Ir.ts"

/** The arguments of a call. */
export const argumentsOf = (file: Ir.File, method: Ir.Method): Ir.Message =>
  make(file, `${method.name}_args`, method.position, method.arguments)

/** The outcome: success is field 0, each declared exception a field of its own, at most one of all is set. */
export const resultOf = (file: Ir.File, method: Ir.Method): Ir.Message => {
  const success = method.returns === undefined ? [] : [field("success", 0, method.returns, method.position)]
  const failures = method.throws.map((each): Ir.Field => ({ ...each, requiredness: "optional" }))
  return make(file, `${method.name}_result`, method.position, [...success, ...failures])
}

/** What a server answers instead of a result when the call itself failed. */
export const applicationException = (file: Ir.File): Ir.Message => {
  const position: Ir.Position = { file: file.source, line: 1, column: 1 }
  return make(file, "TApplicationException", position, [
    field("message", 1, { kind: "scalar", name: "string", annotations: [] }, position),
    field("type", 2, { kind: "scalar", name: "i32", annotations: [] }, position)
  ])
}

const make = (file: Ir.File, name: string, position: Ir.Position, fields: ReadonlyArray<Ir.Field>): Ir.Message => ({
  name,
  doc: "",
  annotations: [],
  position,
  file,
  kind: "struct",
  fields
})

const field = (name: string, id: number, type: Ir.Type, position: Ir.Position): Ir.Field => ({
  name,
  doc: "",
  annotations: [],
  position,
  id,
  requiredness: "optional",
  type,
  default: undefined
})
