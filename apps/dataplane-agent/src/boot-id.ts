import { randomUUID } from 'node:crypto';

/** Names this incarnation of the agent; a new one replaces it. */
export const bootId = randomUUID();
