/** Assertions that `tsc` checks: `type _ = Assert<Equal<A, B>>` does not compile unless both are the same type. */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"

export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

export type IsAny<T> = 0 extends 1 & T ? true : false

export type Assert<T extends true> = T

export type Not<T extends boolean> = T extends true ? false : true

/** Whether success, error or services of an Effect, or any of a Layer's three, is `any`. */
export type HasAny<T> =
  T extends Layer.Layer<infer A, infer E, infer R>
    ? true extends IsAny<A> | IsAny<E> | IsAny<R>
      ? true
      : false
    : T extends Effect.Effect<infer A, infer E, infer R>
      ? true extends IsAny<A> | IsAny<E> | IsAny<R>
        ? true
        : false
      : T extends (...args: infer Args) => infer Out
        ? true extends IsAny<Args[number]> | IsAny<Out>
          ? true
          : HasAny<Out>
        : IsAny<T>
