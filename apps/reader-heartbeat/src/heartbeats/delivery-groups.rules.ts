import type { RawDelivery } from '@signalbox/messaging';

/** Messages that arrive within this time after the first of them get its receive time. */
const SAME_ARRIVAL_MS = 100;
/** About a thousand heartbeats of hosts that publish them in batches: they take some ms. */
const MOST_BYTES = 256 * 1_024;

/**
 * Cuts a batch, in order, into what is handled in one turn of the event loop: what arrived at about the same time, and not too much of it. A batch that
 * collected during a take-over arrived over a longer time; one that collected during a pause can have the heartbeats of tens of thousands of readers.
 */
export function* deliveryGroups<Delivery extends Pick<RawDelivery, 'arrivedAt' | 'content'>>(
  batch: readonly Delivery[],
): Generator<readonly Delivery[], void, undefined> {
  let from = 0;
  let bytes = 0;
  for (const [index, { arrivedAt, content }] of batch.entries()) {
    const isOther = arrivedAt - (batch[from]?.arrivedAt ?? arrivedAt) > SAME_ARRIVAL_MS;
    if (index > from && (isOther || bytes + content.length > MOST_BYTES)) {
      yield batch.slice(from, index);
      from = index;
      bytes = 0;
    }
    bytes += content.length;
  }
  yield from === 0 ? batch : batch.slice(from);
}
