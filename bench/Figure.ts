/** One line of the bench's table: what Volant costs, what a peer costs, how they compare, and what the goal is. */

export interface Figure {
  readonly section: Section
  /** What was measured. */
  readonly name: string
  /** Who `peer` is. */
  readonly against: string | undefined
  readonly unit: string
  readonly ours: number
  readonly peer: number | undefined
  /** What goal and stretch bound: ours by the peer's, ours less the peer's, or ours alone. */
  readonly compare: "ratio" | "difference" | "value"
  readonly goal?: number | undefined
  readonly stretch?: number | undefined
}

export const sections = ["server", "client", "codec", "middleware", "memory", "grpc"] as const

export type Section = (typeof sections)[number]

/** What is compared with the goal. */
export const result = ({ compare, ours, peer }: Figure): number =>
  compare === "value" || peer === undefined ? ours : compare === "ratio" ? ours / peer : ours - peer

export type Mark = "stretch" | "goal" | "missed" | ""

/** Which of its bounds a figure holds; "" when it has none. */
export const mark = (figure: Figure): Mark => {
  const reached = result(figure)
  if (figure.stretch !== undefined && reached <= figure.stretch) return "stretch"
  if (figure.goal === undefined) return ""
  return reached <= figure.goal ? "goal" : "missed"
}

const head = ["", "against", "unit", "volant", "peer", "compared", "goal", "stretch", "holds"]

/** The figures as aligned text. */
export const table = (figures: ReadonlyArray<Figure>): string => {
  const rows = [head, ...figures.map(row)]
  const widths = head.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)))
  const line = (cells: ReadonlyArray<string>) =>
    cells.map((cell, column) => (column < 3 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join("  ")
  return [line(head), widths.map((width) => "-".repeat(width)).join("  "), ...rows.slice(1).map(line)].join("\n")
}

const row = (figure: Figure): ReadonlyArray<string> => [
  figure.name,
  figure.against ?? "",
  figure.unit,
  number(figure.ours),
  figure.peer === undefined ? "" : number(figure.peer),
  compared(figure, result(figure)),
  figure.goal === undefined ? "" : `<= ${compared(figure, figure.goal)}`,
  figure.stretch === undefined ? "" : compared(figure, figure.stretch),
  mark(figure)
]

const compared = (figure: Figure, value: number): string => {
  if (figure.compare === "ratio") return `x ${value.toFixed(2)}`
  return figure.compare === "difference" && value >= 0 ? `+${number(value)}` : number(value)
}

const number = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2))
