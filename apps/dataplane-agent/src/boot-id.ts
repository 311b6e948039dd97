import { randomUUID } from 'node:crypto';

/** Names this life of the process: a new one replaces it. */
export const bootId = randomUUID();
