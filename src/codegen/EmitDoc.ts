/**
 * Lays out text within a line width, as the formatter of this project would: a group stays on one line when it fits, else
 * all of its own line breaks break.
 *
 * Source: Philip Wadler, "A prettier printer".
 */
export type Doc =
  | string
  | ReadonlyArray<Doc>
  | { readonly kind: "line"; readonly flat: string; readonly hard: boolean }
  | { readonly kind: "indent"; readonly doc: Doc }
  | { readonly kind: "group"; readonly doc: Doc; readonly broken: boolean }
  /** Words that fill lines, like prose. */
  | { readonly kind: "fill"; readonly docs: ReadonlyArray<Doc> }
  | { readonly kind: "ifBroken"; readonly broken: Doc; readonly flat: Doc }

/** A line break, or a space in a group that fits. */
export const line: Doc = { kind: "line", flat: " ", hard: false }
/** A line break, or nothing in a group that fits. */
export const softline: Doc = { kind: "line", flat: "", hard: false }
/** A line break, whatever fits. */
export const hardline: Doc = { kind: "line", flat: "", hard: true }

/** Two columns further in, from the next line break on. */
export const indent = (...doc: ReadonlyArray<Doc>): Doc => ({ kind: "indent", doc })

const isArray = (doc: Doc): doc is ReadonlyArray<Doc> => Array.isArray(doc)

const hasHardline = (doc: Doc): boolean => {
  if (typeof doc === "string") return false
  if (isArray(doc)) return doc.some(hasHardline)
  switch (doc.kind) {
    case "line":
      return doc.hard
    case "indent":
      return hasHardline(doc.doc)
    case "group":
      return doc.broken
    case "fill":
      return doc.docs.some(hasHardline)
    case "ifBroken":
      return false
  }
}

/** On one line where it fits and holds no hard line break. */
export const group = (...doc: ReadonlyArray<Doc>): Doc => ({ kind: "group", doc, broken: hasHardline(doc) })

/** A group that never fits. */
export const brokenGroup = (...doc: ReadonlyArray<Doc>): Doc => ({ kind: "group", doc, broken: true })

/** Documents and separators in turn; a separator breaks where the next document does not fit. */
export const fill = (docs: ReadonlyArray<Doc>): Doc => ({ kind: "fill", docs })

/** One of two, by whether the group around it breaks. */
export const ifBroken = (broken: Doc, flat: Doc): Doc => ({ kind: "ifBroken", broken, flat })

/** With a separator between each two. */
export const join = (docs: ReadonlyArray<Doc>, separator: Doc): Doc =>
  docs.map((doc, index) => (index === 0 ? doc : [separator, doc]))

/** Each on a line of its own. */
export const lines = (docs: ReadonlyArray<Doc>): Doc => join(docs, hardline)

/** `open`, the items one by one or all on a line, `close`. */
export const bracket = (open: string, items: ReadonlyArray<Doc>, close: string, space: Doc = softline): Doc =>
  items.length === 0 ? open + close : group(open, indent(space, join(items, [",", line])), space, close)

/** Types of a union, each on a line of its own where they do not fit. */
export const unionOf = (types: ReadonlyArray<Doc>): Doc =>
  types.length === 1 ? types[0]! : group(ifBroken("| ", ""), join(types, [line, "| "]))

/** The columns of a line. */
export const width = 120

/**
 * A call whose last argument, an object literal, hugs the parentheses where its head fits on a line that starts `indented`
 * columns in; else each argument has lines of its own.
 */
export const hugging = (
  indented: number,
  callee: string,
  others: ReadonlyArray<string>,
  properties: ReadonlyArray<Doc>,
  end = ""
): Doc => {
  const head = `${callee}(${others.map((each) => `${each}, `).join("")}{`
  if (indented + head.length <= width) return block(head, properties, `})${end}`, ",")
  const args = [...others, block("{", properties, "}", ",")]
  return [`${callee}(`, indent(hardline, join(args, [",", hardline])), hardline, `)${end}`]
}

/** `head: A | B`, of a variable or property. */
export const typed = (head: string, types: ReadonlyArray<Doc>): Doc =>
  types.length === 1
    ? [`${head}: `, types[0]!]
    : group(`${head}:`, indent(line, ifBroken("| ", ""), join(types, [line, "| "])))

