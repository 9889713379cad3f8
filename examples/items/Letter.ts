/** What an instance and the process with the registry write to each other over Node's IPC channel. */

/** From an instance. `address` is as `Instance.formatAddress` writes it. */
export interface Letter {
  readonly wish: "announce" | "withdraw"
  readonly target: string
  readonly address: string
}

/** The answer: the wish is fulfilled. */
export interface Done {
  readonly done: Letter["wish"]
  readonly target: string
}
