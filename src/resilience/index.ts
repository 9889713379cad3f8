/** What keeps calls going, and keeps them from going on for too long. */
export * as Retry from "./Retry.ts"
export * as RetryBudget from "./RetryBudget.ts"
export * as Timeout from "./Timeout.ts"
