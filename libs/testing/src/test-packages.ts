import { existsSync, readFileSync } from 'node:fs';
import { eventually } from './eventually.js';
import { testPackagesFile } from './config.js';

/** Longer than a slow mirror takes for all of them. */
const TIMEOUT_MS = 600_000;

/**
 * Waits until the programs that npm does not bring (python3-pika, python3-requests, mariadbd, prometheus, chromium) are installed,
 * which `npm test` does while other tests run. Resolves at once where they are expected to be there already.
 * @throws Error what is missing
 */
export async function testPackages(): Promise<void> {
  const file = testPackagesFile();
  if (file === undefined) return;
  await eventually(() => existsSync(file), { timeoutMs: TIMEOUT_MS, everyMs: 200 });
  const missing = readFileSync(file, 'utf8');
  if (missing !== '') throw new Error(missing);
}
