/**
 * Features: what the syntaxes and editions mean by default, and what files, messages and fields say instead.
 *
 * They are read from the tree as it stands, before any option is interpreted; whether the names and values exist is checked
 * with all other options.
 */
import type * as Ast from "./ProtoAst.ts"

/** What features come to at one place, whatever syntax said so. */
export interface Features {
  readonly presence: "explicit" | "implicit" | "required"
  readonly openEnum: boolean
  readonly packed: boolean
  readonly validateUtf8: boolean
  readonly delimited: boolean
  /** JSON names that clash are errors. */
  readonly strictJson: boolean
  /** Names have the case that the style guide gives their kind. */
  readonly style: boolean
  readonly visibility: "all" | "topLevel" | "none" | "strict"
}

type Edition = Ast.Document["edition"]

const proto2: Features = {
  presence: "explicit",
  openEnum: false,
  packed: false,
  validateUtf8: false,
  delimited: false,
  strictJson: false,
  style: false,
  visibility: "all"
}

const proto3: Features = {
  ...proto2,
  presence: "implicit",
  openEnum: true,
  packed: true,
  validateUtf8: true,
  strictJson: true
}

const edition2023: Features = { ...proto3, presence: "explicit" }
const edition2024: Features = { ...edition2023, style: true, visibility: "topLevel" }

const defaults: Record<Edition, Features> = {
  proto2,
  proto3,
  "2023": edition2023,
  "2024": edition2024,
  "2026": { ...edition2024, visibility: "strict" }
}

/** `google.protobuf.FeatureSet`'s fields and values. */
const meanings: Record<string, Record<string, Partial<Features>>> = {
  field_presence: {
    EXPLICIT: { presence: "explicit" },
    IMPLICIT: { presence: "implicit" },
    LEGACY_REQUIRED: { presence: "required" }
  },
  enum_type: { OPEN: { openEnum: true }, CLOSED: { openEnum: false } },
  repeated_field_encoding: { PACKED: { packed: true }, EXPANDED: { packed: false } },
  utf8_validation: { VERIFY: { validateUtf8: true }, NONE: { validateUtf8: false } },
  message_encoding: { LENGTH_PREFIXED: { delimited: false }, DELIMITED: { delimited: true } },
  json_format: { ALLOW: { strictJson: true }, LEGACY_BEST_EFFORT: { strictJson: false } },
  enforce_naming_style: { STYLE2024: { style: true }, STYLE2026: { style: true }, STYLE_LEGACY: { style: false } },
  default_symbol_visibility: {
    EXPORT_ALL: { visibility: "all" },
    EXPORT_TOP_LEVEL: { visibility: "topLevel" },
    LOCAL_ALL: { visibility: "none" },
    STRICT: { visibility: "strict" }
  }
}

/** Whether a file's syntax is an edition. */
export const isEdition = (edition: Edition): boolean => edition !== "proto2" && edition !== "proto3"

/** What holds in a file that says nothing else. */
export const ofEdition = (edition: Edition): Features => defaults[edition]

/** What is written at one place: the feature's name, and its value where it is a word. */
export const written = (options: ReadonlyArray<Ast.Option>): ReadonlyMap<string, Ast.Value> => {
  const found = new Map<string, Ast.Value>()
  for (const { parts, value } of options) {
    const [first, second] = parts
    if (first?.text !== "features" || first.isExtension) continue
    if (second !== undefined && parts.length === 2 && !second.isExtension) found.set(second.text, value)
    if (second !== undefined || value.kind !== "entries") continue
    for (const entry of value.entries) if (entry.name.kind === "field") found.set(entry.name.text, entry.value)
  }
  return found
}

/** The features of what stands inside `outer` and has these options. */
export const within = (outer: Features, options: ReadonlyArray<Ast.Option>): Features => {
  const found = written(options)
  if (found.size === 0) return outer
  const own = [...found].map(([name, value]) => (value.kind === "word" ? meanings[name]?.[value.text] : undefined))
  return Object.assign({}, outer, ...own)
}
