import path from 'node:path';

/** Processes that were not started by a shell do not have Homebrew's programs on their PATH. */
const ALSO_LOOKED_IN = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
  '/opt/homebrew/bin',
  '/opt/homebrew/sbin',
];

/** Folders that are searched for programs, in order. */
export function searchPath(): string[] {
  const own = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return [...new Set([...own, ...ALSO_LOOKED_IN])];
}

/** The only variables that a server gets from the caller's environment. */
export function cleanEnvironment(extra: Record<string, string>): Record<string, string> {
  const temporary = process.env['TMPDIR'];
  return {
    PATH: searchPath().join(path.delimiter),
    LANG: 'C.UTF-8',
    ...(temporary && { TMPDIR: temporary }),
    ...extra,
  };
}
