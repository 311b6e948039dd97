import { LocalInfraError } from '../local-infra.error.js';
import { freePort, isPortFree } from './ports.js';

/** The wanted port, or a free one if none is given. Throws `port-taken` with the port in the message. */
export async function requirePort(label: string, wanted: number | undefined): Promise<number> {
  if (wanted === undefined) return freePort();
  if (await isPortFree(wanted)) return wanted;
  throw new LocalInfraError(
    'port-taken',
    `Port ${wanted} of 127.0.0.1, configured for ${label}, is taken by another process.`,
  );
}
