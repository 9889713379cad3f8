/**
 * Thrift's Compact protocol, below messages: what generated code calls to write and read structs. Integers are ZigZag
 * varints, doubles are little-endian; a field is a byte with the step from the id before and the type, or the type and then the
 * id when the step is not from 1 to 15. A bool field's value is its type.
 *
 * Types: 1 true, 2 false (1 also bool, of elements), 3 i8, 4 i16, 5 i32, 6 i64, 7 double, 8 string and binary, 9 list,
 * 10 set, 11 map, 12 struct, 13 uuid.
 *
 * Source: Apache Thrift, doc/specs/thrift-compact-protocol.md.
 */
export * from "./CompactReader.ts"
export * from "./CompactWriter.ts"
