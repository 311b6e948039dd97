import { fileURLToPath } from 'node:url';

const knows = (flag: string): boolean => process.allowedNodeEnvironmentFlags.has(flag);

/** Flags of Node for a process that reads only these files and directories, and writes and starts nothing. Connections stay allowed. */
export const permissionFlags = (readable: readonly URL[], { nativeCode }: { nativeCode: boolean }): string[] => [
  // Older versions of Node call it experimental, and warn.
  ...(knows('--permission')
    ? ['--permission']
    : ['--experimental-permission', '--disable-warning=ExperimentalWarning']),
  ...(knows('--allow-net') ? ['--allow-net'] : []),
  // Node warns of it at each start.
  ...(nativeCode ? ['--allow-addons', '--disable-warning=SecurityWarning'] : []),
  ...readable.map((url) => `--allow-fs-read=${patternOf(fileURLToPath(url))}`),
];

const patternOf = (path: string): string => (path.endsWith('/') ? `${path}*` : path);
