/** Says on standard error what is being measured: in place on a terminal, and not at all elsewhere. */
export const progress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}
