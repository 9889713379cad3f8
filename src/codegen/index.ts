/** The compiler: IDL files in, TypeScript modules out. */
export * as Diagnostic from "./Diagnostic.ts"
export * as Dynamic from "./Dynamic.ts"
export * as Emit from "./Emit.ts"
export type * as Ir from "./Ir.ts"
export * as Json from "./Json.ts"
export * as NodeFiles from "./NodeFiles.ts"
export * as ThriftFrontEnd from "./ThriftFrontEnd.ts"
