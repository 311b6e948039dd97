import { spawnSync } from 'node:child_process';

let found: string | undefined;

/** The Python that has pika, which `npm test` sees to: the system's own, which Debian's package is for, or any other. */
export function python(): string {
  found ??=
    ['/usr/bin/python3', 'python3'].find(
      (each) => spawnSync(each, ['-c', 'import pika'], { stdio: 'ignore' }).status === 0,
    ) ?? 'python3';
  return found;
}
