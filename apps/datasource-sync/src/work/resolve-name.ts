import { resolveInThreads, resolveSparingly } from '@signalbox/network-policy';
import { WORKER_THREADS } from './worker-threads.js';

const threads = WORKER_THREADS / 2;

/** Resolves the names of sources. All of a worker share it, and its few threads. */
export const resolveName = resolveSparingly({ resolve: resolveInThreads({ threads }), now: () => performance.now() });
