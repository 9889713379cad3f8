/**
 * An effectful function from one request to one response. Handlers, client methods, endpoints and middleware all
 * speak it, so whatever wraps a Service wraps any of them.
 */
import * as Effect from "effect/Effect"

/** Takes a `Req` and gives a `Res`, or fails with `E`; needs `R` at each call. */
export interface Service<in Req, out Res, out E = never, out R = never> {
  (request: Req): Effect.Effect<Res, E, R>
}

/** Names a function a Service, so that its types are inferred once. */
export const make = <Req, Res, E = never, R = never>(
  run: (request: Req) => Effect.Effect<Res, E, R>
): Service<Req, Res, E, R> => run

/** Adapts what goes in: the new service takes what `f` takes. */
export const mapRequest =
  <Req2, Req>(f: (request: Req2) => Req) =>
  <Res, E, R>(self: Service<Req, Res, E, R>): Service<Req2, Res, E, R> =>
  (request) =>
    self(f(request))

/** Adapts what comes out. */
export const mapResponse =
  <Res, Res2>(f: (response: Res) => Res2) =>
  <Req, E, R>(self: Service<Req, Res, E, R>): Service<Req, Res2, E, R> =>
  (request) =>
    Effect.map(self(request), f)

/** Adapts the typed failure. */
export const mapError =
  <E, E2>(f: (error: E) => E2) =>
  <Req, Res, R>(self: Service<Req, Res, E, R>): Service<Req, Res, E2, R> =>
  (request) =>
    Effect.mapError(self(request), f)

/**
 * Surrounds a service: `around` sees the request and decides when, whether and how often the inner service runs.
 * The value form of a middleware, for any Service.
 */
export const wrap =
  <Req, Res, E, R, Res2, E2, R2>(
    around: (inner: Service<Req, Res, E, R>, request: Req) => Effect.Effect<Res2, E2, R2>
  ) =>
  (self: Service<Req, Res, E, R>): Service<Req, Res2, E2, R2> =>
  (request) =>
    around(self, request)
