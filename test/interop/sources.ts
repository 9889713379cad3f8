/** Imported first, lets a program import `volant/...` from the sources, without a flag of Node and without a build. */
import { registerHooks } from "node:module"

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier, { ...context, conditions: [...context.conditions, "volant-source"] })
})