/** A function's name, parameters and return type: the parameters break first. */
export const signature = (name: string, parameters: ReadonlyArray<Doc>, returns: Doc): Doc =>
  group(name, "(", indent(softline, join(parameters, [",", line])), softline, "): ", returns)

/** `open`, the items each on a line of its own, `close`. */
export const block = (open: Doc, items: ReadonlyArray<Doc>, close: Doc, separator = ""): Doc =>
  items.length === 0
    ? [open, close]
    : brokenGroup(open, indent(hardline, join(items, [separator, hardline])), hardline, close)

interface Command {
  readonly indent: number
  readonly flat: boolean
  readonly doc: Doc
}

/** Whether a command fits into what is left of the line, together with what follows it up to the next line break. */
const fits = (first: Command, rest: ReadonlyArray<Command>, width: number): boolean => {
  const stack: Array<Command> = [first]
  let left = width
  let next = rest.length
  while (left >= 0) {
    let command = stack.pop()
    if (command === undefined) {
      if (next === 0) return true
      command = rest[--next]!
    }
    const { doc, flat, indent } = command
    if (typeof doc === "string") left -= doc.length
    else if (isArray(doc)) for (let i = doc.length - 1; i >= 0; i--) stack.push({ indent, flat, doc: doc[i]! })
    else if (doc.kind === "line") {
      if (doc.hard || !flat) return true
      left -= doc.flat.length
    } else if (doc.kind === "fill") stack.push({ indent, flat, doc: doc.docs })
    else if (doc.kind === "ifBroken") stack.push({ indent, flat, doc: flat ? doc.flat : doc.broken })
    else if (doc.kind === "group") stack.push({ indent, flat: flat && !doc.broken, doc: doc.doc })
    else stack.push({ indent, flat, doc: doc.doc })
  }
  return false
}

class Printer {
  readonly width: number
  readonly stack: Array<Command> = []
  readonly done: Array<string> = []
  current = ""

  constructor(width: number) {
    this.width = width
  }

  write(text: string): void {
    this.current += text
  }

  newline(indent: number): void {
    this.done.push(this.current.trimEnd())
    this.current = " ".repeat(indent)
  }

  fill(command: Command, docs: ReadonlyArray<Doc>): void {
    const [first, separator, ...others] = docs
    if (first === undefined) return
    const { indent } = command
    if (separator !== undefined) {
      const next: Command = { indent, flat: true, doc: [separator, others[0] ?? ""] }
      const isRoom = fits({ ...next, doc: [first, next.doc] }, [], this.width - this.current.length)
      this.stack.push({ indent, flat: false, doc: fill(others) })
      this.stack.push({ indent, flat: isRoom, doc: separator })
    }
    this.stack.push({ indent, flat: true, doc: first })
  }

  step({ doc, flat, indent }: Command): void {
    if (typeof doc === "string") return this.write(doc)
    if (isArray(doc)) {
      for (let i = doc.length - 1; i >= 0; i--) this.stack.push({ indent, flat, doc: doc[i]! })
      return
    }
    switch (doc.kind) {
      case "line":
        return flat && !doc.hard ? this.write(doc.flat) : this.newline(indent)
      case "indent":
        this.stack.push({ indent: indent + 2, flat, doc: doc.doc })
        return
      case "group": {
        const asOneLine: Command = { indent, flat: true, doc: doc.doc }
        const isFlat = !doc.broken && (flat || fits(asOneLine, this.stack, this.width - this.current.length))
        this.stack.push(isFlat ? asOneLine : { indent, flat: false, doc: doc.doc })
        return
      }
      case "fill":
        return this.fill({ indent, flat, doc }, doc.docs)
      case "ifBroken":
        this.stack.push({ indent, flat, doc: flat ? doc.flat : doc.broken })
    }
  }
}

/** The text of a document, lines of at most `width` columns where that can be. */
export const print = (doc: Doc, width: number): string => {
  const printer = new Printer(width)
  printer.stack.push({ indent: 0, flat: false, doc })
  for (let command = printer.stack.pop(); command !== undefined; command = printer.stack.pop()) printer.step(command)
  return [...printer.done, printer.current.trimEnd()].join("\n")
}
