// The same test with forty times the inputs.
process.env["VOLANT_FUZZ"] ??= "200000"
await import("../../transport/http2/Fuzz.test.ts")
