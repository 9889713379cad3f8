/**
 * Thrift's Binary protocol, below messages: what generated code calls to write and read structs. Big-endian; a field is
 * one byte of type, two of id, and the value; type 0 ends a struct.
 *
 * Types: 2 bool, 3 i8, 4 double, 6 i16, 8 i32, 10 i64, 11 string and binary, 12 struct, 13 map, 14 set, 15 list,
 * 16 uuid.
 *
 * Source: Apache Thrift, doc/specs/thrift-binary-protocol.md.
 */
export * from "./BinaryReader.ts"
export * from "./BinaryWriter.ts"
