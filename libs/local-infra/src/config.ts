import path from 'node:path';

/** Homebrew's programs are not on the PATH of processes that no shell started. */
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

/** Folders in which programs are looked for, in order. */
export function searchPath(): string[] {
  const own = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return [...new Set([...own, ...ALSO_LOOKED_IN])];
}

/** The variables a server gets, whatever else the caller's environment holds. */
export function cleanEnvironment(extra: Record<string, string>): Record<string, string> {
  const temporary = process.env['TMPDIR'];
  return {
    PATH: searchPath().join(path.delimiter),
    LANG: 'C.UTF-8',
    ...(temporary && { TMPDIR: temporary }),
    ...extra,
  };
}
