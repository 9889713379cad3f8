import type * as Scheduler from "effect/Scheduler"

/**
 * The same scheduler with one queue for all fibers. Effect gives each fiber its own, which runs in an event-loop turn of
 * its own: then each reply that was delayed by a yield would be a write of its own.
 */
export const make = (scheduler: Scheduler.Scheduler): Scheduler.Scheduler => {
  const shared = scheduler.makeDispatcher()
  return {
    executionMode: scheduler.executionMode,
    shouldYield: (fiber) => scheduler.shouldYield(fiber),
    makeDispatcher: () => shared
  }
}
