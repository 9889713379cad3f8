/** What an interop test ran, as the cells of a table that it prints. */

export interface Cell {
  readonly row: string
  readonly column: string
  readonly ok: boolean
  /** What stands in the table: "26/26", or what failed. */
  readonly text: string
  /** More lines about a failure, printed under the table. */
  readonly detail?: string | undefined
}

/** A table with a line for each row and a column for each column, in order of appearance. */
export const table = (title: string, cells: ReadonlyArray<Cell>): string => {
  const rows = [...new Set(cells.map((cell) => cell.row))]
  const columns = [...new Set(cells.map((cell) => cell.column))]
  const text = (row: string, column: string) =>
    cells
      .filter((cell) => cell.row === row && cell.column === column)
      .map((cell) => (cell.ok ? cell.text : `FAIL ${cell.text}`))
      .join(", ") || "-"
  const lines = [[title, ...columns], ...rows.map((row) => [row, ...columns.map((column) => text(row, column))])]
  const widths = lines[0]!.map((_, index) => Math.max(...lines.map((line) => line[index]!.length)))
  const rendered = lines.map((line) =>
    line
      .map((field, index) => field.padEnd(widths[index]!))
      .join("  ")
      .trimEnd()
  )
  const failures = cells.filter((cell) => !cell.ok && cell.detail !== undefined)
  return [
    ...rendered,
    ...failures.map((cell) => `FAIL ${cell.row}, ${cell.column}:\n${cell.detail!.replaceAll(/^/gm, "    ")}`)
  ].join("\n")
}
