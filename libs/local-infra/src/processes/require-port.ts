import { LocalInfraError } from '../local-infra.error.js';
import { freePort, isPortFree } from './ports.js';

/** The wanted port, or a free one when none is wanted. Throws `port-taken` naming the port. */
export async function requirePort(label: string, wanted: number | undefined): Promise<number> {
  if (wanted === undefined) return freePort();
  if (await isPortFree(wanted)) return wanted;
  throw new LocalInfraError(
    'port-taken',
    `Port ${wanted} of 127.0.0.1, which ${label} is to use, is taken by another process.`,
  );
}
