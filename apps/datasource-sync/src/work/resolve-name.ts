import { resolveSparingly } from '@signalbox/network-policy';

/** Resolves the names of sources. All of a worker share it, and its few threads. */
export const resolveName = resolveSparingly({ now: () => performance.now() });
