/**
 * The style of names that edition 2024 and later demand: what the feature `enforce_naming_style` is about.
 */
import type * as Ast from "./ProtoAst.ts"
import * as ProtoFeatures from "./ProtoFeatures.ts"
import * as ProtoScope from "./ProtoScope.ts"
import type { Scope } from "./ProtoScope.ts"

interface Style {
  readonly pattern: RegExp
  readonly shown: string
}

const title: Style = { pattern: /^[A-Z][A-Za-z0-9]*$/, shown: "TitleCase" }
const lower: Style = { pattern: /^[a-z][a-z0-9]*(?:_[a-z][a-z0-9]*)*$/, shown: "lower_snake_case" }
const upper: Style = { pattern: /^[A-Z][A-Z0-9]*(?:_[A-Z][A-Z0-9]*)*$/, shown: "UPPER_SNAKE_CASE" }
const dotted: Style = {
  pattern: /^[a-z][a-z0-9]*(?:_[a-z][a-z0-9]*)*(?:\.[a-z][a-z0-9]*(?:_[a-z][a-z0-9]*)*)*$/,
  shown: "lower_snake_case"
}

const checkName = (
  scope: Scope,
  features: ProtoFeatures.Features,
  name: Ast.Name,
  style: Style,
  what: string
): void => {
  if (!features.style || style.pattern.test(name.text)) return
  const way = "or set features.enforce_naming_style = STYLE_LEGACY"
  ProtoScope.report(scope, name.span, `the name of ${what} is ${style.shown} in this edition; rename it, ${way}`)
}

const checkEnums = (scope: Scope): void => {
  for (const { ast, features } of scope.enums) {
    checkName(scope, features, ast.name, title, "an enum")
    for (const member of ast.members) {
      const own = ProtoFeatures.within(features, member.options)
      checkName(scope, own, member.name, upper, "an enum's value")
    }
  }
}

const checkMessages = (scope: Scope): void => {
  for (const { ast, features, fields } of scope.messages) {
    checkName(scope, features, ast.name, title, "a message")
    for (const field of fields) checkName(scope, field.features, field.ast.name, lower, "a field")
    for (const item of ast.items) {
      if (item.kind !== "oneof") continue
      checkName(scope, ProtoFeatures.within(features, item.options), item.name, lower, "a oneof")
    }
  }
  for (const { ast, features } of scope.extensions) checkName(scope, features, ast.name, lower, "an extension")
}

const checkServices = (scope: Scope): void => {
  for (const { ast } of scope.services) {
    const features = ProtoFeatures.within(scope.features, ast.options)
    checkName(scope, features, ast.name, title, "a service")
    for (const method of ast.methods) {
      const own = ProtoFeatures.within(features, method.options)
      checkName(scope, own, method.name, title, "a method")
    }
  }
}

/** Reports the names whose case is not that of their kind, where features demand it. */
export const check = (scope: Scope): void => {
  const { package: name } = scope.unit.document
  if (name !== undefined) checkName(scope, scope.features, name, dotted, "a package")
  checkEnums(scope)
  checkMessages(scope)
  checkServices(scope)
}
