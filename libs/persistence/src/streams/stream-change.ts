import type { JsonValue } from '@signalbox/platform';

/** One entry of a stream as it is from now on; null removes it. */
export interface StreamChange {
  readonly key: string;
  readonly value: JsonValue | null;
}
