import { spawnSync } from 'node:child_process';

let found: string | undefined;

/** The Python that has pika and requests, which `npm test` sees to: the system's own, which Debian's packages are for, or any other. */
export function python(): string {
  found ??=
    ['/usr/bin/python3', 'python3'].find(
      (each) => spawnSync(each, ['-c', 'import pika, requests'], { stdio: 'ignore' }).status === 0,
    ) ?? 'python3';
  return found;
}
