export * as Reader from "./Reader.ts"
export * as Writer from "./Writer.ts"
