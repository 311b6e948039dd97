/** Tests wait for counts of messages. Those of quorum queues are as old as this, ms. */
export const QUORUM_COUNT_MS = 200;
