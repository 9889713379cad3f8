namespace js smoke

/** There is no greeting for this name. */
exception NoGreeting { 1: required string name }

service Greeter {
  string greet(1: string name) throws (1: NoGreeting none)
}
