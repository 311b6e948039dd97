import { resolveInThreads, resolveSparingly } from '@signalbox/network-policy';

/** Of Node's threads, four unless it is started with more. */
const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) / 2;

/** Resolves the names of sources. All of a worker share it, and its few threads. */
export const resolveName = resolveSparingly({ resolve: resolveInThreads({ threads }), now: () => performance.now() });
