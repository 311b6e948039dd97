import { freePort } from '@signalbox/local-infra';

/** A port of 127.0.0.1 that nothing listens on now. */
export const anyFreePort = (): Promise<number> => freePort();
