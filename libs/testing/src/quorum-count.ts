/** Tests wait for counts of messages. Those of quorum queues are as old as this, ms. */
export const QUORUM_COUNT_MS = 200;

/** The same at the broker that test files share: it has more than a hundred quorum queues at a time, and each count takes CPU time for each. */
export const SHARED_QUORUM_COUNT_MS = 1_000;
