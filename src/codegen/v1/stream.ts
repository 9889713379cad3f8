/** What modules generated from .proto files import for methods that stream; apart, because it loads Effect's Stream. */
export * as StreamMethod from "../../StreamMethod.ts"
