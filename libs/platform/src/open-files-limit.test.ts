import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { openFilesLimit } from './open-files-limit.js';

it('is the limit that the processes it starts inherit', () => {
  const inherited = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim();
  expect(String(openFilesLimit()).replace('Infinity', 'unlimited')).toBe(inherited);
});
