/** Of a worker, instead of Node's usual four. Half of them may look up names at once, each until silent name servers are given up. */
export const WORKER_THREADS = 16;
