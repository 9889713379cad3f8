// The same test with ten times the inputs.
process.env["VOLANT_FUZZ"] ??= "200000"
await import("../../fuzz/ProtoIdl.test.ts")
