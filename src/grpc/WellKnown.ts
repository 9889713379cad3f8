/** The well-known types of google/protobuf, in the form that reads naturally in TypeScript; generated code names them. */
export * from "./WellKnownAny.ts"
export * from "./WellKnownStruct.ts"
export * from "./WellKnownTime.ts"
export {
  BoolValue,
  BytesValue,
  DoubleValue,
  FloatValue,
  Int32Value,
  Int64Value,
  StringValue,
  UInt32Value,
  UInt64Value
} from "./WellKnownWrappers.ts"
