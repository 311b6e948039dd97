import { spawnSync } from 'node:child_process';

/** The Python that has pika, which `npm test` sees to: the system's own, which Debian's package is for, or any other. */
export const PYTHON = ['/usr/bin/python3', 'python3'].find((each) => spawnSync(each, ['-c', 'import pika']).status === 0) ?? 'python3';
