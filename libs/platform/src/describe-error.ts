/**
 * One line about an error: the first line of its message. Where the message is empty, as after a failed connect to a host with
 * several addresses, its code or its name.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return error.message.split('\n', 1)[0] || (typeof code === 'string' ? code : error.name);
}
