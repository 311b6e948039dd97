/** One line about an error: its message, or what it is called where the message is empty, as with a failed dual-stack connect. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return error.message.split('\n', 1)[0] || (typeof code === 'string' ? code : error.name);
}
